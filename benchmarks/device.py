"""`python -m benchmarks.device` computes the same on the CPU and on a graphics card, and compares.

For each kind of computation it prints the time on the CPU by that on the device, and the largest
difference of the two answers, as a share of the CPU's largest number, against the most that is
allowed. Another device adds up in another order: logits differ by roundings. A gradient jumps where
a unit is on or off by no more than that. What follows gradients for many steps goes another way, so
that only where it arrives is compared.
"""

import argparse
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import TypeVar

import torch
from torch import Tensor

from cnnviz.activations.read import read_activations
from cnnviz.activations.strongest_maps import read_strongest
from cnnviz.activations.top_patches import find_peaks
from cnnviz.adversarial.craft import AttackOptions, attack_image
from cnnviz.adversarial.craft import Method as AttackMethod
from cnnviz.adversarial.lbfgs import attack_by_lbfgs
from cnnviz.adversarial.pixel_space import make_logits, to_values
from cnnviz.attribution.attribute import Method, Options, attribute, find_last_maps, find_obstacle
from cnnviz.attribution.baselines import make_baseline
from cnnviz.attribution.checks.faithfulness import measure_faithfulness
from cnnviz.attribution.checks.randomization import cascade
from cnnviz.attribution.checks.sensitivity import measure_infidelity
from cnnviz.attribution.occlusion.cover import OcclusionOptions, compute_occlusion
from cnnviz.attribution.occlusion.strongest import follow_strongest_map
from cnnviz.cache import forget_everywhere
from cnnviz.comparison import follow_corruption
from cnnviz.device import CPU, choose_device, compute_on
from cnnviz.errors import CNNVizError
from cnnviz.feature_visualization.ascent import ascend
from cnnviz.feature_visualization.direct import PixelGenomes
from cnnviz.feature_visualization.dream import DreamSettings, dream, list_dream_layers
from cnnviz.feature_visualization.evolution import evolve
from cnnviz.feature_visualization.regularizers import PRESETS, Preset
from cnnviz.feature_visualization.targets import target_class
from cnnviz.images.corruptions import Corruption
from cnnviz.images.image import CheckedImage, Pixels
from cnnviz.images.samples import load_image
from cnnviz.jobs.packing import pack, unpack
from cnnviz.labs.lesions import NETWORKS, chain_network, find_shares, measure_lesions
from cnnviz.labs.normalization import fuse_network, list_batch_layers, predict_in_training
from cnnviz.labs.transfer.features import read_features
from cnnviz.labs.transfer.fine_tuning import Training, fine_tune
from cnnviz.labs.transfer.sets import load_transfer_set
from cnnviz.networks.graph.layer_facts import describe_layers
from cnnviz.networks.load import LoadedModel, load_model, predict
from cnnviz.receptive_fields.effective import WeightSource, compute_effective_field
from cnnviz.shape_texture.style import choose_style, transfer_style

T = TypeVar("T")

# Shares of the largest number.
ROUNDING, GRADIENT, ARRIVAL = 1e-3, 0.1, 0.1
_BRIEF = Options(steps=8, samples=4, segments=8, permutations=1, covers=16)
_STEPS = 4


@dataclass(frozen=True, slots=True)
class Case:
    """A network and an image.

    Attributes:
        model: The network.
        image: What it is shown.
        x: The same as its input, (1, C, H, W).
        target: A class.
    """

    model: LoadedModel
    image: CheckedImage
    x: Tensor
    target: int

    @property
    def seen(self) -> Pixels:
        """What the network sees of the image."""
        return self.model.spec.preprocessing.view(self.x)


@dataclass(frozen=True, slots=True)
class Computation:
    """A kind of computation.

    Attributes:
        name: What it is, for people.
        run: Computes it.
        allowed: The most that two devices may differ, as a share of the largest number.
    """

    name: str
    run: Callable[[Case], Tensor]
    allowed: float


@dataclass(frozen=True, slots=True)
class Row:
    """How one computation compares.

    Attributes:
        name: Of the computation.
        ratio: Time on the CPU by time on the device.
        difference: As a share of the largest number.
        allowed: The most that it may be.
    """

    name: str
    ratio: float
    difference: float
    allowed: float


def list_computations(model: LoadedModel) -> Iterator[Computation]:
    """List what can be computed with a network."""
    yield Computation("predictions", lambda case: predict(case.model, case.x).logits, ROUNDING)
    yield Computation("activations of all layers", _read_all, ROUNDING)
    yield Computation("strongest maps", _read_strongest, ROUNDING)
    yield Computation("strongest cells", _find_peaks, ROUNDING)
    yield Computation("receptive fields, tried out", _probe, ROUNDING)
    for method in Method:
        if find_obstacle(model, method) is None:
            yield Computation(method, partial(_attribute, method=method), GRADIENT)
    yield Computation("faithfulness and infidelity", _check_map, GRADIENT)
    yield Computation("random weights", _randomize, GRADIENT)
    yield Computation("occlusion", _occlude, ROUNDING)
    yield Computation("strongest map under occlusion", _follow_strongest, ROUNDING)
    for weights in WeightSource:
        name = f"effective field, {weights} weights"
        yield Computation(name, partial(_measure_field, weights=weights), GRADIENT)
    for attack in AttackMethod:
        yield Computation(attack, partial(_attack, method=attack), ARRIVAL)
    yield Computation("feature visualization", _ascend, ARRIVAL)
    yield Computation("DeepDream", _dream, ARRIVAL)
    yield Computation("evolution", _evolve, ARRIVAL)
    yield Computation("corruptions", _corrupt, ROUNDING)
    if model.spec.preprocessing.shape[0] == 3:
        yield Computation("style transfer", _transfer_style, ARRIVAL)
        yield Computation("fine-tuning", _fine_tune, ARRIVAL)
    if list_batch_layers(model.module):
        yield Computation("fused normalization", _fuse, ROUNDING)
        yield Computation("normalization in training", _predict_in_training, ROUNDING)
    if model.spec.name in NETWORKS:
        yield Computation("blocks left out", _leave_out, ROUNDING)


def _read_all(case: Case) -> Tensor:
    layers = tuple(layer.name for layer in case.model.graph.layers)
    found = read_activations(case.model, case.x, layers=layers)
    return _join(value / value.abs().max().clamp(min=1e-6) for value in found.values())


def _read_strongest(case: Case) -> Tensor:
    layers = [layer.name for layer in case.model.graph.layers]
    found = read_strongest(case.model, case.x, layers=layers, count=1)
    scales = [maps.scale for maps in found.maps.values()]
    return _join([found.prediction.logits, torch.tensor(scales)])


def _find_peaks(case: Case) -> Tensor:
    return find_peaks(case.model, [case.image], layer=find_last_maps(case.model)).values


def _probe(case: Case) -> Tensor:
    facts = describe_layers(case.model.graph).values()
    return torch.tensor([fact.field.size for fact in facts if fact.field]).float()


def _attribute(case: Case, *, method: Method) -> Tensor:
    made = attribute(case.model, case.x, method=method, target=case.target, options=_BRIEF)
    return made.values


def _check_map(case: Case) -> Tensor:
    model, x, target = case.model, case.x, case.target
    baseline = make_baseline(model, x, baseline=_BRIEF.baseline)
    made = attribute(model, x, method=Method.SALIENCY, target=target)
    curves = measure_faithfulness(
        model, x, made.values, target=target, baseline=baseline, steps=_STEPS
    )
    infidelity = measure_infidelity(model, x, made, target=target, baseline=baseline)
    return _join([curves.deletion, curves.insertion, torch.tensor([infidelity])])


def _randomize(case: Case) -> Tensor:
    def make(changed: LoadedModel) -> Tensor:
        return attribute(changed, case.x, method=Method.GRAD_CAM, target=case.target).values

    return [stage.maps["map"] for stage in cascade(case.model, {"map": make}, stages=2)][1]


def _occlude(case: Case) -> Tensor:
    return compute_occlusion(case.model, case.x, options=_choose_squares(case)).logits


def _follow_strongest(case: Case) -> Tensor:
    covered = compute_occlusion(case.model, case.x, options=_choose_squares(case))
    layer = find_last_maps(case.model)
    return _last(follow_strongest_map(case.model, case.x, covered, layer=layer))[1].sums


def _choose_squares(case: Case) -> OcclusionOptions:
    side = case.x.shape[2] // 4
    return OcclusionOptions(patch=side, stride=side)


def _measure_field(case: Case, *, weights: WeightSource) -> Tensor:
    layer = find_last_maps(case.model)
    return compute_effective_field(case.model, layer=layer, weights=weights, samples=2).energy


def _attack(case: Case, *, method: AttackMethod) -> Tensor:
    logits_of, start = make_logits(case.model), to_values(case.seen)
    if method is AttackMethod.LBFGS:
        changed = attack_by_lbfgs(logits_of, start, target=0, weight=1.0, iterations=2)
        return logits_of(changed).detach()
    options = AttackOptions(method=method, steps=_STEPS)
    return attack_image(case.model, case.seen, epsilon=2.0, options=options).unrounded.logits


def _ascend(case: Case) -> Tensor:
    target, settings = target_class(case.model.graph, case.target), PRESETS[Preset.OLAH]
    return _last(ascend(case.model, target, settings=settings, steps=_STEPS, count=2)).scores


def _dream(case: Case) -> Tensor:
    layer = list_dream_layers(case.model.graph)[0].name
    settings = DreamSettings(side=64, octaves=1, steps=_STEPS)
    made = _last(dream(case.model, case.image.pixels, layer=layer, settings=settings))
    return torch.tensor(made.curve)


def _evolve(case: Case) -> Tensor:
    genomes = PixelGenomes(case.model.spec.preprocessing.shape)
    found = _last(evolve(case.model, genomes, [case.target], generations=1))
    return torch.tensor([elite.odds for elite in found.champions])


def _corrupt(case: Case) -> Tensor:
    found = follow_corruption(case.model, case.image, Corruption.NOISE)
    return torch.tensor(found.probabilities)


def _transfer_style(case: Case) -> Tensor:
    options = replace(choose_style(case.model.graph), steps=_STEPS)
    seen = case.seen[None]
    made = _last(transfer_style(case.model, seen, seen[:, ::-1].copy(), options=options))
    return torch.tensor([*made.content, *made.style])


def _fine_tune(case: Case) -> Tensor:
    found = load_transfer_set("digits")
    features = _last(read_features(case.model, found, train=1, test=1))[2]
    steps = fine_tune(case.model, features, training=Training.ALL, epochs=1, rate=0.001)
    return _join(unpack(pack(_last(steps)[2])).state.values())


def _fuse(case: Case) -> Tensor:
    found = fuse_network(case.model, case.x, runs=1)
    return torch.tensor([found.largest, found.largest + found.difference])


def _predict_in_training(case: Case) -> Tensor:
    return predict_in_training(case.model, torch.cat([case.x, case.x.flip(3)]))


def _leave_out(case: Case) -> Tensor:
    chained = chain_network(case.model, off=["conv3.b"], inserted=1)
    lesions = next(measure_lesions(case.model, case.x))  # without the first block
    return _join([find_shares(chained, case.x), torch.tensor(lesions.shares)])


def _join(values: Iterable[Tensor]) -> Tensor:
    return torch.cat([value.flatten() for value in values])


def _last(values: Iterable[T]) -> T:
    *_, last = values
    return last


def compare_devices(
    network: str, image: CheckedImage, device: torch.device, *, kinds: Sequence[str] = ()
) -> Iterator[Row]:
    """Compute on the CPU and then on a device.

    Args:
        network: Name in the registry.
        image: What it is shown.
        device: The other device.
        kinds: Names of computations; none for all.
    """
    here = _compute_all(network, image, CPU, kinds)
    there = _compute_all(network, image, device, kinds)
    for (one, result, seconds), (_, other, other_seconds) in zip(here, there, strict=True):
        difference = float((other - result).abs().max() / result.abs().max())
        yield Row(one.name, seconds / other_seconds, difference, one.allowed)


def _compute_all(
    network: str, image: CheckedImage, device: torch.device, kinds: Sequence[str]
) -> list[tuple[Computation, Tensor, float]]:
    """Compute on a device; return the results and how long each took."""
    compute_on(device)
    forget_everywhere(network)
    model = load_model(network)
    x = model.spec.preprocessing.prepare(image.pixels)
    case = Case(model, image, x, target=predict(model, x).ranking[0])
    found = []
    for one in list_computations(model):
        if kinds and one.name not in kinds:
            continue
        begun = time.perf_counter()
        found.append((one, one.run(case), time.perf_counter() - begun))
    return found


def main() -> None:
    """Compare the networks that are named."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.device", description=__doc__)
    parser.add_argument("networks", nargs="*", default=["resnet64", "efficientnet_lite0"])
    parser.add_argument("--device", default="auto", help="auto (default), cuda, cuda:1, mps")
    options = parser.parse_args()
    try:
        device = choose_device(options.device, setting="--device")
    except CNNVizError as error:
        sys.exit(str(error))
    if device == CPU:
        print("This machine has no graphics card that torch can compute on.")
        return
    torch.set_num_threads(1)  # as the worker does
    for name in options.networks:
        image = load_image("astronaut")
        print(name)
        print(f"{'':36}{'CPU by device':>14}{'difference':>12}{'allowed':>10}")
        for row in compare_devices(name, image, device):
            note = "" if row.difference <= row.allowed else "  too much"
            print(
                f"{row.name:36}{row.ratio:14.1f}{row.difference:12.1e}{row.allowed:10.0e}{note}",
                flush=True,
            )


if __name__ == "__main__":
    main()

"""`python -m benchmarks.synthesis` makes the same images with CNNViz and with torch-lucent.

Same network, objective, steps, size and start; on each, frequencies with independent colours,
jitter, scaling and rotation, on one thread, in turns. Printed are both medians and their ratio.
torch-lucent is no requirement of the app or its tests: `pip install torch-lucent`.
"""

import argparse
import importlib
import statistics
import time
from collections.abc import Callable
from typing import Any

import torch
from torch import nn

from cnnviz.feature_visualization.ascent import ascend
from cnnviz.feature_visualization.growth import predict_pixels
from cnnviz.feature_visualization.pixel_scale import to_pixels
from cnnviz.feature_visualization.regularizers import PRESETS, Preset
from cnnviz.feature_visualization.targets import Target, TargetKind
from cnnviz.networks.load import LoadedModel, load_model
from cnnviz.networks.zoo.torchvision_import import import_torchvision


def main() -> None:
    """Measure and print, a row a target."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.synthesis", description=__doc__)
    parser.add_argument("network", nargs="?", default="alexnet64")
    parser.add_argument("--steps", type=int, default=128)
    parser.add_argument("--rounds", type=int, default=5)
    given = parser.parse_args()
    torch.set_num_threads(1)
    import_torchvision("transforms")  # before lucent, which imports it plainly
    importlib.import_module("lucent.optvis.render")  # so that no round pays for it
    model = load_model(given.network)
    side = model.spec.preprocessing.shape[1]
    last = model.graph.layers[-1].name
    middle = [
        layer.name
        for layer in model.graph.layers
        if layer.is_spatial and isinstance(layer.module, nn.Conv2d)
    ]
    print(f"{model.spec.title}, {given.steps} steps at {side}×{side}, {given.rounds} rounds")
    targets = (
        ("a class", TargetKind.LOGIT, last),
        ("a channel halfway", TargetKind.CHANNEL, middle[len(middle) // 2]),
    )
    for title, kind, layer in targets:
        target = Target(kind=kind, layer=layer, channel=1)
        ours: list[float] = []
        theirs: list[float] = []
        for _ in range(given.rounds):
            ours.append(_time(_make_ours, model, target, given.steps))
            theirs.append(_time(_make_theirs, model, target, given.steps))
        own, other = statistics.median(ours), statistics.median(theirs)
        print(
            f"{title:<20} CNNViz {own:.2f} s   lucent {other:.2f} s   ratio {own / other:.2f}",
            flush=True,
        )
        if kind is TargetKind.LOGIT:
            _print_reading(model, target, given.steps)


def _time(work: Callable[..., Any], *given: Any) -> float:
    began = time.perf_counter()
    work(*given)
    return time.perf_counter() - began


def _make_ours(model: LoadedModel, target: Target, steps: int) -> torch.Tensor:
    for moment in ascend(model, target, settings=PRESETS[Preset.OLAH], steps=steps):
        last = moment.images
    return last


def _make_theirs(model: LoadedModel, target: Target, steps: int) -> torch.Tensor:
    from lucent.optvis import objectives, param, render, transform

    side = model.spec.preprocessing.shape[1]
    # A network of its own: lucent hooks every module and never takes its hooks away.
    layer = str(
        next(
            node.target
            for node in model.graph.traced.graph.nodes
            if node.name == target.layer and node.op == "call_module"
        )
    ).replace(".", "_")
    (image,) = render.render_vis(
        _copy(model),
        objectives.channel(layer, target.channel),
        param_f=lambda: param.image(side, fft=True, decorrelate=True),
        transforms=[
            transform.jitter(4),
            transform.random_scale([0.9, 0.95, 1.0, 1.05, 1.1]),
            transform.random_rotate(list(range(-10, 11))),
        ],
        thresholds=(steps,),
        fixed_image_size=side,
        progress=False,
        show_image=False,
    )
    return torch.from_numpy(image).permute(0, 3, 1, 2)  # (1, H, W, 3) -> (1, 3, H, W)


def _copy(model: LoadedModel) -> nn.Module:
    module = model.spec.build()
    module.load_state_dict(model.module.state_dict())
    return module.eval().requires_grad_(requires_grad=False)


def _print_reading(model: LoadedModel, target: Target, steps: int) -> None:
    """What the network says of both images, 8 bits each."""
    for name, make in (("CNNViz", _make_ours), ("lucent", _make_theirs)):
        (said,) = predict_pixels(model, to_pixels(make(model, target, steps)))
        print(
            f"{'':<20} {name}: logit {float(said.logits[target.channel]):.1f}, probability "
            f"{100 * float(said.probabilities[target.channel]):.2f} %"
        )


if __name__ == "__main__":
    main()

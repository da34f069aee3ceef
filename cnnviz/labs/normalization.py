"""Batch, layer, instance and group normalization of real activations.

Sources: S. Ioffe, C. Szegedy, "Batch normalization", ICML 2015; Y. Wu, K. He, "Group
normalization", ECCV 2018, equations 1 to 6.
"""

import copy
import statistics
import time
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

import torch
from torch import Tensor, fx, nn
from torch.nn.utils.fusion import fuse_conv_bn_eval

from cnnviz.adversarial.linear.data import load_written_digits
from cnnviz.device import add_transfers
from cnnviz.errors import NetworkError
from cnnviz.labs.training import Learner, draw_batches, judge, train_together
from cnnviz.networks.graph.layers import Graph
from cnnviz.networks.load import LoadedModel

EPSILON = 1e-5  # PyTorch's, added to each variance


class Normalization(StrEnum):
    """Which values share a mean and a variance."""

    BATCH = "batch"
    LAYER = "layer"
    INSTANCE = "instance"
    GROUP = "group"


@dataclass(frozen=True, slots=True, eq=False)
class Normalized:
    """Activations before and after normalization.

    Attributes:
        kind: How.
        groups: Groups of channels within which the mean is taken: 1 for layer normalization, C for
            batch and instance normalization.
        values: Before, (N, C, H, W).
        mean: (N or 1, groups).
        variance: Biased, (N or 1, groups).
        scaled: (values − mean) / √(variance + ε), (N, C, H, W).
    """

    kind: Normalization
    groups: int
    values: Tensor
    mean: Tensor
    variance: Tensor
    scaled: Tensor

    def find_place(self, image: int, channel: int) -> tuple[int, int]:
        """Return which mean belongs to a channel of an image: its place in `mean`."""
        row = 0 if self.kind is Normalization.BATCH else image
        return row, channel * self.groups // self.values.shape[1]

    def find_statistics(self, image: int, channel: int) -> tuple[float, float]:
        """Return μ and √(σ² + ε) of a channel of an image."""
        place = self.find_place(image, channel)
        return float(self.mean[place]), float((self.variance[place] + EPSILON).sqrt())

    def find_shared(self, image: int, channel: int) -> Tensor:
        """Return which maps share their mean with one of them, bool (N, C)."""
        images, channels = self.values.shape[:2]
        same = torch.arange(channels) * self.groups // channels
        is_image = torch.arange(images) == image
        if self.kind is Normalization.BATCH:
            is_image[:] = True
        return is_image[:, None] & (same == same[channel])[None]

    def scale(self, gamma: float, beta: float) -> Tensor:
        """Return γ·x̂ + β, (N, C, H, W)."""
        return gamma * self.scaled + beta


def list_groups(channels: int) -> list[int]:
    """Return the numbers of groups into which channels can be divided evenly."""
    return [count for count in range(1, channels + 1) if channels % count == 0]


def normalize(values: Tensor, *, kind: Normalization, groups: int = 1) -> Normalized:
    """Normalize activations.

    Args:
        values: (N, C, H, W), or (N, D) of a fully connected layer, which counts as (N, D, 1, 1).
        kind: Which values share a mean.
        groups: Of group normalization; a divisor of C.

    Raises:
        ValueError: C cannot be divided into so many groups.
    """
    values = values.reshape(*values.shape, 1, 1) if values.ndim == 2 else values
    images, channels, height, width = values.shape
    count = {Normalization.LAYER: 1, Normalization.GROUP: groups}.get(kind, channels)
    if count < 1 or channels % count:
        raise ValueError(f"{channels} channels cannot be divided into {count} groups.")
    folded = values.reshape(images, count, channels // count * height * width)
    axes = (0, 2) if kind is Normalization.BATCH else (2,)
    variance, mean = torch.var_mean(folded, dim=axes, correction=0, keepdim=True)
    scaled = (folded - mean) / (variance + EPSILON).sqrt()
    return Normalized(
        kind=kind,
        groups=count,
        values=values,
        mean=mean[..., 0],
        variance=variance[..., 0],
        scaled=scaled.reshape(values.shape),
    )


@dataclass(frozen=True, slots=True, eq=False)
class RunningMean:
    """A channel's mean in training, batch by batch, and what evaluation will use.

    Attributes:
        batches: Mean of each batch, (steps,).
        running: The moving average after each batch, (steps,); it begins at 0, as PyTorch's does.
        whole: Mean over all images.
    """

    batches: Tensor
    running: Tensor
    whole: float


def follow_mean(
    values: Tensor, *, batch: int, momentum: float, steps: int, seed: int = 0
) -> RunningMean:
    """Follow the moving average of a channel over random batches of images.

    Args:
        values: One channel of each image, (M, H, W).
        batch: Images a batch, drawn without putting back.
        momentum: Weight of the new batch, PyTorch's convention: 0.1 keeps 0.9 of the old average.
        steps: How many batches.
        seed: Of the draw.
    """
    dice = torch.Generator().manual_seed(seed)
    means = values.flatten(1).mean(dim=1)  # (M, H, W) -> (M,)
    picks = [torch.randperm(len(means), generator=dice)[:batch] for _ in range(steps)]
    batches = torch.stack([means[pick].mean() for pick in picks])
    average, running = torch.zeros(()), []
    for mean in batches:
        average = (1 - momentum) * average + momentum * mean
        running.append(average)
    return RunningMean(batches, torch.stack(running), float(means.mean()))


def predict_in_training(model: LoadedModel, x: Tensor) -> Tensor:
    """Return the probabilities of a network whose batch normalization was left in training mode.

    The network itself is not changed; dropout stays off, so that nothing else differs.

    Args:
        model: The network.
        x: A batch, (N, C, H, W).

    Returns:
        (N, classes).

    Raises:
        NetworkError: It has no batch normalization, or a channel has one value in this batch.
    """
    module = copy.deepcopy(model.module)
    layers = list_batch_layers(module)
    if not layers:
        raise NetworkError(f"{model.spec.title} has no batch normalization.")
    for layer in layers:
        layer.train()
    try:
        with torch.no_grad():
            probabilities: Tensor = module(x).softmax(dim=1)
    except ValueError as error:  # torch: more than 1 value per channel is expected
        raise NetworkError(
            "A channel has only one value in this batch, so its variance is 0. Use more images."
        ) from error
    return probabilities


def list_batch_layers(module: nn.Module) -> list[nn.Module]:
    """Return the batch normalizations of a network."""
    kinds = (nn.BatchNorm1d, nn.BatchNorm2d, nn.BatchNorm3d)
    return [layer for layer in module.modules() if isinstance(layer, kinds)]


@dataclass(frozen=True, slots=True, eq=False)
class Fused:
    """A network with batch normalization fused into its convolutions.

    Attributes:
        before: Batch normalizations of the network.
        after: Those that are left: they follow no convolution.
        difference: The largest difference of two logits.
        largest: The largest logit, to compare it with.
        seconds: Of a forward pass before, median.
        fused_seconds: Of a forward pass after, median.
    """

    before: int
    after: int
    difference: float
    largest: float
    seconds: float
    fused_seconds: float


def fuse_network(model: LoadedModel, x: Tensor, *, runs: int = 7) -> Fused:
    """Fuse batch normalization into the convolutions before it, and compare.

    In evaluation each is one scale and one shift a channel: w' = γw/σ, b' = γ(b − μ)/σ + β.

    Args:
        model: The network.
        x: An input, (1, C, H, W).
        runs: Forward passes that are timed, in turn.

    Raises:
        NetworkError: It has no batch normalization.
    """
    before = len(list_batch_layers(model.module))
    if not before:
        raise NetworkError(f"{model.spec.title} has no batch normalization.")
    fused = _fuse(model.graph)
    times: tuple[list[float], list[float]] = ([], [])
    with torch.no_grad():
        logits, again = model.module(x), fused(x)
        for _ in range(runs):
            for module, taken in zip((model.module, fused), times, strict=True):
                begin = time.perf_counter()
                module(x)
                taken.append(time.perf_counter() - begin)
    return Fused(
        before=before,
        after=len(list_batch_layers(fused)),
        difference=float((logits - again).abs().max()),
        largest=float(logits.abs().max()),
        seconds=statistics.median(times[0]),
        fused_seconds=statistics.median(times[1]),
    )


def _fuse(graph: Graph) -> fx.GraphModule:
    traced = copy.deepcopy(graph.traced)
    layers = dict(traced.named_modules())
    for node in list(traced.graph.nodes):
        layer = layers.get(str(node.target)) if node.op == "call_module" else None
        if not isinstance(layer, nn.BatchNorm2d):
            continue
        source = node.args[0]
        convolution = layers.get(str(source.target))
        if isinstance(convolution, nn.Conv2d) and len(source.users) == 1:
            traced.set_submodule(str(source.target), fuse_conv_bn_eval(convolution, layer))
            node.replace_all_uses_with(source)
            traced.graph.erase_node(node)
    traced.delete_all_unused_submodules()
    traced.recompile()
    return add_transfers(traced)


RACE_STEPS = 200
_LAYERS, _CHANNELS, _BATCH, _LOOKS = 6, 16, 64, 10
_JUDGED = 256  # training images whose loss is looked at


@dataclass(frozen=True, slots=True, eq=False)
class Race:
    """Two networks that learn the same digits, one with batch normalization.

    Attributes:
        steps: Training steps at which both were looked at.
        losses: Training loss of each, (looks,): without, then with batch normalization.
        accuracies: Held-out accuracy of each, 0 to 1, (looks,).
    """

    steps: list[int]
    losses: tuple[list[float], list[float]]
    accuracies: tuple[list[float], list[float]]


def race_networks(*, rate: float, seed: int = 0) -> Iterator[tuple[float, str, Race]]:
    """Train two small networks side by side on scikit-learn's digits with plain SGD.

    Both begin with the same weights and see the same batches.

    Args:
        rate: Learning rate of both.
        seed: Of weights and batches.

    Yields:
        The share done, what is done, and the curves so far.
    """
    data = load_written_digits()
    train, test = (rows.reshape(-1, 1, *data.shape) for rows in (data.train, data.test))
    networks = [_build(is_normalized=is_normalized, seed=seed) for is_normalized in (False, True)]
    learners = [Learner(one, torch.optim.SGD(one.parameters(), lr=rate)) for one in networks]
    race = Race([], ([], []), ([], []))
    batches = draw_batches(train, data.train_labels, batch=_BATCH, steps=RACE_STEPS, seed=seed)
    for step in train_together(learners, batches):
        if step == 1 or (step and step % _LOOKS == 0):
            race.steps.append(step)
            for place, network in enumerate(networks):
                loss, _ = judge(network, train[:_JUDGED], data.train_labels[:_JUDGED])
                race.losses[place].append(loss)
                race.accuracies[place].append(judge(network, test, data.test_labels)[1])
            yield step / RACE_STEPS, f"step {step} of {RACE_STEPS}", copy.deepcopy(race)


def _build(*, is_normalized: bool, seed: int) -> nn.Sequential:
    """Six 3×3 convolutions and a linear layer; the same first weights with and without."""
    dice = torch.Generator().manual_seed(seed)
    layers: list[nn.Module] = []
    for place in range(_LAYERS):
        convolution = nn.Conv2d(1 if place == 0 else _CHANNELS, _CHANNELS, 3, padding=1)
        layers.append(convolution)
        layers += [nn.BatchNorm2d(_CHANNELS)] if is_normalized else []
        layers.append(nn.ReLU())
    layers += [nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(_CHANNELS, 10)]
    for layer in layers:
        if isinstance(layer, (nn.Conv2d, nn.Linear)):
            nn.init.kaiming_uniform_(layer.weight, a=5**0.5, generator=dice)  # PyTorch's default
            nn.init.constant_(layer.get_parameter("bias"), 0.0)
    return nn.Sequential(*layers)

"""The effective receptive field: which input pixels really move a cell, and by how much.

The theoretical field says which pixels can move a cell. The gradient of the cell with respect to
the input says how much each does; its size, averaged over random inputs, is the effective field. In
a deep stack it is a Gaussian that grows with the square root of the depth, while the theoretical
field grows with the depth.

Source: Luo, Li, Urtasun and Zemel 2016, "Understanding the effective receptive field in deep
convolutional neural networks", NeurIPS.
"""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum

import torch
from torch import Tensor, fx, nn

from cnnviz.activations.read import build_reader
from cnnviz.attribution.checks.randomization import copy_model, draw_weights
from cnnviz.attribution.methods.gradients import Report, ignore_progress
from cnnviz.errors import NetworkError
from cnnviz.networks.graph.layers import Graph
from cnnviz.networks.load import LoadedModel
from cnnviz.receptive_fields.theoretical import Patch, trace_patches

_NORMALIZATIONS = (nn.BatchNorm1d, nn.BatchNorm2d, nn.InstanceNorm2d, nn.LayerNorm, nn.GroupNorm)
_BATCH = 4
_DRAWS = 8


class Measure(StrEnum):
    """How gradients of either sign are averaged."""

    SQUARES = "squares"
    ABSOLUTE = "absolute values"


class WeightSource(StrEnum):
    """Whose weights the gradient goes through."""

    TRAINED = "trained"
    RANDOM = "random"


@dataclass(frozen=True, slots=True, eq=False)
class EffectiveField:
    """How much each input pixel moves one cell of a layer, averaged over random inputs.

    Attributes:
        layer: Name of the layer.
        row: Row of the cell.
        column: Column of the cell.
        measure: How the gradients were averaged.
        samples: Number of random inputs.
        energy: Share of each input pixel, (H, W), 0 or more, sum 1.
        patch: The theoretical field inside the image; the energy is 0 outside it.
    """

    layer: str
    row: int
    column: int
    measure: Measure
    samples: int
    energy: Tensor
    patch: Patch

    @property
    def area(self) -> int:
        """Pixels of the theoretical field that lie in the image."""
        height = self.patch.bottom - self.patch.top + 1
        return height * (self.patch.right - self.patch.left + 1)


def compute_effective_field(
    model: LoadedModel,
    *,
    layer: str,
    weights: WeightSource,
    measure: Measure = Measure.SQUARES,
    samples: int = 64,
    seed: int = 0,
    limit_seconds: float = 10.0,
    report: Report = ignore_progress,
) -> EffectiveField:
    """Measure the effective field of a layer's middle cell.

    Random weights are drawn anew from the He initialisation for every eighth of the inputs; the
    running statistics of normalisations are those of a fresh network.

    Args:
        model: The network.
        layer: Name of a layer with maps.
        weights: Its trained weights, or random ones.
        measure: How gradients are averaged.
        samples: Random inputs, 1 or more, each cell an independent standard normal number.
        seed: Of the inputs, the signs and the random weights.
        limit_seconds: After this time no further batch is begun, so fewer samples may be used.
        report: Called after each batch with the share done; what it raises ends the computation.

    Raises:
        NetworkError: There is no such layer, it has no maps, or nothing reaches the input.
    """
    graphs = (
        iter([model.graph])
        if weights is WeightSource.TRAINED
        else _draw_networks(model, seed=seed, draws=min(_DRAWS, samples))
    )
    draws = 1 if weights is WeightSource.TRAINED else min(_DRAWS, samples)
    return average_gradients(
        graphs,
        layer=layer,
        input_shape=model.spec.preprocessing.shape,
        measure=measure,
        samples_each=-(-samples // draws),
        seed=seed,
        limit_seconds=limit_seconds,
        report=lambda count: report(min(count / samples, 1.0)),
    )


def _draw_networks(model: LoadedModel, *, seed: int, draws: int) -> Iterator[Graph]:
    """The same architecture again and again, each time with other random weights."""
    graph = copy_model(model).graph
    for part in graph.traced.modules():
        if isinstance(part, _NORMALIZATIONS):
            part.reset_parameters()
    generator = torch.Generator().manual_seed(seed)
    for _ in range(draws):
        _randomize(graph.traced, generator=generator)
        yield graph


def _randomize(module: nn.Module, *, generator: torch.Generator) -> None:
    for part in module.modules():
        if isinstance(part, nn.Conv2d | nn.Linear):
            draw_weights(part.weight, generator=generator)
            if part.bias is not None:
                nn.init.zeros_(part.bias)


def average_gradients(
    graphs: Iterator[Graph],
    *,
    layer: str,
    input_shape: tuple[int, int, int],
    measure: Measure,
    samples_each: int,
    seed: int = 0,
    limit_seconds: float = float("inf"),
    report: Callable[[int], None] = lambda _count: None,
) -> EffectiveField:
    """Average the gradient of a layer's middle cell over random inputs and networks.

    All channels of the cell are read at once, with random signs: the mean square is then that of
    the gradients of all channels, without one pass for each.

    Args:
        graphs: Networks of one architecture.
        layer: Name of a layer with maps.
        input_shape: (C, H, W).
        measure: How gradients are averaged.
        samples_each: Inputs for each network.
        seed: Of the inputs and the signs.
        limit_seconds: After this time no further batch is begun.
        report: Called after each batch with the number of inputs so far.

    Raises:
        NetworkError: There is no such layer, it has no maps, or nothing reaches the input.
    """
    deadline = time.monotonic() + limit_seconds
    generator = torch.Generator().manual_seed(seed)
    total, count = torch.zeros(input_shape[1:], dtype=torch.float64), 0
    row = column = 0
    patch = Patch(top=0, bottom=0, left=0, right=0)
    for graph in graphs:
        row, column = _find_middle(graph, layer)
        patch = trace_patches(graph, layer=layer, row=row, column=column)["input"]
        reader = build_reader(graph, (layer,))
        done = 0
        while done < samples_each and (count == 0 or time.monotonic() < deadline):
            batch = min(_BATCH, samples_each - done)
            x = torch.randn(batch, *input_shape, generator=generator)
            gradient = _differentiate(reader, x, row=row, column=column, generator=generator)
            size = gradient.square() if measure is Measure.SQUARES else gradient.abs()
            total += size.sum(dim=(0, 1))  # (N, C, H, W) -> (H, W)
            done += batch
            count += batch
            report(count)
    if not float(total.sum()) > 0:
        raise NetworkError(
            f"No gradient reaches the input from “{layer}”: its units were off for every random "
            "input; choose a layer before the ReLU."
        )
    return EffectiveField(
        layer=layer,
        row=row,
        column=column,
        measure=measure,
        samples=count,
        energy=total / total.sum(),
        patch=patch,
    )


def _find_middle(graph: Graph, layer: str) -> tuple[int, int]:
    found = graph.find(layer)
    if not found.is_spatial:
        raise NetworkError(
            f"“{found.title}” has no maps: every unit sees the whole image; choose a layer "
            "with maps."
        )
    return found.shape[1] // 2, found.shape[2] // 2


def _differentiate(
    reader: fx.GraphModule, x: Tensor, *, row: int, column: int, generator: torch.Generator
) -> Tensor:
    """Gradient of a signed sum over the channels of one cell, (N, C, H, W), float64."""
    x = x.requires_grad_()
    with torch.enable_grad():
        cell = reader(x)[0][:, :, row, column]  # (N, C_out)
        signs = torch.randint(0, 2, cell.shape, generator=generator).to(cell.dtype) * 2 - 1
        total = (cell * signs).sum()
        if not total.requires_grad:
            raise NetworkError("No gradient reaches the input from this layer; choose another.")
        (gradient,) = torch.autograd.grad(total, x)
    return gradient.to(torch.float64)


def count_pixels_holding(energy: Tensor, *, share: float) -> int:
    """Count the fewest pixels that together hold this share of the energy.

    Args:
        energy: (H, W), sum 1.
        share: Above 0, at most 1.
    """
    running = energy.flatten().sort(descending=True).values.cumsum(dim=0)
    # The last sum may fall short of 1 by a rounding error.
    return min(int((running < share - 1e-9).sum()) + 1, energy.numel())


def measure_spread(energy: Tensor) -> tuple[float, float]:
    """Standard deviation of the energy along rows and columns, in pixels."""
    return _deviation(energy.sum(dim=1)), _deviation(energy.sum(dim=0))


def _deviation(profile: Tensor) -> float:
    places = torch.arange(len(profile), dtype=profile.dtype)
    mean = (places * profile).sum()
    return float(((places - mean).square() * profile).sum().sqrt())

"""The weights of a layer, as the kernels that a visitor may look at."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from torch import Tensor, nn

from cnnviz.activations.maps import Values
from cnnviz.errors import NetworkError
from cnnviz.networks.graph.layers import Graph, Layer, LayerKind


@dataclass(frozen=True, slots=True, eq=False)
class Kernels:
    """What makes one map of a convolution, or one unit of a linear layer.

    Attributes:
        weights: (C, K, K), one kernel an input channel; (N, 1, 1) in a linear layer.
        bias: Added to the sum of products; None where there is none.
        first_channel: Channel of the layer below that the first kernel reads.
        in_color: Whether the three kernels read the red, green and blue of the image.
    """

    weights: Values
    bias: float | None
    first_channel: int
    in_color: bool


def has_kernels(layer: Layer) -> bool:
    """Whether a layer is made of kernels or weights that can be looked at."""
    if isinstance(layer.module, nn.Linear):
        return len(layer.shape) == 1
    return isinstance(layer.module, nn.Conv2d)


def read_kernels(graph: Graph, *, layer: str, channel: int) -> Kernels:
    """Return the weights that make one channel of a layer.

    Args:
        graph: The network.
        layer: Name of a convolution or linear layer.
        channel: Which of its maps or units.

    Raises:
        NetworkError: There is no such layer or channel, or the layer has no weights.
    """
    found = graph.find(layer)
    module = found.module
    if not has_kernels(found) or not isinstance(module, nn.Conv2d | nn.Linear):
        raise NetworkError(f"“{found.title}” has no kernels; choose a convolution.")
    if not 0 <= channel < len(module.weight):
        raise NetworkError(
            f"“{found.title}” has {len(module.weight)} channels; {channel} is none of them."
        )
    weights = _as_values(module.weight[channel])
    bias = None if module.bias is None else float(module.bias[channel])
    if isinstance(module, nn.Linear):
        return Kernels(weights.reshape(-1, 1, 1), bias, first_channel=0, in_color=False)
    per_group = module.in_channels // module.groups
    group = channel // (module.out_channels // module.groups)
    return Kernels(
        weights=weights,
        bias=bias,
        first_channel=group * per_group,
        in_color=reads_color(graph, found),
    )


def read_first_filters(graph: Graph, *, layer: str) -> Values | None:
    """Return all filters of a layer that reads the image itself, (N, C, K, K), else None."""
    found = graph.find(layer)
    if not isinstance(found.module, nn.Conv2d) or not _reads_input(graph, found):
        return None
    return _as_values(found.module.weight)


def reads_color(graph: Graph, layer: Layer) -> bool:
    """Whether a convolution reads the red, green and blue of the image together."""
    module = layer.module
    return (
        isinstance(module, nn.Conv2d)
        and module.in_channels == 3
        and module.groups == 1
        and _reads_input(graph, layer)
    )


def _as_values(weight: Tensor) -> Values:
    """The network's own numbers, not copied and not to be written."""
    values: Values = weight.detach().numpy()
    values.setflags(write=False)
    return values


def _reads_input(graph: Graph, layer: Layer) -> bool:
    below = graph.find(layer.inputs[0])
    while below.kind is LayerKind.PADDING:
        below = graph.find(below.inputs[0])
    return below.kind is LayerKind.INPUT


def color_filters(filters: Values) -> npt.NDArray[np.uint8]:
    """Show filters over red, green and blue as colours: mid-grey is zero.

    Each filter is scaled by its own largest magnitude, as such images usually are.

    Args:
        filters: (n, 3, K, K).

    Returns:
        RGB, uint8 (n, K, K, 3).
    """
    limits = np.abs(filters).max(axis=(1, 2, 3), keepdims=True)
    shares = filters / np.where(limits > 0, limits, 1.0)
    levels = np.rint(127.5 + 127.5 * shares).astype(np.uint8)
    return levels.transpose(0, 2, 3, 1)  # (n, K, K, 3)


def order_kernels(weights: Values) -> tuple[int, ...]:
    """Sort kernels by strength, the sum of their weights' magnitudes, the largest first."""
    strength = np.abs(weights).sum(axis=(1, 2))
    return tuple(int(index) for index in np.argsort(-strength, kind="stable"))

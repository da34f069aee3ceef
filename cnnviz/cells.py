"""How one cell's value came about: the patch it read, the weights, the products and their sum."""

import math
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from cnnviz.activations import read_activations
from cnnviz.errors import NetworkError
from cnnviz.graph import Layer, LayerKind
from cnnviz.inference import LoadedModel
from cnnviz.receptive_field import Patch, find_windows, trace_patches


@dataclass(frozen=True, slots=True, eq=False)
class CellExplanation:
    """One cell of a layer, worked out.

    Attributes:
        layer: Name of the layer.
        channel: Channel, or index in a layer without maps.
        row: Row in the map, 0 in a layer without maps.
        column: Column in the map, 0 in a layer without maps.
        value: What the network computed there.
        kind: What the layer does.
        inputs: What the cell reads, (C, K, K) or (N,); zeros where it reads padding
            (minus infinity under a maximum).
        weights: What each input is multiplied by, of the same shape; None for maxima and
            activations.
        bias: Added to the sum of products.
        reads: Name of the layer below.
        patches: The patch of every earlier layer that the cell depends on.
    """

    layer: str
    channel: int
    row: int
    column: int
    value: float
    kind: LayerKind
    inputs: Tensor
    weights: Tensor | None
    bias: float
    reads: str
    patches: dict[str, Patch]


def explain_cell(
    model: LoadedModel, x: Tensor, *, layer: str, channel: int, row: int = 0, column: int = 0
) -> CellExplanation:
    """Work out one cell of one layer for one image.

    Args:
        model: The network.
        x: Input, (1, C, H, W).
        layer: Name of the layer.
        channel: Channel, or index in a layer without maps.
        row: Row in the map.
        column: Column in the map.

    Raises:
        NetworkError: There is no such layer or cell, or the layer is no convolution, linear layer,
            pooling, activation or reshape.
    """
    top = model.graph.find(layer)
    if not 0 <= channel < top.shape[0]:
        raise NetworkError(f"“{top.title}” has {top.shape[0]} channels; {channel} is none of them.")
    patches = trace_patches(model.graph, layer=layer, row=row, column=column)
    if top.kind is LayerKind.INPUT:
        values = read_activations(model, x, layers=(layer,))
        pixel = values[layer][0, channel, row, column]
        return _explanation(top, (channel, row, column), pixel, pixel.reshape(1), patches)
    below = model.graph.find(top.inputs[0])
    values = read_activations(model, x, layers=(layer, below.name))
    index = (channel, row, column) if top.is_spatial else (channel,)
    value = values[layer][0][index]
    source = values[below.name][0]
    inputs = _read_window(source, top, below, (channel, row, column))
    weights, bias = _weights_of(top, channel, inputs)
    return _explanation(
        top, (channel, row, column), value, inputs, patches, weights=weights, bias=bias
    )


def _explanation(
    layer: Layer,
    cell: tuple[int, int, int],
    value: Tensor,
    inputs: Tensor,
    patches: dict[str, Patch],
    *,
    weights: Tensor | None = None,
    bias: float = 0.0,
) -> CellExplanation:
    return CellExplanation(
        layer=layer.name,
        channel=cell[0],
        row=cell[1],
        column=cell[2],
        value=float(value),
        kind=layer.kind,
        inputs=inputs,
        weights=weights,
        bias=bias,
        reads=layer.inputs[0] if layer.inputs else layer.name,
        patches=patches,
    )


def _read_window(source: Tensor, layer: Layer, below: Layer, cell: tuple[int, int, int]) -> Tensor:
    """Cut out what a cell reads of the layer below, with zeros for padding."""
    channel, row, column = cell
    windows = find_windows(layer, below)
    if windows is None:
        flat = source.reshape(-1)
        return flat if layer.kind is LayerKind.LINEAR else flat[channel].reshape(1)
    if not below.is_spatial:
        return source[channel].reshape(1)
    rows, columns = windows
    # A maximum never takes padding, whatever the values beside it.
    filler = -math.inf if layer.kind is LayerKind.MAX_POOLING else 0.0
    margins = (columns.padding, columns.padding, rows.padding, rows.padding)
    padded = nn.functional.pad(source, margins, value=filler)
    top, left = row * rows.stride, column * columns.stride
    patch = padded[
        :,
        top : top + rows.dilation * (rows.kernel - 1) + 1 : rows.dilation,
        left : left + columns.dilation * (columns.kernel - 1) + 1 : columns.dilation,
    ]  # (C, K, K)
    return patch[_channels_read(layer, channel)]


def _channels_read(layer: Layer, channel: int) -> slice:
    """The input channels that an output channel reads."""
    if isinstance(layer.module, nn.Conv2d):
        per_group = layer.module.in_channels // layer.module.groups
        group = channel // (layer.module.out_channels // layer.module.groups)
        return slice(group * per_group, (group + 1) * per_group)
    return slice(channel, channel + 1)


def _weights_of(layer: Layer, channel: int, inputs: Tensor) -> tuple[Tensor | None, float]:
    module = layer.module
    if isinstance(module, nn.Conv2d | nn.Linear):
        bias = 0.0 if module.bias is None else float(module.bias[channel])
        return module.weight[channel], bias
    if layer.kind is LayerKind.AVERAGE_POOLING:
        return torch.full_like(inputs, 1 / inputs.numel()), 0.0
    if layer.kind in (LayerKind.MAX_POOLING, LayerKind.ACTIVATION, LayerKind.RESHAPE):
        return None, 0.0
    raise NetworkError(f"“{layer.title}” is a {layer.kind}; its cells are not worked out.")

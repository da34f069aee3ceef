"""How one cell's value came about: the patch it read, the weights, the products and their sum."""

import math
from dataclasses import dataclass
from math import prod

import torch
from torch import Tensor, nn

from cnnviz.activations.read import read_activations
from cnnviz.errors import NetworkError, UnknownReachError
from cnnviz.networks.graph.calls import resolve_padding
from cnnviz.networks.graph.layers import Layer, LayerKind
from cnnviz.networks.graph.probing import run_layer
from cnnviz.networks.load import LoadedModel
from cnnviz.receptive_fields.theoretical import Patch, find_windows, trace_patches


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
        weights: What each input is multiplied by, of the same shape; None for maxima, activations
            and layers that hand a value on.
        bias: Added to the sum of products.
        reads: Name of the layer below; for a sum the names of all its terms, joined by “ + ”.
        patches: The patch of every earlier layer that the cell depends on; empty where a layer
            on the way is of a kind whose reach is not known.
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
        NetworkError: There is no such layer or cell, or it is of a kind that is not worked out.
    """
    top = model.graph.find(layer)
    if not 0 <= channel < top.shape[0]:
        raise NetworkError(f"“{top.title}” has {top.shape[0]} channels; {channel} is none of them.")
    patches = _trace_if_known(model, layer=layer, row=row, column=column)
    if top.kind is LayerKind.INPUT:
        values = read_activations(model, x, layers=(layer,))
        pixel = values[layer][0, channel, row, column]
        return _explanation(top, (channel, row, column), pixel, pixel.reshape(1), patches)
    if not top.inputs or len(top.shape) not in (1, 3):
        raise NetworkError(f"The cells of “{top.title}” are not worked out.")
    values = read_activations(model, x, layers=(layer, *top.inputs))
    index = (channel, row, column) if top.is_spatial else (channel,)
    value = values[layer][0][index]
    terms = {name: values[name][0] for name in top.inputs}
    reads, inputs, weights, bias = _work_out(model, top, terms, (channel, row, column))
    if top.kind is LayerKind.SUM and not torch.isclose(inputs.sum(), value, atol=1e-5):
        raise NetworkError(f"“{top.title}” adds more than its layers; it is not worked out.")
    return _explanation(
        top, (channel, row, column), value, inputs, patches, reads=reads, weights=weights, bias=bias
    )


def _trace_if_known(model: LoadedModel, *, layer: str, row: int, column: int) -> dict[str, Patch]:
    try:
        return trace_patches(model.graph, layer=layer, row=row, column=column)
    except UnknownReachError:
        return {}


def _work_out(
    model: LoadedModel, layer: Layer, terms: dict[str, Tensor], cell: tuple[int, int, int]
) -> tuple[str, Tensor, Tensor | None, float]:
    """What a cell reads: the layer's name, the inputs, their weights, and the bias."""
    if layer.kind is LayerKind.SUM:
        inputs = _gather_terms(layer, terms, cell)
        return " + ".join(terms), inputs, torch.ones_like(inputs), 0.0
    name, channel = layer.inputs[0], cell[0]
    if layer.kind is LayerKind.CONCATENATION:
        name, channel = _find_part(layer, terms, channel)
    below = model.graph.find(name)
    if layer.kind is LayerKind.CHANNELS or (
        layer.kind is LayerKind.RESHAPE and prod(below.shape) == prod(layer.shape)
    ):
        return name, _follow_number(model, layer, below, terms[name], cell), None, 0.0
    inputs = _read_window(terms[name], layer, below, (channel, *cell[1:]))
    weights, bias = _weights_of(layer, below, cell, inputs)
    return name, inputs, weights, bias


def _follow_number(
    model: LoadedModel, layer: Layer, below: Layer, term: Tensor, cell: tuple[int, int, int]
) -> Tensor:
    """The number of the layer below that a rearrangement puts into a cell, (1,)."""
    numbers = torch.arange(term.numel(), dtype=torch.float64).reshape(1, *below.shape)
    moved = run_layer(model.graph, layer, {below.name: numbers})[0]
    place = moved[cell] if layer.is_spatial else moved[cell[0]]
    return term.reshape(-1)[int(place)].reshape(1)


def _gather_terms(layer: Layer, terms: dict[str, Tensor], cell: tuple[int, int, int]) -> Tensor:
    """One cell of every layer that a sum adds, (terms, 1, 1)."""
    if any(term.shape != layer.shape for term in terms.values()):
        raise NetworkError(f"“{layer.title}” adds layers of unlike shapes; it is not worked out.")
    index = cell if layer.is_spatial else cell[:1]
    return torch.stack([term[index] for term in terms.values()]).reshape(-1, 1, 1)  # (T, 1, 1)


def _find_part(layer: Layer, terms: dict[str, Tensor], channel: int) -> tuple[str, int]:
    """Which of the layers joined along their channels holds a channel, and as which of its own."""
    if sum(len(term) for term in terms.values()) == layer.shape[0]:
        for name, term in terms.items():
            if channel < len(term):
                return name, channel
            channel -= len(term)
    raise NetworkError(f"“{layer.title}” does not join channels; its cells are not worked out.")


def _explanation(
    layer: Layer,
    cell: tuple[int, int, int],
    value: Tensor,
    inputs: Tensor,
    patches: dict[str, Patch],
    *,
    reads: str = "",
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
        reads=reads or layer.name,
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
    top, left = row * rows.stride, column * columns.stride
    bottom = top + rows.dilation * (rows.kernel - 1) + 1
    right = left + columns.dilation * (columns.kernel - 1) + 1
    # A pooling that rounds its size up hangs over the far edge of the padding, too.
    hanging_rows = max(bottom - source.shape[1] - 2 * rows.padding, 0)
    hanging_columns = max(right - source.shape[2] - 2 * columns.padding, 0)
    margins = (
        columns.padding,
        columns.padding + hanging_columns,
        rows.padding,
        rows.padding + hanging_rows,
    )
    # A maximum never takes padding, whatever the values beside it.
    filler = -math.inf if layer.kind is LayerKind.MAX_POOLING else 0.0
    if isinstance(layer.module, nn.ConstantPad2d):
        filler = layer.module.value
    if isinstance(layer.module, nn.Conv2d):
        padded = _pad_for(layer.module, source)
    else:
        padded = nn.functional.pad(source, margins, value=filler)
    patch = padded[:, top : bottom : rows.dilation, left : right : columns.dilation]  # (C, K, K)
    return patch[_channels_read(layer, channel)]


def _pad_for(module: nn.Conv2d, source: Tensor) -> Tensor:
    """What a convolution reads, its edges included: zeros, or cells of the map."""
    (top, bottom), (left, right) = resolve_padding(module)
    mode = "constant" if module.padding_mode == "zeros" else module.padding_mode
    return nn.functional.pad(source[None], (left, right, top, bottom), mode=mode)[0]


def _channels_read(layer: Layer, channel: int) -> slice:
    """The input channels that an output channel reads."""
    if isinstance(layer.module, nn.Conv2d):
        per_group = layer.module.in_channels // layer.module.groups
        group = channel // (layer.module.out_channels // layer.module.groups)
        return slice(group * per_group, (group + 1) * per_group)
    return slice(channel, channel + 1)


def _weights_of(
    layer: Layer, below: Layer, cell: tuple[int, int, int], inputs: Tensor
) -> tuple[Tensor | None, float]:
    module, channel = layer.module, cell[0]
    if isinstance(module, nn.Linear) and len(layer.shape) > 1:
        raise NetworkError(f"The cells of “{layer.title}” are not worked out.")
    if isinstance(module, nn.Conv2d | nn.Linear):
        bias = 0.0 if module.bias is None else float(module.bias[channel])
        return module.weight[channel], bias
    if layer.kind is LayerKind.AVERAGE_POOLING:
        return torch.full_like(inputs, 1 / _divisor(layer, below, cell, inputs)), 0.0
    if isinstance(module, nn.BatchNorm2d):
        return _normalize_as_product(module, channel, inputs)
    if layer.kind in _HANDS_ON:
        return None, 0.0
    raise NetworkError(f"The cells of “{layer.title}” are not worked out.")


_HANDS_ON = {
    LayerKind.MAX_POOLING,
    LayerKind.ACTIVATION,
    LayerKind.RESHAPE,
    LayerKind.DROPOUT,
    LayerKind.CONCATENATION,
    LayerKind.PADDING,
}


def _divisor(layer: Layer, below: Layer, cell: tuple[int, int, int], inputs: Tensor) -> int:
    """How many cells an average counts: with or without padding, never beyond it."""
    module = layer.module
    windows = find_windows(layer, below)
    if not isinstance(module, nn.AvgPool2d) or windows is None:
        return inputs.numel()
    if module.divisor_override:
        return module.divisor_override
    count = 1
    for window, index, size in zip(windows, cell[1:], below.shape[1:], strict=True):
        start = index * window.stride - window.padding
        end = min(start + window.kernel, size + window.padding)
        if not module.count_include_pad:
            start, end = max(start, 0), min(end, size)
        count *= end - start
    return count


def _normalize_as_product(
    module: nn.BatchNorm2d, channel: int, inputs: Tensor
) -> tuple[Tensor, float]:
    """Batch normalization with its running statistics: one factor and one summand a channel."""
    if module.running_mean is None or module.running_var is None:
        raise NetworkError("A batch normalization without running statistics is not worked out.")
    scale = float(torch.rsqrt(module.running_var[channel] + module.eps))
    if module.affine:
        scale *= float(module.weight[channel])
    shift = float(module.bias[channel]) if module.affine else 0.0
    return torch.full_like(inputs, scale), shift - float(module.running_mean[channel]) * scale

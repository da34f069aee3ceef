"""Which part of each earlier layer a cell sees: exact, from the traced graph, branches included.

Along one axis, output index i of a window with kernel k, stride s, padding p and dilation d reads
the input indices from i·s − p to i·s − p + d·(k − 1). Applied from the input upwards this gives
the field's size, jump and start; from one cell downwards, the patch in every layer on the way.

Source: Araujo, Norris and Sim 2019, "Computing receptive fields of convolutional neural networks",
Distill; Dumoulin and Visin 2016, "A guide to convolution arithmetic for deep learning".
"""

from dataclasses import dataclass

from torch import nn

from cnnviz.errors import NetworkError, UnknownReachError
from cnnviz.networks.graph.calls import resolve_padding
from cnnviz.networks.graph.layers import Graph, Layer, LayerKind
from cnnviz.networks.graph.probing import Box, probe_box


@dataclass(frozen=True, slots=True)
class Window:
    """A sliding window along one axis, in cells of the layer below.

    `padding` is that before the first cell. `mode` says what stands there: zeros, or cells of the
    map (“reflect”, “replicate”, “circular”).
    """

    kernel: int
    stride: int = 1
    padding: int = 0
    dilation: int = 1
    mode: str = "zeros"


@dataclass(frozen=True, slots=True)
class Patch:
    """A rectangle of cells, first and last row and column, all inclusive."""

    top: int
    bottom: int
    left: int
    right: int

    def join(self, other: "Patch") -> "Patch":
        """Return the smallest rectangle that holds both."""
        return Patch(
            top=min(self.top, other.top),
            bottom=max(self.bottom, other.bottom),
            left=min(self.left, other.left),
            right=max(self.right, other.right),
        )


@dataclass(frozen=True, slots=True)
class Field:
    """A layer's theoretical receptive field along (rows, columns), in input pixels.

    Cell i sees the input indices from start + i·jump to start + i·jump + size − 1; indices outside
    the image are padding.

    Attributes:
        size: Extent of the field.
        jump: Input pixels between the fields of neighbouring cells (the effective stride).
        start: First input index of cell 0.
    """

    size: tuple[int, int]
    jump: tuple[int, int]
    start: tuple[int, int]


def find_windows(layer: Layer, below: Layer) -> tuple[Window, Window] | None:
    """Return a layer's sliding window along (rows, columns) over the layer below.

    Returns:
        None where every output reads the whole layer below (linear, reshape).

    Raises:
        UnknownReachError: The layer's reach is not known from its kind alone.
    """
    if layer.is_cellwise or isinstance(layer.module, nn.Identity):
        return Window(kernel=1), Window(kernel=1)
    if layer.kind in (LayerKind.LINEAR, LayerKind.RESHAPE) and len(layer.shape) == 1:
        return None
    module = layer.module
    if isinstance(module, nn.Conv2d | nn.MaxPool2d | nn.AvgPool2d):
        return _sliding_window(module, axis=0), _sliding_window(module, axis=1)
    if isinstance(module, nn.AdaptiveAvgPool2d | nn.AdaptiveMaxPool2d):
        return _adaptive_window(layer, below, axis=0), _adaptive_window(layer, below, axis=1)
    if layer.kind is LayerKind.PADDING and isinstance(module, nn.ConstantPad2d):
        left, _, top, _ = module.padding
        return Window(kernel=1, padding=top), Window(kernel=1, padding=left)
    raise UnknownReachError(
        f"What a cell of “{layer.title}” sees is not known for this kind of layer."
    )


def _sliding_window(module: nn.Conv2d | nn.MaxPool2d | nn.AvgPool2d, *, axis: int) -> Window:
    dilation = 1 if isinstance(module, nn.AvgPool2d) else module.dilation
    return Window(
        kernel=_along(module.kernel_size, axis),
        stride=_along(module.stride, axis),
        padding=resolve_padding(module)[axis][0],
        dilation=_along(dilation, axis),
        mode=module.padding_mode if isinstance(module, nn.Conv2d) else "zeros",
    )


def _along(value: int | tuple[int, ...], axis: int) -> int:
    return value if isinstance(value, int) else value[axis]


def _adaptive_window(layer: Layer, below: Layer, *, axis: int) -> Window:
    size_in, size_out = below.shape[1 + axis], layer.shape[1 + axis]
    if size_in % size_out:
        raise UnknownReachError(
            f"“{layer.title}” divides {size_in} cells among {size_out}, so its windows differ."
        )
    step = size_in // size_out
    return Window(kernel=step, stride=step)


def trace_patches(graph: Graph, *, layer: str, row: int, column: int) -> dict[str, Patch]:
    """Find the patch of every earlier layer that one cell depends on.

    Where branches meet, the patch is the smallest rectangle that holds what each branch sees.

    Args:
        graph: The traced network.
        layer: Name of the cell's layer; row and column are 0 for a layer without maps.
        row: Row of the cell, from 0.
        column: Column of the cell, from 0.

    Returns:
        Patches by layer name, the cell itself first, clipped to each layer; layers without maps
        are left out.

    Raises:
        NetworkError: There is no such layer or cell.
        UnknownReachError: A layer's reach is not known.
    """
    top = graph.find(layer)
    height, width = _plane(top)
    if not (0 <= row < height and 0 <= column < width):
        raise NetworkError(
            f"“{top.title}” has {height}×{width} cells; row {row}, column {column} is none of them."
        )
    reach = {layer: _make_box(top, (row, row), (column, column))}
    layers = {entry.name: entry for entry in graph.layers}
    for current in reversed(graph.layers):
        if current.name not in reach:
            continue
        for name in current.inputs:
            box = _find_box_below(reach[current.name], current, layers[name], graph)
            reach[name] = _join_boxes(reach[name], box) if name in reach else box
    spatial = {entry.name for entry in graph.layers if entry.is_spatial}
    return {
        name: Patch(top=box[1][0], bottom=box[1][1], left=box[2][0], right=box[2][1])
        for name, box in reach.items()
        if name in spatial
    }


def _has_places(layer: Layer) -> bool:
    """Whether rows and columns come last, behind the channels or groups of them."""
    return len(layer.shape) >= 3


def _plane(layer: Layer) -> tuple[int, int]:
    return (layer.shape[-2], layer.shape[-1]) if _has_places(layer) else (1, 1)


def _make_box(layer: Layer, rows: tuple[int, int], columns: tuple[int, int]) -> Box:
    """All channels of some rows and columns; all of a layer without maps."""
    whole = tuple((0, size - 1) for size in layer.shape)
    return (*whole[:-2], rows, columns) if _has_places(layer) else whole


def _join_boxes(box: Box, other: Box) -> Box:
    return tuple(
        (min(first[0], second[0]), max(first[1], second[1]))
        for first, second in zip(box, other, strict=True)
    )


def _find_box_below(box: Box, layer: Layer, below: Layer, graph: Graph) -> Box:
    """What cells of a layer read of one below it."""
    height, width = _plane(below)
    whole = _make_box(below, (0, height - 1), (0, width - 1))
    if not _has_places(layer):
        return whole
    try:
        windows = find_windows(layer, below)
    except UnknownReachError:
        return probe_box(graph, layer=layer, below=below, box=box)
    if windows is None:
        return whole
    rows, columns = windows
    return _make_box(
        below,
        _reach_below(rows, *box[-2], size=height),
        _reach_below(columns, *box[-1], size=width),
    )


def _reach_below(window: Window, first: int, last: int, *, size: int) -> tuple[int, int]:
    """First and last index, along one axis of the layer below, that cells first..last read.

    Each tap of the kernel is followed by itself: where a dilated window hangs over the edge, its
    first tap inside may lie beyond the edge's own row.
    """
    if window.mode != "zeros":
        return _reach_folded(window, first, last, size=size)
    stride, lowest, highest = window.stride, size - 1, 0
    for tap in range(window.kernel):
        offset = window.dilation * tap - window.padding
        start = max(first, -(offset // stride))  # the first cell whose tap is at 0 or above
        end = min(last, (size - 1 - offset) // stride)
        if start <= end:
            lowest = min(lowest, start * stride + offset)
            highest = max(highest, end * stride + offset)
    return lowest, highest


def _reach_folded(window: Window, first: int, last: int, *, size: int) -> tuple[int, int]:
    """The same where cells of the map stand outside of it."""
    read = {
        _fold_index(
            cell * window.stride + tap * window.dilation - window.padding, size, window.mode
        )
        for cell in range(first, last + 1)
        for tap in range(window.kernel)
    }
    return min(read), max(read)


def _fold_index(index: int, size: int, mode: str) -> int:
    """Which cell of a map stands at an index that may lie outside."""
    if mode == "circular":
        return index % size
    if mode == "reflect" and not 0 <= index < size:
        index = -index if index < 0 else 2 * (size - 1) - index
    return min(max(index, 0), size - 1)


def compute_fields(graph: Graph) -> dict[str, Field]:
    """Compute the theoretical receptive field of every layer with maps.

    Where branches meet, the field is the smallest that holds each branch's. Layers whose reach is
    not known, and all above them, are left out; so are layers without maps, which see everything.
    """
    fields = _compute_all_fields(graph)
    return {layer.name: fields[layer.name] for layer in _select_known(graph, fields)}


def _select_known(graph: Graph, fields: dict[str, Field]) -> list[Layer]:
    return [layer for layer in graph.layers if layer.is_spatial and layer.name in fields]


def _compute_all_fields(graph: Graph) -> dict[str, Field]:
    """The fields, also of maps that a shuffle has put into groups for a moment."""
    fields: dict[str, Field] = {}
    layers = {layer.name: layer for layer in graph.layers}
    for layer in graph.layers:
        if layer.kind is LayerKind.INPUT:
            fields[layer.name] = Field(size=(1, 1), jump=(1, 1), start=(0, 0))
        elif _has_places(layer) and layer.inputs and all(name in fields for name in layer.inputs):
            branches = [_grow_field(fields[name], layer, layers[name]) for name in layer.inputs]
            joined = _join_fields([field for field in branches if field is not None])
            if joined is not None and None not in branches:
                fields[layer.name] = joined
    return fields


def _grow_field(field: Field, layer: Layer, below: Layer) -> Field | None:
    try:
        windows = find_windows(layer, below)
    except UnknownReachError:
        return None
    if windows is None:
        return None
    rows, columns = windows
    if "circular" in (rows.mode, columns.mode):  # cells at one edge see the other
        return None
    return Field(
        size=(_grow_size(field, rows, axis=0), _grow_size(field, columns, axis=1)),
        jump=(field.jump[0] * rows.stride, field.jump[1] * columns.stride),
        start=(
            field.start[0] - rows.padding * field.jump[0],
            field.start[1] - columns.padding * field.jump[1],
        ),
    )


def _grow_size(field: Field, window: Window, *, axis: int) -> int:
    return field.size[axis] + window.dilation * (window.kernel - 1) * field.jump[axis]


def _join_fields(fields: list[Field]) -> Field | None:
    if not fields or any(field.jump != fields[0].jump for field in fields):
        return None
    rows, columns = (_join_axis(fields, axis=axis) for axis in (0, 1))
    return Field(size=(rows[1], columns[1]), jump=fields[0].jump, start=(rows[0], columns[0]))


def _join_axis(fields: list[Field], *, axis: int) -> tuple[int, int]:
    """Start and size along one axis of the smallest field that holds all."""
    start = min(field.start[axis] for field in fields)
    end = max(field.start[axis] + field.size[axis] for field in fields)
    return start, end - start


@dataclass(frozen=True, slots=True)
class PathRange:
    """Fields along single paths from the input to a layer, (rows, columns), in input pixels.

    Attributes:
        smallest: Field through the narrowest branches.
        largest: Field through the widest branches.
    """

    smallest: tuple[int, int]
    largest: tuple[int, int]


def compute_path_ranges(graph: Graph) -> dict[str, PathRange]:
    """Compute the smallest and the largest field along any single path, of every layer with maps.

    They differ above a shortcut or between branches of unlike kernels; a layer's theoretical field
    is at least its largest path. The layers are those of `compute_fields`.
    """
    fields = _compute_all_fields(graph)
    layers = {layer.name: layer for layer in graph.layers}
    ranges: dict[str, PathRange] = {}
    for layer in graph.layers:
        if layer.name not in fields:
            continue
        if layer.kind is LayerKind.INPUT:
            ranges[layer.name] = PathRange(smallest=(1, 1), largest=(1, 1))
            continue
        grown = [
            _grow_range(ranges[name], layer, layers[layer.inputs[0]], fields[name])
            for name in layer.inputs
        ]
        ranges[layer.name] = PathRange(
            smallest=(
                min(path.smallest[0] for path in grown),
                min(path.smallest[1] for path in grown),
            ),
            largest=(
                max(path.largest[0] for path in grown),
                max(path.largest[1] for path in grown),
            ),
        )
    return {layer.name: ranges[layer.name] for layer in _select_known(graph, fields)}


def _grow_range(path: PathRange, layer: Layer, below: Layer, field: Field) -> PathRange:
    """Widen a path's fields by one layer's window; `field` is that of the layer below."""
    wider = _grow_field(field, layer, below)
    if wider is None:
        return path
    rows, columns = (wider.size[axis] - field.size[axis] for axis in (0, 1))
    return PathRange(
        smallest=(path.smallest[0] + rows, path.smallest[1] + columns),
        largest=(path.largest[0] + rows, path.largest[1] + columns),
    )

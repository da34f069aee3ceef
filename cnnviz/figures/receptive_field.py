"""Receptive fields in words and tables: the formula with a stack's own numbers, and as CSV."""

import base64
import csv
import io
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np
from torch import Tensor

from cnnviz.activations.maps import Values
from cnnviz.costs.table import trace_shapes
from cnnviz.figures.format import format_count, format_number, format_percent
from cnnviz.images.image import Pixels, resize_for_view
from cnnviz.networks.graph.layers import Graph, LayerKind
from cnnviz.networks.zoo.architectures import get_architecture
from cnnviz.receptive_fields.effective import EffectiveField, count_pixels_holding, measure_spread
from cnnviz.receptive_fields.stacks import (
    MAX_LAYERS,
    StackKind,
    StackLayer,
    StackRow,
    list_read_cells,
)
from cnnviz.receptive_fields.theoretical import (
    Field,
    PathRange,
    compute_fields,
    compute_path_ranges,
)

ENERGY_SHARE = 0.95
_LETTERS = {
    StackKind.CONVOLUTION: "",
    StackKind.MAX_POOLING: "m",
    StackKind.AVERAGE_POOLING: "a",
}


def tabulate_stack(rows: Sequence[StackRow]) -> dict[str, list[str]]:
    """Arrange a stack's growth by column, each number worked out, in Markdown."""
    sums = [_write_sums(row) for row in rows]
    table = {
        " ": [str(number) for number in range(1, len(rows) + 1)],
        "Layer": [row.layer.title.replace(" ", "\u00a0") for row in rows],
    }
    for at, name in enumerate(("Cells $N$", "Field $r$", "Jump $j$", "Start $a$")):
        table[name] = [cells[at] for cells in sums]
    if any(row.unread for row in rows):
        table["Unread"] = [str(row.unread or "") for row in rows]
    return table


def _write_sums(row: StackRow) -> tuple[str, ...]:
    """Size, field, jump and start, each worked out."""
    window = row.layer.window
    below = row.start + window.padding * row.jump_below
    span = window.dilation * (window.kernel - 1) + 1
    growth = f"({window.kernel} − 1)·{window.dilation}·{row.jump_below}"
    size = f"({row.size_below} + 2·{window.padding} − {span})/{window.stride} + 1"
    sums = (
        (f"⌊{size}⌋" if row.unread else size, row.size),
        (f"{row.field_below} + {growth}", row.field),
        (f"{row.jump_below}·{window.stride}", row.jump),
        (f"{_sign(below)} − {window.padding}·{row.jump_below}", row.start),
    )
    # Sums stay in one line: a narrow screen scrolls the table instead.
    return tuple(f"{text} = **{_sign(value)}**".replace(" ", "\u00a0") for text, value in sums)


def _sign(number: int) -> str:
    return str(number).replace("-", "−")


def describe_top(rows: Sequence[StackRow]) -> str:
    """Say what a cell of the top layer sees."""
    last = rows[-1]
    return (
        f"A cell of the last layer sees {last.field}×{last.field} pixels, one step to its "
        f"neighbor moves that field by {last.jump} (the effective stride), and cell 0 starts at "
        f"pixel {_sign(last.start)}."
    )


def write_stack_csv(rows: Sequence[StackRow]) -> str:
    """Write a stack's table as CSV."""
    head = (
        *("number", "kind", "kernel", "stride", "padding", "dilation"),
        *("cells", "field", "jump", "start", "unread", "weights", "multiply_adds"),
    )
    return _write_csv(head, [_csv_row(number, row) for number, row in enumerate(rows, start=1)])


def _csv_row(number: int, row: StackRow) -> tuple[object, ...]:
    window = row.layer.window
    return (
        number,
        str(row.layer.kind),
        *(window.kernel, window.stride, window.padding, window.dilation),
        *(row.size, row.field, row.jump, row.start, row.unread),
        *(row.parameters, row.multiply_adds),
    )


def _write_csv(head: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(head)
    writer.writerows(rows)
    return text.getvalue()


def list_facts(rows: Sequence[StackRow], *, channels: int) -> list[tuple[str, str]]:
    """List what a stack costs: field, weights, multiply-adds and ReLUs, as (name, value)."""
    if not rows:
        return []
    convolutions = [row for row in rows if row.layer.kind is StackKind.CONVOLUTION]
    factor = sum(row.layer.window.kernel**2 for row in convolutions)
    weights = sum(row.parameters for row in rows)
    return [
        ("receptive field", f"{rows[-1].field}×{rows[-1].field}"),
        (f"weights = {factor}·C², C = {channels}", format_count(weights)),
        ("multiply-adds", format_count(sum(row.multiply_adds for row in rows))),
        ("ReLUs", str(len(convolutions))),
    ]


def compare_weights(first: Sequence[StackRow], second: Sequence[StackRow]) -> str | None:
    """Say in one sentence how two stacks compare; None where there is nothing to compare."""
    if not first or not second:
        return None
    sums = [sum(row.parameters for row in rows) for rows in (first, second)]
    work = [sum(row.multiply_adds for row in rows) for rows in (first, second)]
    fields = (first[-1].field, second[-1].field)
    if min(sums) == 0 or min(work) == 0:
        return None
    seen = (
        f"Both see {fields[0]}×{fields[0]} pixels."
        if fields[0] == fields[1]
        else f"They see {fields[0]}×{fields[0]} and {fields[1]}×{fields[1]} pixels."
    )
    return (
        f"{seen} The first needs {format_number(sums[0] / sums[1])} times the weights of the "
        f"second and "
        f"{format_number(work[0] / work[1])} times its multiply-adds."
    )


@dataclass(frozen=True, slots=True)
class FieldRow:
    """A layer of a network in the table of fields.

    Attributes:
        name: Name in the graph.
        title: Name for people.
        cells: Height and width.
        field: Its theoretical field.
        paths: Fields along its narrowest and widest path.
    """

    name: str
    title: str
    kind: str
    cells: tuple[int, int]
    field: Field
    paths: PathRange


def name_by_modules(rows: Sequence[FieldRow], graph: Graph) -> tuple[FieldRow, ...]:
    """Give layers the names of the modules that they are calls of, as titles."""
    nodes = graph.traced.graph.nodes
    titles = {node.name: str(node.target) for node in nodes if node.op == "call_module"}
    return tuple(replace(row, title=titles.get(row.name, row.name)) for row in rows)


def list_field_rows(graph: Graph) -> tuple[FieldRow, ...]:
    """List every layer whose field is known, the input first."""
    fields, paths = compute_fields(graph), compute_path_ranges(graph)
    return tuple(
        FieldRow(
            name=layer.name,
            title=layer.title,
            kind=str(layer.kind),
            cells=(layer.shape[1], layer.shape[2]),
            field=fields[layer.name],
            paths=paths[layer.name],
        )
        for layer in graph.layers
        if layer.name in fields
    )


def tabulate_network(rows: Sequence[FieldRow]) -> dict[str, list[str]]:
    """Arrange a network's fields by column, with the paths where any two differ."""
    table = {
        "Layer": [row.title for row in rows],
        "Kind": [row.kind for row in rows],
        "Cells": [_pair(row.cells) for row in rows],
        "Field": [_pair(row.field.size) for row in rows],
        "Jump": [_pair(row.field.jump) for row in rows],
        "Start": [_pair(row.field.start, sep=", ") for row in rows],
    }
    if has_branches(rows):
        table["Smallest path"] = [_pair(row.paths.smallest) for row in rows]
        table["Largest path"] = [_pair(row.paths.largest) for row in rows]
    return table


def list_architecture_rows(name: str) -> tuple[tuple[FieldRow, ...], int]:
    """Return an architecture's layers whose field is known, and how many layers have maps."""
    network = get_architecture(name)
    size = network.input_size
    graph = trace_shapes(lambda: network.build(size), input_shape=(network.channels, size, size))
    rows = name_by_modules(list_field_rows(graph), graph)
    return rows, sum(layer.is_spatial for layer in graph.layers)


def choose_convolution(rows: Sequence[FieldRow], *, side: int) -> FieldRow | None:
    """Return the deepest convolution whose field is at most half of an image of this side.

    Where all are larger, the first one; None where there is none.
    """
    convolutions = [row for row in rows if row.kind == LayerKind.CONVOLUTION]
    small = [row for row in convolutions if 2 * max(row.field.size) <= side]
    return next(iter((*reversed(small), *convolutions)), None)


def has_branches(rows: Sequence[FieldRow]) -> bool:
    """Whether paths of unlike fields lead to any layer."""
    return any(row.paths.smallest != row.paths.largest for row in rows)


def _pair(pair: tuple[int, int], *, sep: str = "×") -> str:
    return _sign(pair[0]) if pair[0] == pair[1] else f"{_sign(pair[0])}{sep}{_sign(pair[1])}"


def write_network_csv(rows: Sequence[FieldRow]) -> str:
    """Write a network's fields as CSV, rows and columns apart."""
    head = ["layer", "kind"]
    for name in ("cells", "field", "jump", "start", "smallest_path", "largest_path"):
        head += [f"{name}_rows", f"{name}_columns"]
    return _write_csv(
        head,
        [
            (
                *(row.title, row.kind, *row.cells),
                *(*row.field.size, *row.field.jump, *row.field.start),
                *(*row.paths.smallest, *row.paths.largest),
            )
            for row in rows
        ],
    )


def describe_effective(effective: EffectiveField) -> str:
    """Say how much of the theoretical field does the work."""
    holding = count_pixels_holding(effective.energy, share=ENERGY_SHARE)
    down, across = measure_spread(effective.energy)
    return (
        f"{format_percent(ENERGY_SHARE, digits=0)} of the energy lies on {format_count(holding)} "
        f"of "
        f"{format_count(effective.area)} pixels, {format_percent(holding / effective.area)} of "
        f"the theoretical "
        f"field; its standard deviation is {format_number(down)} pixels down and "
        f"{format_number(across)} across."
    )


def pack_effective(title: str, effective: EffectiveField) -> dict[str, Any]:
    """Pack an effective field with its title, what it says, and the theoretical one's frame."""
    patch = effective.patch
    return {
        "title": title,
        "note": describe_effective(effective),
        "rows": effective.energy.shape[0],
        "columns": effective.energy.shape[1],
        "row": (patch.top + patch.bottom) // 2,
        "frame": [patch.top, patch.bottom, patch.left, patch.right],
        "values": pack_energy(effective.energy),
    }


def pack_energy(energy: Tensor) -> str:
    """Pack an effective field for a canvas: base64 of uint8 (H, W), the square root of its share.

    The root makes faint pixels visible and is, for mean squares, the size of a typical gradient.
    """
    root = energy.sqrt().numpy()
    return base64.b64encode(np.rint(root / root.max() * 255).astype(np.uint8).tobytes()).decode(
        "ascii"
    )


def pack_strength(values: Values) -> str:
    """Pack how strong a layer's cells are for a canvas: base64 of uint8 (H, W).

    Args:
        values: Activations, (C, H, W); a cell's strength is their root mean square over channels.
    """
    root = np.sqrt(np.square(values, dtype=np.float64).mean(axis=0))  # (C, H, W) -> (H, W)
    most = float(root.max()) or 1.0
    return base64.b64encode(np.rint(root / most * 255).astype(np.uint8).tobytes()).decode("ascii")


def pack_cells(row: FieldRow, values: Values) -> dict[str, Any]:
    """Pack how strong the cells of a layer are, with its title; see `pack_strength`."""
    rows, columns = row.cells
    return {"title": row.title, "rows": rows, "columns": columns, "values": pack_strength(values)}


def pack_ground(view: Pixels) -> dict[str, Any]:
    """Pack what the network sees, uint8 (H, W) or (H, W, 3), in three colors."""
    height, width = view.shape[:2]
    pixels = np.broadcast_to(view.reshape(height, width, -1), (height, width, 3))
    return {"rows": height, "columns": width, "pixels": pixels}


def fit_square(pixels: Pixels, *, size: int) -> Pixels:
    """Cut the middle square out of an image and scale it to (size, size, 3), uint8."""
    side = min(pixels.shape[:2])
    top, left = ((length - side) // 2 for length in pixels.shape[:2])
    square = resize_for_view(
        np.ascontiguousarray(pixels[top : top + side, left : left + side]), max_side=size
    )
    places = (np.arange(size) * len(square)) // size  # repeats pixels where it is smaller
    return np.ascontiguousarray(square[places][:, places])


@dataclass(frozen=True, slots=True, eq=False)
class DrawnStack:
    """A stack to draw.

    Attributes:
        key: What the drawing calls it when its layers are edited.
        title: What stands above it.
        layers: All its layers, also those that do not fit.
        rows: The layers that fit, grown.
    """

    key: str
    title: str
    layers: tuple[StackLayer, ...]
    rows: tuple[StackRow, ...]


def pack_stack(stack: DrawnStack, *, size: int, channels: int) -> dict[str, Any]:
    """Pack a stack over an input of this side, with as many channels in every layer."""
    reads = list_read_cells(stack.rows)
    return {
        "key": stack.key,
        "title": stack.title,
        "size": size,
        "most": MAX_LAYERS,
        "layers": [_pack_window(layer) for layer in stack.layers],
        "rows": [
            _pack_window(row.layer)
            | {"title": row.layer.title, "size": row.size}
            | {"field": row.field, "jump": row.jump, "start": row.start}
            for row in stack.rows
        ],
        "unread": [place for place in range(size) if reads and place not in reads[0]],
        "facts": list_facts(stack.rows, channels=channels),
    }


def _pack_window(layer: StackLayer) -> dict[str, Any]:
    return {"letter": _LETTERS[layer.kind], **asdict(layer.window)}

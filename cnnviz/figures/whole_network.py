"""A folded network laid out to be drawn: columns by depth, branches as rows, shortcuts as arcs.

Python decides who stands where and who is tied to whom; the browser turns columns and rows into
pixels, from left to right or, on a narrow screen, from top to bottom.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from torch import nn

from cnnviz.figures.network import COLOR_OF, JOINS, find_lanes, name_size
from cnnviz.networks.graph.layers import Graph, Layer, LayerKind
from cnnviz.networks.graph.stages import Part, PartKind, VisiblePart, count_part, list_parts, unfold

_STAGE_NUMBER = re.compile(r"\d+$")
_BLOCK_NUMBER = re.compile(r"(?:block|layer) (\d+(?:–\d+)?)")
_POOLINGS = {LayerKind.MAX_POOLING: "max", LayerKind.AVERAGE_POOLING: "mean"}


@dataclass(frozen=True, slots=True)
class Node:
    """A part of the network as it is drawn.

    Attributes:
        name: The part.
        title: Name for people.
        label: The end of it, for where there is no room.
        note: What it does, in a few signs: “3×3, 64”.
        kind: "input", "layer", "block" or "repeat".
        color: Key of KIND_COLORS.
        sign: What it joins its branches by; empty where it has none.
        is_skipped: Whether a shortcut runs past what it computes.
        count: How many equal parts it stands for.
        column: Its depth: the longest way from the input to it.
        lane: 0 for the longest way through the network, 1, 2, ... for the branches beside it.
        lanes: How many branches run side by side where it stands.
        size: Of its maps: “56×56”, “vector”, “tokens” between.
        shape: Of its output.
        parameters: Learned.
        multiply_adds: For one image.
        frame: Index of the innermost frame that it stands in; None for none.
    """

    name: str
    title: str
    label: str
    note: str
    kind: str
    color: str
    sign: str
    is_skipped: bool
    count: int
    column: int
    lane: int
    lanes: int
    size: str
    shape: tuple[int, ...]
    parameters: int
    multiply_adds: int
    frame: int | None


@dataclass(frozen=True, slots=True)
class Frame:
    """An opened part: drawn as a frame round what it is made of.

    Attributes:
        name: The part.
        title: Name for people.
        count: How many equal parts it stands for; 1 for a block.
        depth: How many frames are around it.
        parent: Index of the innermost of them; None for none.
        first: Its first column.
        last: Its last column.
    """

    name: str
    title: str
    count: int
    depth: int
    parent: int | None
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class NetworkDrawing:
    """A folded network's drawing.

    Attributes:
        nodes: In the order of computation, the input first, the output last.
        ties: Pairs of their indices, (from, to).
        frames: The opened parts, the outer before the inner.
    """

    nodes: tuple[Node, ...]
    ties: tuple[tuple[int, int], ...]
    frames: tuple[Frame, ...]


def lay_out_parts(graph: Graph, parts: Sequence[Part], *, opened: frozenset[str]) -> NetworkDrawing:
    """Lay a folded network out.

    Args:
        graph: The network.
        parts: From `fold_network`.
        opened: Names of the parts that are drawn as what they are made of.
    """
    visible = unfold(parts, opened=opened)
    reads = _find_reads(graph, visible)
    columns: list[int] = []
    for below in reads:
        columns.append(1 + max((columns[source] for source in below), default=-1))
    lanes = find_lanes(reads, columns)
    frames = _make_frames(parts, visible, columns)
    places = {frame.name: place for place, frame in enumerate(frames)}
    beside = _count_lanes(visible, columns=columns, lanes=lanes)
    nodes = tuple(
        _make_node(
            graph,
            each.part,
            column=columns[place],
            lane=lanes[place],
            lanes=beside[place],
            frame=places[each.within[-1]] if each.within else None,
        )
        for place, each in enumerate(visible)
    )
    ties = tuple((source, above) for above, below in enumerate(reads) for source in below)
    return NetworkDrawing(nodes=nodes, ties=ties, frames=frames)


def _find_reads(graph: Graph, visible: Sequence[VisiblePart]) -> list[list[int]]:
    """For each visible part the places of those that it reads."""
    place_of = {name: place for place, each in enumerate(visible) for name in each.part.layers}
    reads: list[set[int]] = [set() for _ in visible]
    for layer in graph.layers:
        own = place_of[layer.name]
        reads[own] |= {place_of[source] for source in layer.inputs} - {own}
    return [sorted(below) for below in reads]


def _make_frames(
    parts: Sequence[Part], visible: Sequence[VisiblePart], columns: Sequence[int]
) -> tuple[Frame, ...]:
    known = {part.name: part for part in list_parts(parts)}
    spans: dict[str, list[int]] = {}
    around: dict[str, tuple[str, ...]] = {}
    for each, column in zip(visible, columns, strict=True):
        for depth, name in enumerate(each.within):
            spans.setdefault(name, []).append(column)
            around[name] = each.within[:depth]
    places = {name: place for place, name in enumerate(spans)}
    return tuple(
        Frame(
            name=name,
            title=known[name].title,
            count=_count_repeats(known[name]),
            depth=len(around[name]),
            parent=places[around[name][-1]] if around[name] else None,
            first=min(span),
            last=max(span),
        )
        for name, span in spans.items()
    )


def _count_lanes(
    visible: Sequence[VisiblePart], *, columns: Sequence[int], lanes: Sequence[int]
) -> list[int]:
    """How many branches run side by side: in a part's opened block, else in its column."""
    most: dict[object, int] = {}
    keys = [
        each.within[-1] if each.within else column
        for each, column in zip(visible, columns, strict=True)
    ]
    for key, lane in zip(keys, lanes, strict=True):
        most[key] = max(most.get(key, 0), lane + 1)
    return [most[key] for key in keys]


def _make_node(
    graph: Graph, part: Part, *, column: int, lane: int, lanes: int, frame: int | None
) -> Node:
    layers = [graph.find(name) for name in part.layers]
    head, shown = graph.find(part.head), graph.find(part.shown)
    counts = count_part(graph, part)
    kinds = {layer.kind for layer in layers if len(layer.inputs) > 1}
    has_window = any(layer.kind is LayerKind.CONVOLUTION for layer in layers)
    kind = "input" if head.kind is LayerKind.INPUT else str(part.kind)
    return Node(
        name=part.name,
        title=part.title,
        label=_shorten(part.title),
        note=_write_note(part, head, layers),
        kind=kind,
        color="convolution" if has_window else COLOR_OF.get(head.kind, "other"),
        sign=next((sign for joins, sign in JOINS.items() if joins in kinds), ""),
        is_skipped=part.kind is not PartKind.LAYER and LayerKind.SUM in kinds,
        count=_count_repeats(part),
        column=column,
        lane=lane,
        lanes=lanes,
        size=name_size(shown),
        shape=shown.shape,
        parameters=counts.parameters,
        multiply_adds=counts.multiply_adds,
        frame=frame,
    )


def _shorten(title: str) -> str:
    """Cut a title down to what tells it from others: “Block 2a, first 3×3” to “first 3×3”.

    Where both stage and block are only numbered, both are kept: “stage 6, block 1” to “6.1”.
    """
    start, _, end = title.rpartition(", ")
    stage, block = _STAGE_NUMBER.search(start), _BLOCK_NUMBER.fullmatch(end)
    if stage and block:
        return f"{stage[0]}.{block[1]}"
    word = end.rpartition(" ")[2]
    is_name = len(word) > 1 and any(map(str.isdigit, word))
    # “Mean of each map” is a mean, and “sum with the shortcut” a sum.
    return word if end == title and is_name else re.split(" of | with ", end)[0]


def _count_repeats(part: Part) -> int:
    return len(part.parts) if part.kind is PartKind.REPEAT else 1


def _write_note(part: Part, head: Layer, layers: Sequence[Layer]) -> str:
    if part.kind is PartKind.REPEAT:
        inner = [layer for layer in layers if layer.name in part.parts[0].layers]
        return _write_note(part.parts[0], head, inner)
    windows = [_write_window(layer) for layer in layers]
    return ", ".join(dict.fromkeys(filter(None, windows)))


def _write_window(layer: Layer) -> str:
    module = layer.module
    if isinstance(module, nn.Conv2d):
        height, width = module.kernel_size[:2]
        depthwise = "dw " if 1 < module.groups == module.in_channels else ""
        return f"{depthwise}{height}×{width}"
    if isinstance(module, nn.MaxPool2d | nn.AvgPool2d):
        side = module.kernel_size if isinstance(module.kernel_size, int) else module.kernel_size[0]
        return f"{_POOLINGS[layer.kind]} {side}×{side}"
    if layer.kind in _POOLINGS:
        return _POOLINGS[layer.kind]
    if layer.kind in (LayerKind.LINEAR, LayerKind.ATTENTION):
        return str(layer.kind)
    return ""

"""A network laid out to be drawn: which layer stands in which column and lane, who is tied to whom.

The browser turns columns into rows of the page's width; nothing here knows pixels of a screen.
"""

from dataclasses import dataclass
from math import log2

from cnnviz.figures.format import format_count, format_shape
from cnnviz.figures.formulas import describe_shape, name_layer, write_field
from cnnviz.networks.graph.layer_facts import LayerFacts, describe_layers
from cnnviz.networks.graph.layers import Graph, Layer, LayerKind
from cnnviz.networks.graph.per_graph import keep_per_graph

_SLABS = (
    LayerKind.ACTIVATION,
    LayerKind.NORMALIZATION,
    LayerKind.DROPOUT,
    LayerKind.RESHAPE,
    LayerKind.PADDING,
)
# A network of more layers is folded.
_MAX_UNFOLDED = 40
_FOLLOWERS = (
    LayerKind.INPUT,
    LayerKind.ACTIVATION,
    LayerKind.NORMALIZATION,
    LayerKind.DROPOUT,
)
JOINS = {
    LayerKind.SUM: "+",
    LayerKind.PRODUCT: "×",
    LayerKind.CONCATENATION: "∥",
}
# One colour a kind, for the light and the dark ground; the signed scale's orange is left free.
KIND_COLORS: dict[str, tuple[str, str]] = {
    "input": ("#5B6472", "#A7AFBB"),
    "convolution": ("#2F5D8C", "#7FB0E0"),
    "linear": ("#6B4A86", "#BE9AD9"),
    "pooling": ("#2E7D6B", "#6CC3AD"),
    "activation": ("#B8892B", "#E3BC62"),
    "normalization": ("#8A8577", "#9C978A"),
    "join": ("#5B6472", "#A7AFBB"),
    "other": ("#A39E92", "#77736A"),
}
COLOR_OF = {
    LayerKind.INPUT: "input",
    LayerKind.CONVOLUTION: "convolution",
    LayerKind.LINEAR: "linear",
    LayerKind.MAX_POOLING: "pooling",
    LayerKind.AVERAGE_POOLING: "pooling",
    LayerKind.ACTIVATION: "activation",
    LayerKind.NORMALIZATION: "normalization",
    LayerKind.SUM: "join",
    LayerKind.PRODUCT: "join",
    LayerKind.CONCATENATION: "join",
}
# In the order of a legend.
KIND_NAMES = {
    "convolution": "convolution",
    "pooling": "pooling",
    "linear": "linear",
    "activation": "activation",
    "normalization": "normalization",
    "join": "sum, concatenation",
    "other": "other",
}
_SHORT_WORDS = {"depthwise": "dw", " convolution": " conv", "linear layer": "linear"}
_MAX_LABEL = 12


@dataclass(frozen=True, slots=True)
class Block:
    """A layer as a block of the drawing.

    Attributes:
        name: The layer.
        column: Its depth: the longest way from the input to it.
        lane: 0 for the longest way through the network, 1, 2, ... for the branches beside it.
        height: From 0 to 1, by the maps' side (or a vector's length).
        thickness: From 0 to 1, by the number of channels; 0 for a thin slab.
        color: Key of KIND_COLORS.
        sign: What a joining layer shows in place of a block; empty elsewhere.
        spatial: Whether it yields maps.
        label: Name within its unit, short enough to stand below it.
        shape: Of its output.
        facts: What it is, in short lines.
    """

    name: str
    column: int
    lane: int
    height: float
    thickness: float
    color: str
    sign: str
    spatial: bool
    label: str
    shape: str
    facts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Unit:
    """A part of a long network that is looked at as a whole: a residual block, an inception.

    Attributes:
        title: Name for people.
        note: How many layers it has and what it yields.
        first: Index of its first layer's block.
        last: Index of its last layer's block.
        stage: Size of the maps that it yields; neighbours of one size are one stage.
        height: From 0 to 1, by the maps' side.
        thickness: From 0 to 1, by the number of channels.
        color: Key of KIND_COLORS.
        sign: What it joins its branches by; empty where it has none.
    """

    title: str
    note: str
    first: int
    last: int
    stage: str
    height: float
    thickness: float
    color: str
    sign: str


@dataclass(frozen=True, slots=True)
class NetworkLayout:
    """A network's drawing.

    Attributes:
        blocks: The layers in the order of computation.
        ties: Pairs of their indices, (below, above).
        units: A long network's parts in the same order; empty for a short one.
    """

    blocks: tuple[Block, ...]
    ties: tuple[tuple[int, int], ...]
    units: tuple[Unit, ...]


@keep_per_graph
def lay_out_network(graph: Graph) -> NetworkLayout:
    """Give every layer of a network its column, lane and size."""
    layers = graph.layers
    index = {layer.name: position for position, layer in enumerate(layers)}
    reads = [[index[name] for name in layer.inputs] for layer in layers]
    columns: list[int] = []
    for below in reads:
        columns.append(1 + max((columns[source] for source in below), default=-1))
    lanes = find_lanes(reads, columns)
    side = max((max(layer.shape[1:]) for layer in layers if layer.is_spatial), default=1)
    facts = describe_layers(graph)
    blocks = tuple(
        _make_block(facts[layer.name], column=columns[position], lane=lanes[position], side=side)
        for position, layer in enumerate(layers)
    )
    return NetworkLayout(
        blocks=blocks,
        units=_fold(layers, blocks) if len(layers) > _MAX_UNFOLDED else (),
        ties=tuple((source, above) for above, below in enumerate(reads) for source in below),
    )


def _fold(layers: tuple[Layer, ...], blocks: tuple[Block, ...]) -> tuple[Unit, ...]:
    """Cut a long network into its blocks; what stands alone is cut where the map size changes."""
    starts = [
        position
        for position, layer in enumerate(layers)
        if position == 0 or _piece_of(layer) != _piece_of(layers[position - 1])
    ]
    ends = [*starts[1:], len(layers)]
    return tuple(
        _make_unit(layers, blocks, first=first, last=end - 1)
        for first, end in zip(starts, ends, strict=True)
    )


def _piece_of(layer: Layer) -> tuple[str, str]:
    return layer.unit, "" if layer.unit else name_size(layer)


def _make_unit(
    layers: tuple[Layer, ...], blocks: tuple[Block, ...], *, first: int, last: int
) -> Unit:
    members = layers[first : last + 1]
    # What follows another layer is named after that one, which may stand in the piece before.
    lead = next((layer for layer in members if layer.kind not in _FOLLOWERS), members[-1])
    kinds = {layer.kind for layer in members}
    counted = "1 layer" if first == last else f"{len(members)} layers"
    # The largest member stands for the whole.
    block = max(blocks[first : last + 1], key=lambda each: (each.thickness, each.height))
    color = "convolution" if LayerKind.CONVOLUTION in kinds else block.color
    return Unit(
        title=members[-1].unit or lead.title,
        note=f"{counted}, {format_shape(members[-1].shape)}",
        first=first,
        last=last,
        stage=name_size(members[-1]),
        height=blocks[last].height,
        thickness=block.thickness,
        color=color,
        sign=next((sign for kind, sign in JOINS.items() if kind in kinds), ""),
    )


def name_size(layer: Layer) -> str:
    """Name the size of a layer's output: “56×56”, “vector”, “tokens” between."""
    if layer.is_spatial:
        return format_shape(layer.shape[1:])
    return "vector" if len(layer.shape) == 1 else "tokens"


def _make_block(facts: LayerFacts, *, column: int, lane: int, side: int) -> Block:
    layer = facts.layer
    if layer.is_spatial:
        height = (max(layer.shape[1:]) / side) ** 0.5
    else:
        height = min(0.15 + 0.06 * log2(max(layer.shape[0], 1)), 1.0) if layer.shape else 0.15
    channels = layer.shape[0] if layer.is_spatial else 2
    thin = layer.kind in _SLABS
    return Block(
        name=layer.name,
        column=column,
        lane=lane,
        height=height,
        thickness=0.0 if thin else min(0.12 + 0.08 * log2(max(channels, 1)), 1.0),
        color=COLOR_OF.get(layer.kind, "other"),
        sign=JOINS.get(layer.kind, ""),
        spatial=layer.is_spatial,
        label=_shorten(layer),
        shape=format_shape(layer.shape),
        facts=_describe_facts(facts),
    )


def _shorten(layer: Layer) -> str:
    name = name_layer(layer).rpartition(", ")[2]
    for word, short in _SHORT_WORDS.items():
        name = name.replace(word, short)
    return name if len(name) <= _MAX_LABEL else f"{name[: _MAX_LABEL - 1]}…"


def _describe_facts(facts: LayerFacts) -> tuple[str, ...]:
    """Title, kind, shape, parameters, receptive field."""
    layer = facts.layer
    parameters = f"{format_count(facts.parameters)} parameters" if facts.parameters else ""
    lines = (layer.title, str(layer.kind), describe_shape(layer), parameters, write_field(facts))
    return tuple(line for line in lines if line)


def find_lanes(reads: list[list[int]], columns: list[int]) -> list[int]:
    """Cut the network into ways without branches and put each where no other way is beside it."""
    readers: list[list[int]] = [[] for _ in reads]
    for above, below in enumerate(reads):
        for source in below:
            readers[source].append(above)
    to_end = [0] * len(reads)
    for position in reversed(range(len(reads))):
        to_end[position] = 1 + max((to_end[above] for above in readers[position]), default=0)
    lanes = [-1] * len(reads)
    taken: list[list[tuple[int, int]]] = []
    for position in range(len(reads)):
        if lanes[position] >= 0:
            continue
        way = [position]
        while True:
            further = [above for above in readers[way[-1]] if lanes[above] < 0]
            if not further:
                break
            way.append(max(further, key=lambda above: to_end[above]))
            lanes[way[-1]] = 0  # taken; its lane follows
        start = 1 + max((columns[source] for source in reads[position]), default=-1)
        ends = [columns[above] - 1 for above in readers[way[-1]]]
        lane = _take_lane(taken, start=start, end=max([columns[way[-1]], *ends]))
        for member in way:
            lanes[member] = lane
    return lanes


def _take_lane(taken: list[list[tuple[int, int]]], *, start: int, end: int) -> int:
    """The first lane that is free from column `start` to column `end`, marked as taken."""
    for lane, spans in enumerate(taken):
        if all(end < first or start > last for first, last in spans):
            spans.append((start, end))
            return lane
    taken.append([(start, end)])
    return len(taken) - 1

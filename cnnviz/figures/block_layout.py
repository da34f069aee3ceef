"""A block laid out to be drawn from top to bottom, its branches side by side.

Python decides who stands in which lane and which ties run round the outside; the browser turns
lanes into pixels of the page's width.
"""

from dataclasses import dataclass

from cnnviz.costs.layer_counts import WindowShape
from cnnviz.costs.table import CostTable, LayerCost
from cnnviz.figures.network import COLOR_OF
from cnnviz.networks.graph.layers import LayerKind

INPUT = "input"
MIDDLE = -1
_SIGNS = {LayerKind.SUM: "+", LayerKind.PRODUCT: "×", LayerKind.CONCATENATION: "∥"}
_KIND_NAMES = {
    LayerKind.LINEAR: "linear",
    LayerKind.DROPOUT: "dropout",
    LayerKind.CHANNELS: "shuffle",
    LayerKind.PADDING: "padding",
    LayerKind.SUM: "sum",
    LayerKind.PRODUCT: "product",
    LayerKind.CONCATENATION: "joined",
}
_OPERATIONS = {
    "relu": "ReLU",
    "relu_": "ReLU",
    "BatchNorm2d": "batch norm",
    "LayerNorm": "layer norm",
    "LocalResponseNorm": "response norm",
    "stochastic_depth": "stochastic depth",
    "permute": "axes moved",
    "Permute": "axes moved",
}
_PLAIN_NAMES = ("ReLU", "ReLU6", "SiLU", "GELU", "Sigmoid")
_FULL = (
    LayerKind.CONVOLUTION,
    LayerKind.LINEAR,
    LayerKind.MAX_POOLING,
    LayerKind.AVERAGE_POOLING,
    LayerKind.ATTENTION,
)


@dataclass(frozen=True, slots=True, eq=False)
class Box:
    """One layer of the block.

    Attributes:
        name: Name in the graph.
        title: What it is, with its kernel: “3×3”, “max 3×3, s2”.
        form: "full" for a layer with a window or weights, "slab" for what only passes values on,
            "sign" for sums, products and joins, "input" for the input.
        color: Key of KIND_COLORS.
        sign: What a "sign" shows.
        lane: Where it stands from left to right; MIDDLE where nothing stands beside it.
        layer: Its row of the cost table; None for the input.
    """

    name: str
    title: str
    form: str
    color: str
    sign: str
    lane: int
    layer: LayerCost | None


@dataclass(frozen=True, slots=True)
class Tie:
    """A line from one box to another.

    Attributes:
        source: Index of the box above.
        target: Index of the box below.
        around: Which line round the outside it takes, counted from the inside; None for straight.
    """

    source: int
    target: int
    around: int | None


@dataclass(frozen=True, slots=True, eq=False)
class BlockLayout:
    """Boxes in the order of computation, the input first, and the ties between them.

    Attributes:
        boxes: The boxes.
        ties: The ties.
        lanes: How many boxes stand side by side at most.
        arounds: How many lines run side by side round the outside.
    """

    boxes: tuple[Box, ...]
    ties: tuple[Tie, ...]
    lanes: int
    arounds: int


def lay_out_block(table: CostTable) -> BlockLayout:
    """Give every layer of a block its lane and every tie its way.

    Args:
        table: The block's costs, one row an operation.
    """
    layers, renamed = _drop_identities(table)
    names = [INPUT, *(layer.name for layer in layers)]
    index = {name: place for place, name in enumerate(names)}
    reads: list[list[int]] = [[]]
    reads += [[index[renamed.get(name, name)] for name in layer.inputs] for layer in layers]
    depths: list[int] = []
    for sources in reads:
        depths.append(1 + max((depths[source] for source in sources), default=-1))
    ways, follows = _find_ways(reads, depths)
    lanes = _give_lanes(ways, reads, depths)
    ties = _lay_ties(reads, depths, follows=follows, lanes=lanes)
    boxes = [Box(INPUT, "input", "input", "input", "", lanes[0], None)]
    boxes += [_make_box(layer, lane=lane) for layer, lane in zip(layers, lanes[1:], strict=True)]
    return BlockLayout(
        boxes=tuple(boxes),
        ties=tuple(ties),
        lanes=1 + max(0, *lanes),
        arounds=1 + max((tie.around for tie in ties if tie.around is not None), default=-1),
    )


def _drop_identities(table: CostTable) -> tuple[list[LayerCost], dict[str, str]]:
    """Leave out modules that do nothing; their readers read what they read."""
    renamed: dict[str, str] = {}
    kept = []
    for layer in table.layers:
        if layer.operation == "Identity":
            renamed[layer.name] = renamed.get(layer.inputs[0], layer.inputs[0])
        else:
            kept.append(layer)
    return kept, renamed


def _make_box(layer: LayerCost, *, lane: int) -> Box:
    sign = _SIGNS.get(layer.kind, "")
    return Box(
        name=layer.name,
        title=name_layer(layer),
        form="sign" if sign else "full" if layer.kind in _FULL else "slab",
        color=COLOR_OF.get(layer.kind, "other"),
        sign=sign,
        lane=lane,
        layer=layer,
    )


def name_layer(layer: LayerCost) -> str:
    """Name a layer by what it does: “3×3 conv, stride 2”, “max pooling 3×3”, “ReLU”."""
    window = layer.counts.window
    if layer.kind is LayerKind.CONVOLUTION and window is not None:
        grouped = "depthwise" if _is_depthwise(layer) else f"{layer.groups} groups"
        groups = f", {grouped}" if layer.groups > 1 else ""
        return f"{_write_kernel(window)} conv{groups}{_write_stride(window)}"
    if layer.kind in (LayerKind.MAX_POOLING, LayerKind.AVERAGE_POOLING):
        word = "max" if layer.kind is LayerKind.MAX_POOLING else "average"
        if window is None:
            return f"{word} of each map"
        return f"{word} pool {_write_kernel(window)}{_write_stride(window)}"
    if layer.kind is LayerKind.PRODUCT and len(layer.inputs) == 1:
        return "scaled"
    if layer.operation in _PLAIN_NAMES:
        return layer.operation
    if layer.operation in _OPERATIONS:
        return _OPERATIONS[layer.operation]
    return _KIND_NAMES.get(layer.kind, layer.operation.lower())


def _is_depthwise(layer: LayerCost) -> bool:
    return bool(layer.input_shape) and layer.groups == layer.input_shape[0]


def _write_kernel(window: WindowShape) -> str:
    return f"{window.kernel[0]}×{window.kernel[1]}"


def _write_stride(window: WindowShape) -> str:
    return f", stride {window.stride[0]}" if window.stride[0] > 1 else ""


def _find_alone(reads: list[list[int]], depths: list[int]) -> list[bool]:
    """Which boxes have nothing beside them but lines from boxes that they themselves build on."""
    below: list[set[int]] = []  # what each box builds on
    for sources in reads:
        below.append({*sources, *(far for source in sources for far in below[source])})
    ties = [(source, target) for target, sources in enumerate(reads) for source in sources]
    return [
        depths.count(depths[place]) == 1
        and all(
            source in below[place]
            for source, target in ties
            if depths[source] < depths[place] < depths[target]
        )
        for place in range(len(reads))
    ]


def _find_ways(reads: list[list[int]], depths: list[int]) -> tuple[list[list[int]], dict[int, int]]:
    """Cut the boxes that have others beside them into ways without branches.

    Returns:
        The ways, each a list of boxes, and for each box the next one of its way.
    """
    readers: list[list[int]] = [[] for _ in reads]
    for target, sources in enumerate(reads):
        for source in sources:
            readers[source].append(target)
    length = [0] * len(reads)
    for place in reversed(range(len(reads))):
        length[place] = 1 + max((length[target] for target in readers[place]), default=0)
    alone = _find_alone(reads, depths)
    taken = [False] * len(reads)
    ways = []
    follows: dict[int, int] = {}
    for place in range(len(reads)):
        if taken[place] or alone[place]:
            continue
        way = [place]
        taken[place] = True
        while True:
            further = [x for x in readers[way[-1]] if not taken[x] and not alone[x]]
            if not further:
                break
            follows[way[-1]] = max(further, key=lambda target: length[target])
            way.append(follows[way[-1]])
            taken[way[-1]] = True
        ways.append(way)
    return ways, follows


def _give_lanes(ways: list[list[int]], reads: list[list[int]], depths: list[int]) -> list[int]:
    """Put each way in the first lane that is free from its first box to its last one's reader."""
    lanes = [MIDDLE] * len(reads)
    busy: list[list[tuple[int, int]]] = []
    for way in sorted(ways, key=lambda way: way[0]):
        targets = [place for place, sources in enumerate(reads) if way[-1] in sources]
        end = max((depths[target] - 1 for target in targets), default=depths[way[-1]])
        lane = _take_lane(busy, start=depths[way[0]], end=max(end, depths[way[-1]]))
        for place in way:
            lanes[place] = lane
    return lanes


def _lay_ties(
    reads: list[list[int]], depths: list[int], *, follows: dict[int, int], lanes: list[int]
) -> list[Tie]:
    """Lead ties past other boxes round the outside; the last box of a way goes straight down."""
    ties = []
    busy: list[list[tuple[int, int]]] = []
    pairs = [(source, target) for target, sources in enumerate(reads) for source in sources]
    # The shortest keep inside.
    for source, target in sorted(pairs, key=lambda pair: depths[pair[1]] - depths[pair[0]]):
        passes = depths[target] - depths[source] > 1
        ends_way = lanes[source] != MIDDLE and source not in follows
        own = follows.get(source) == target
        # A lane of one's own, from a middle box down to the first box of a way.
        enters = lanes[source] == MIDDLE and depths[target] - depths[source] == 1
        if passes and not (ends_way or own or enters):
            around = _take_lane(busy, start=depths[source], end=depths[target] - 1)
            ties.append(Tie(source, target, around))
        else:
            ties.append(Tie(source, target, None))
    return ties


def _take_lane(busy: list[list[tuple[int, int]]], *, start: int, end: int) -> int:
    """The first lane that is free from depth `start` to depth `end`, marked as taken."""
    for lane, spans in enumerate(busy):
        if all(end < first or start > last for first, last in spans):
            spans.append((start, end))
            return lane
    busy.append([(start, end)])
    return len(busy) - 1

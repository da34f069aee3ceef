"""A network's graph folded to what a person reads: layers, blocks, and runs of equal blocks.

Three folds, each only on top of the one before. A normalisation, activation, dropout or reshape is
drawn with the layer that it changes. The layers of one block (a residual block, an inception) are
one part. Blocks of equal structure that follow each other are one part with a count.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import groupby

from torch import nn

from cnnviz.networks.graph.layer_facts import describe_layers
from cnnviz.networks.graph.layers import Graph, Layer, LayerKind
from cnnviz.networks.graph.per_graph import keep_per_graph

# A network of no more layers (with their activations) is drawn layer by layer.
MAX_UNFOLDED = 16
# A network of more parts than this is cut where the size of its maps changes.
MAX_PARTS = 40
_FOLLOWERS = frozenset(
    {
        LayerKind.NORMALIZATION,
        LayerKind.ACTIVATION,
        LayerKind.DROPOUT,
        LayerKind.RESHAPE,
        LayerKind.CHANNELS,
        LayerKind.PADDING,
        LayerKind.OTHER,
        # With one input: a scale or an offset that the network learned.
        LayerKind.SUM,
        LayerKind.PRODUCT,
    }
)


class PartKind(StrEnum):
    """What a part of a network is."""

    LAYER = "layer"
    BLOCK = "block"
    REPEAT = "repeat"


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a network that is drawn as one.

    Attributes:
        name: Unique in its network.
        title: Name for people.
        kind: A layer, a block of layers, or blocks that repeat.
        layers: Names of all its layers in the order of computation.
        head: The layer that it is named after: what computes, before activations follow.
        shown: The layer whose maps stand for it: its output, before it becomes a vector.
        parts: What it is made of; empty for a layer.
    """

    name: str
    title: str
    kind: PartKind
    layers: tuple[str, ...]
    head: str
    shown: str
    parts: tuple["Part", ...] = ()


@dataclass(frozen=True, slots=True)
class VisiblePart:
    """A part that is drawn, and the opened parts that it lies in, the outermost first."""

    part: Part
    within: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PartCounts:
    """Learned parameters of a part, and its multiply-adds for one image (pooling included)."""

    parameters: int
    multiply_adds: int


@keep_per_graph
def fold_network(graph: Graph) -> tuple[Part, ...]:
    """Fold a network into parts in the order of computation, the input first."""
    layers = {layer.name: layer for layer in graph.layers}
    steps = _join_followers(graph)
    if len(steps) <= MAX_UNFOLDED:
        return steps
    parts = _join_repeats(_join_blocks(steps, layers), layers)
    return parts if len(parts) <= MAX_PARTS else _join_sizes(parts, layers)


def unfold(parts: Sequence[Part], *, opened: frozenset[str]) -> tuple[VisiblePart, ...]:
    """List the parts that are drawn when some are opened, in the order of computation.

    Args:
        parts: From `fold_network`.
        opened: Names of parts; those that lie in a closed part or do not exist do not matter.
    """
    return tuple(_unfold(parts, opened=opened, within=()))


def _unfold(
    parts: Sequence[Part], *, opened: frozenset[str], within: tuple[str, ...]
) -> Iterator[VisiblePart]:
    for part in parts:
        if part.parts and part.name in opened:
            yield from _unfold(part.parts, opened=opened, within=(*within, part.name))
        else:
            yield VisiblePart(part=part, within=within)


def list_parts(parts: Sequence[Part]) -> tuple[Part, ...]:
    """List all parts and what they are made of, the outer before the inner."""
    return tuple(inner for part in parts for inner in (part, *list_parts(part.parts)))


def find_part(parts: Sequence[Part], name: str) -> Part | None:
    """Return the part of this name, or the one that is this layer or ends in it; None if none."""
    every = list_parts(parts)
    for part in every:
        if part.name == name:
            return part
    return next((part for part in every if not part.parts and name in part.layers), None)


def count_part(graph: Graph, part: Part) -> PartCounts:
    """Count what a part of a network has learned and computes for one image."""
    facts = describe_layers(graph)
    return PartCounts(
        parameters=sum(facts[name].parameters for name in part.layers),
        multiply_adds=sum(facts[name].multiply_adds for name in part.layers),
    )


def _join_followers(graph: Graph) -> tuple[Part, ...]:
    """Put each layer together with what alone reads it and only changes its values.

    What stands before a layer (normalisation and ReLU before a convolution) joins it likewise.
    """
    readers: dict[str, int] = {}
    for layer in graph.layers:
        for source in layer.inputs:
            readers[source] = readers.get(source, 0) + 1
    chains: dict[str, list[Layer]] = {}
    order: list[list[Layer]] = []
    moved = find_channels_last(graph)
    for layer in graph.layers:
        chain = chains.get(layer.inputs[0]) if len(layer.inputs) == 1 else None
        if chain is not None and readers[layer.inputs[0]] == 1 and _continues(chain, layer):
            chain.append(layer)
        else:
            chain = [layer]
            order.append(chain)
        chains[layer.name] = chain
    return tuple(_make_step(chain, channels_last=moved) for chain in order)


def find_channels_last(graph: Graph) -> frozenset[str]:
    """Find the layers whose output is (H, W, C): behind a permutation, until the next one."""
    moved: set[str] = set()
    for layer in graph.layers:
        name = type(layer.module).__name__ if layer.module is not None else layer.name
        is_turn = name.lower().startswith("permute")
        if is_turn != any(source in moved for source in layer.inputs):
            moved.add(layer.name)
    return frozenset(moved)


def _continues(chain: list[Layer], layer: Layer) -> bool:
    # The zeros around a map are of the window that reads them.
    if layer.unit != chain[-1].unit or layer.kind is LayerKind.PADDING:
        return False
    if _follows(layer):
        return chain[-1].kind is not LayerKind.INPUT
    return all(map(_follows, chain))


def _follows(layer: Layer) -> bool:
    return layer.kind in _FOLLOWERS and len(layer.inputs) == 1


def _make_step(chain: list[Layer], *, channels_last: frozenset[str]) -> Part:
    head = next((layer for layer in chain if not _follows(layer)), chain[0])
    maps = [each for each in chain if each.is_spatial and each.name not in channels_last]
    shown = maps[-1] if maps else chain[-1]
    return Part(
        name=head.name,
        title=head.title.removesuffix(f" ({head.kind})"),
        kind=PartKind.LAYER,
        layers=tuple(layer.name for layer in chain),
        head=head.name,
        shown=shown.name,
    )


def _join_blocks(steps: Sequence[Part], layers: dict[str, Layer]) -> tuple[Part, ...]:
    """Join neighbours that belong to one block of the network."""

    def find_block(step: Part) -> str:
        # Without a module of its own, a block is told by the titles: “Pair 2, 1×1”.
        first, comma, _ = step.title.partition(", ")
        return layers[step.head].unit or (first if comma else "")

    return _join_neighbours(steps, key=find_block, kind=PartKind.BLOCK)


def _join_repeats(parts: Sequence[Part], layers: dict[str, Layer]) -> tuple[Part, ...]:
    return _join_neighbours(
        parts, key=lambda part: _describe_structure(part, layers), kind=PartKind.REPEAT
    )


def _join_sizes(parts: Sequence[Part], layers: dict[str, Layer]) -> tuple[Part, ...]:
    def find_size(part: Part) -> tuple[int, ...]:
        shape = layers[part.shown].shape
        return shape[1:] if len(shape) == 3 else (len(shape),)

    return _join_neighbours(parts, key=find_size, kind=PartKind.BLOCK)


def _join_neighbours(
    parts: Sequence[Part], *, key: Callable[[Part], object], kind: PartKind
) -> tuple[Part, ...]:
    """Join parts that follow each other and have one key; an empty key joins nothing."""
    joined: list[Part] = []
    for value, run in groupby(parts, key=key):
        members = tuple(run)
        if value and len(members) > 1:
            joined.append(_make_group(members, kind=kind))
        else:
            joined += members
    return tuple(joined)


def _make_group(members: tuple[Part, ...], *, kind: PartKind) -> Part:
    return Part(
        name=f"{kind}.{members[0].head}",
        title=_name_group(members, kind=kind),
        kind=kind,
        layers=tuple(name for member in members for name in member.layers),
        head=members[0].head,
        shown=members[-1].shown,
        parts=members,
    )


def _name_group(members: tuple[Part, ...], *, kind: PartKind) -> str:
    """Name a block by the words that its members' titles begin with, else by its ends."""
    titles = [member.title.split(", ") for member in members]
    shared = []
    for words in zip(*titles, strict=False):
        if len(set(words)) > 1:
            break
        shared.append(words[0])
    # What repeats is a part of what shares these words: “stage 4, block 2–3”.
    if shared and kind is PartKind.BLOCK:
        return ", ".join(shared)
    # “Block 2a” to “Block 2c” is “Block 2a–2c”.
    first, last = members[0].title, members[-1].title
    own = max(last.rfind(" "), last.rfind("-")) + 1
    return f"{first}–{last[own:] if first.startswith(last[:own]) else last}"


def _describe_structure(part: Part, layers: dict[str, Layer]) -> object:
    """What two parts share when one repeats the other.

    The same operations, wired the same way, with outputs of the same size. What they read may have
    more channels: a dense block's layers read ever more maps and yield equally many.
    """
    if layers[part.head].kind is LayerKind.INPUT:
        return None
    places = {name: place for place, name in enumerate(part.layers)}
    return tuple(
        (
            layers[name].kind,
            *_describe_operation(layers[name]),
            tuple(sorted({places.get(source, -1) for source in layers[name].inputs})),
        )
        for name in part.layers
    )


def _describe_operation(layer: Layer) -> tuple[object, ...]:
    module, size = layer.module, layer.shape[1:]
    if isinstance(module, nn.Conv2d):
        depthwise = 1 < module.groups == module.in_channels
        groups = -1 if depthwise else module.groups
        window = (module.kernel_size, module.stride, str(module.padding), module.dilation)
        return module.out_channels, groups, *window, size
    if isinstance(module, nn.Linear):
        return module.out_features, size
    if isinstance(module, nn.MaxPool2d | nn.AvgPool2d):
        return type(module).__name__, module.kernel_size, module.stride, module.padding, size
    return type(module).__name__, size

"""A cost table counted by a convention and folded to layers or stages."""

from collections import Counter
from dataclasses import dataclass
from enum import StrEnum
from math import prod

from cnnviz.costs.layer_counts import WindowShape
from cnnviz.costs.table import CostTable, LayerCost
from cnnviz.networks.graph.layers import LayerKind
from cnnviz.networks.zoo.architecture import Architecture
from cnnviz.receptive_fields.theoretical import Field


class Fold(StrEnum):
    """How fine the table's rows are."""

    STAGES = "Stages"
    LAYERS = "Layers"
    OPERATIONS = "Every operation"


class Share(StrEnum):
    """What kind of layer a cost belongs to, as the images colour it."""

    CONVOLUTION = "convolution"
    LINEAR = "fully connected"
    ATTENTION = "attention"
    POOLING = "pooling"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Convention:
    """What counts as one operation, and which operations count.

    Attributes:
        twice: Whether a multiply-add counts as two operations.
        biases: Whether adding a bias counts.
        normalization: Whether normalization counts.
        elementwise: Whether activations, sums and products count.
        pooling: Whether pooling counts.
    """

    twice: bool = False
    biases: bool = False
    normalization: bool = False
    elementwise: bool = False
    pooling: bool = False


LECTURE = Convention(pooling=True)
# The page's own count first, then further ones that are in use.
CONVENTIONS: tuple[tuple[str, Convention], ...] = (
    ("multiply-adds of weights", Convention()),
    ("and a bias for each output", Convention(biases=True)),
    ("and each value that pooling reads", Convention(biases=True, pooling=True)),
    (
        "and normalization, activations, sums",
        Convention(biases=True, pooling=True, normalization=True, elementwise=True),
    ),
    ("multiply-adds of weights, each as two", Convention(twice=True)),
)


@dataclass(frozen=True, slots=True, eq=False)
class CostRow:
    """One row of the table, of one or several operations.

    Attributes:
        title: The layer's or stage's name.
        kind: What it does, in words.
        share: Its colour in the images.
        input_shape: What it reads.
        output_shape: What it yields.
        filters: Output channels of a layer with weights; None elsewhere.
        window: Sliding window of a single layer; None elsewhere.
        groups: Groups of a convolution, else 1.
        field: Receptive field and jump of its output; None where not defined.
        memory_bytes: Of its own output, or of all that a stage keeps.
        parameters: Weights and biases.
        operations: By the convention.
        members: The operations folded into it.
    """

    title: str
    kind: str
    share: Share
    input_shape: tuple[int, ...]
    output_shape: tuple[int, ...]
    filters: int | None
    window: WindowShape | None
    groups: int
    field: Field | None
    memory_bytes: int
    parameters: int
    operations: int
    members: tuple[LayerCost, ...]


_LEADERS = frozenset(
    {
        LayerKind.CONVOLUTION,
        LayerKind.LINEAR,
        LayerKind.ATTENTION,
        LayerKind.MAX_POOLING,
        LayerKind.AVERAGE_POOLING,
        LayerKind.SUM,
        LayerKind.CONCATENATION,
    }
)
_SHARES = {
    LayerKind.CONVOLUTION: Share.CONVOLUTION,
    LayerKind.LINEAR: Share.LINEAR,
    LayerKind.ATTENTION: Share.ATTENTION,
    LayerKind.MAX_POOLING: Share.POOLING,
    LayerKind.AVERAGE_POOLING: Share.POOLING,
}
_ELEMENTWISE = (LayerKind.ACTIVATION, LayerKind.SUM, LayerKind.PRODUCT, LayerKind.ATTENTION)
_POOLING = (LayerKind.MAX_POOLING, LayerKind.AVERAGE_POOLING)
HEAD = "head"


def count_operations(layer: LayerCost, convention: Convention) -> int:
    """Count one layer's operations for one image by a convention."""
    factor = 2 if convention.twice else 1
    total = factor * layer.counts.multiply_adds
    if convention.biases:
        total += layer.counts.bias_adds
    if convention.pooling and layer.kind in _POOLING:
        total += layer.counts.extra
    if convention.elementwise and layer.kind in _ELEMENTWISE:
        total += layer.counts.extra
    if convention.normalization and layer.kind is LayerKind.NORMALIZATION:
        total += factor * layer.counts.extra
    return total


@dataclass(frozen=True, slots=True, eq=False)
class NetworkCosts:
    """What a network costs at one input size; its rows are layers, counted by one convention."""

    network: Architecture
    size: int
    table: CostTable
    rows: tuple[CostRow, ...]

    @property
    def title(self) -> str:
        """The network with its input."""
        return f"{self.network.title} at {self.size}×{self.size}"


def sum_operations(table: CostTable, convention: Convention) -> int:
    """Count a network's operations for one image by a convention."""
    return sum(count_operations(layer, convention) for layer in table.layers)


def fold_rows(table: CostTable, *, fold: Fold, convention: Convention) -> tuple[CostRow, ...]:
    """Fold a cost table to rows; the rows' sums are the table's totals.

    Args:
        table: All operations of a network.
        fold: STAGES joins all of one map size; LAYERS gives normalization, activations and the
            like to the layer before them; OPERATIONS keeps each its own row.
        convention: What counts as an operation.
    """
    if fold is Fold.STAGES:
        return _fold_stages(table, convention)
    groups: list[list[LayerCost]] = []
    for layer in table.layers:
        if fold is Fold.OPERATIONS or layer.kind in _LEADERS or not groups:
            groups.append([layer])
        else:
            groups[-1].append(layer)
    return tuple(_make_row(group, convention) for group in groups)


def _make_row(group: list[LayerCost], convention: Convention) -> CostRow:
    leader = group[0]
    return CostRow(
        title=leader.title,
        kind=leader.kind.value,
        share=_SHARES.get(leader.kind, Share.OTHER),
        input_shape=leader.input_shape,
        output_shape=leader.output_shape,
        filters=leader.filters,
        window=leader.counts.window,
        groups=leader.groups,
        field=leader.field,
        memory_bytes=leader.memory_bytes,
        parameters=sum(layer.parameters for layer in group),
        operations=sum(count_operations(layer, convention) for layer in group),
        members=tuple(group),
    )


def _fold_stages(table: CostTable, convention: Convention) -> tuple[CostRow, ...]:
    rows = []
    for title, group in _split_stages(table.layers):
        kept = [layer for layer in group if layer.is_kept]
        fields = [layer.field for layer in group if layer.field is not None]
        kinds = Counter(_SHARES[layer.kind] for layer in group if layer.kind in _SHARES)
        rows.append(
            CostRow(
                title=title,
                kind=", ".join(f"{number} × {kind}" for kind, number in kinds.items()),
                share=kinds.most_common(1)[0][0] if kinds else Share.OTHER,
                input_shape=group[0].input_shape,
                output_shape=group[-1].output_shape,
                filters=None,
                window=None,
                groups=1,
                field=fields[-1] if fields else None,
                memory_bytes=sum(layer.memory_bytes for layer in kept),
                parameters=sum(layer.parameters for layer in group),
                operations=sum(count_operations(layer, convention) for layer in group),
                members=tuple(group),
            )
        )
    return tuple(rows)


def _split_stages(layers: tuple[LayerCost, ...]) -> list[tuple[str, list[LayerCost]]]:
    """Split where the maps become smaller for good; a glance at 1×1 and back does not count."""
    areas: list[int] = []
    names: dict[int, str] = {1: HEAD}
    largest = 1
    for layer in reversed(layers):
        plane = _read_plane(layer)
        if plane is not None:
            largest = max(largest, prod(plane))
            if layer.kind in (LayerKind.CONVOLUTION, *_POOLING) or prod(plane) not in names:
                names[prod(plane)] = _name_plane(plane)
        areas.append(largest)
    stages: list[tuple[str, list[LayerCost]]] = []
    for layer, area in zip(layers, reversed(areas), strict=True):
        if not stages or stages[-1][0] != names[area]:
            stages.append((names[area], []))
        stages[-1][1].append(layer)
    return stages


def _name_plane(plane: tuple[int, ...]) -> str:
    return f"{plane[0]} tokens" if len(plane) == 1 else "×".join(str(side) for side in plane)


def _read_plane(layer: LayerCost) -> tuple[int, ...] | None:
    """Height and width of a layer's map, or its number of tokens; None where it has neither."""
    shape = layer.output_shape
    if layer.kind in (LayerKind.CONVOLUTION, *_POOLING) and len(shape) == 3:
        return shape[1:] if prod(shape[1:]) > 1 else None
    if layer.kind in (LayerKind.LINEAR, LayerKind.ATTENTION) and len(shape) in (2, 3):
        return shape[:-1]
    return None

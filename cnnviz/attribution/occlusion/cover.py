"""Occlusion: cover a square of the image, ask the network again, and do so everywhere.

Source: Zeiler and Fergus 2014, "Visualizing and understanding convolutional networks", ECCV,
section 4.2 and figure 6.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import product

import torch
from torch import Tensor

from cnnviz.attribution.occlusion.fills import Fill, make_fill
from cnnviz.attribution.occlusion.plain import PlainNetwork, can_compute_windows
from cnnviz.attribution.occlusion.spans import Span, Square
from cnnviz.attribution.occlusion.windows import ChangedNetwork
from cnnviz.errors import AttributionError
from cnnviz.networks.load import LoadedModel

MAX_POSITIONS = 4096
# Every fourth position first, then every second, then all.
_ROUNDS = (4, 2, 1)
_MIN, _MAX = 8, 64
# A batch's largest layer takes about this many numbers; more would leave the processor's cache.
_NUMBERS = 8_000_000
_PARTS, _ALL = 8, slice(None)


@dataclass(frozen=True, slots=True)
class OcclusionOptions:
    """How an image is covered.

    Attributes:
        patch: Side of the covered square, in pixels of the network's input.
        stride: Pixels from one position to the next.
        fill: What stands there instead.
    """

    patch: int
    stride: int
    fill: Fill = Fill.MEAN


@dataclass(frozen=True, slots=True)
class LayerSaving:
    """How much of one layer had to be computed.

    Attributes:
        name: The layer.
        cells: Share of its cells that was computed for a covered image, 0 to 1, on average.
        full: Multiply-adds of the whole layer for one image.
        computed: Multiply-adds that were computed, on average of the covered images.
    """

    name: str
    cells: float
    full: int
    computed: float


@dataclass(frozen=True, slots=True, eq=False)
class Occlusion:
    """What a network says of an image with a square covered, for each position of the square.

    Attributes:
        options: How it was covered.
        size: Rows and columns of the network's input.
        tops: First covered row, one a row of the maps, (R,).
        lefts: First covered column, one a column of the maps, (K,).
        logits: (R, K, N), any real number; NaN where the square has not been yet.
        clean: Logits of the uncovered image, (N,).
        savings: How much was computed, by layer.
    """

    options: OcclusionOptions
    size: tuple[int, int]
    tops: tuple[int, ...]
    lefts: tuple[int, ...]
    logits: Tensor
    clean: Tensor
    savings: tuple[LayerSaving, ...]

    @property
    def done(self) -> Tensor:
        """Where the square has been, bool (R, K)."""
        return ~self.logits[..., 0].isnan()

    def find_square(self, row: int, column: int) -> Square:
        """Return what is covered at a position of the maps."""
        height, width = self.size
        patch, top, left = self.options.patch, self.tops[row], self.lefts[column]
        return Square(Span(top, min(height, top + patch)), Span(left, min(width, left + patch)))


@dataclass(frozen=True, slots=True, eq=False)
class OcclusionMap:
    """An occlusion read for one class.

    Attributes:
        target: Index of the class.
        probability: Of the class, 0 to 1, (R, K); NaN where the square has not been yet.
        logit: Of the class, (R, K).
        best: Index of the most probable class, int (R, K); −1 where the square has not been yet.
        clean_probability: Of the class for the uncovered image.
    """

    target: int
    probability: Tensor
    logit: Tensor
    best: Tensor
    clean_probability: float

    def find_lowest(self) -> tuple[int, int]:
        """Return the position (row, column), of those that have been, that takes most from it."""
        row, column = divmod(
            int(self.probability.nan_to_num(2.0).argmin()), len(self.probability[0])
        )
        return row, column


def list_starts(size: int, *, patch: int, stride: int) -> tuple[int, ...]:
    """Return where a square begins along an axis; the last one may hang over the edge.

    The same as captum's `Occlusion`.
    """
    return tuple(index * stride for index in range(math.ceil(max(0, size - patch) / stride) + 1))


def compute_occlusion(model: LoadedModel, x: Tensor, *, options: OcclusionOptions) -> Occlusion:
    """Cover an image everywhere and return what the network says at each position.

    Args:
        model: The network.
        x: The image as its input, (1, C, H, W).
        options: How it is covered.

    Raises:
        AttributionError: Patch or stride is out of range, or there are too many positions.
    """
    steps = refine_occlusion(model, x, options=options)
    _, result = next(steps)
    for _, result in steps:  # noqa: B007  (the last one is whole)
        pass
    return result


def refine_occlusion(
    model: LoadedModel, x: Tensor, *, options: OcclusionOptions, part: slice = _ALL
) -> Iterator[tuple[float, Occlusion]]:
    """Cover an image everywhere, coarse to fine, computing in each layer only what can change.

    Args:
        model: The network.
        x: The image as its input, (1, C, H, W).
        options: How it is covered.
        part: Which batches of positions, where others compute the rest; see `list_parts`.

    Yields:
        The share done and the result so far, at first without any position.

    Raises:
        AttributionError: Patch or stride is out of range, or there are too many positions.
    """
    size = (int(x.shape[2]), int(x.shape[3]))
    tops, lefts = _list_positions(size, options)
    fill = make_fill(options.fill, x, preprocessing=model.spec.preprocessing, patch=options.patch)
    network = _prepare(model, x)
    result = Occlusion(
        options=options,
        size=size,
        tops=tops,
        lefts=lefts,
        logits=torch.full((len(tops), len(lefts), len(network.output)), math.nan),
        clean=network.output.clone(),
        savings=(),
    )
    yield 0.0, result
    done, batches = 0, _list_batches(result, network, _choose_batch(model))[part]
    positions = sum(map(len, batches))
    for batch in batches:
        outputs = network.run([result.find_square(*place) for place in batch], fill)
        # Earlier results are others' to read: they are not written to.
        logits = result.logits.clone()
        rows, columns = zip(*batch, strict=True)
        logits[list(rows), list(columns)] = outputs
        result = _advance(result, logits, network)
        done += len(batch)
        yield done / positions, result


def list_parts(model: LoadedModel, x: Tensor, *, options: OcclusionOptions) -> list[slice]:
    """Return the parts of an occlusion that can be computed apart, coarse to fine."""
    window = {"patch": options.patch, "stride": options.stride}
    rows, columns = (len(list_starts(size, **window)) for size in x.shape[2:])
    batch = _choose_batch(model)
    count = sum(math.ceil(len(places) / batch) for places in list_rounds(rows, columns))
    each = math.ceil(count / _PARTS)
    return [slice(start, start + each) for start in range(0, count, each)]


def merge_parts(parts: Sequence[Occlusion]) -> Occlusion:
    """Make one occlusion of parts that cover different positions of the same image."""
    first, *others = parts
    logits = first.logits
    for other in others:
        logits = torch.where(other.done[..., None], other.logits, logits)
    counts = [int(part.done.sum()) for part in parts]
    shares = [count / sum(counts) for count in counts]
    layers = zip(*(part.savings for part in parts), strict=True)
    savings = tuple(
        LayerSaving(
            name=layer[0].name,
            cells=sum(share * one.cells for share, one in zip(shares, layer, strict=True)),
            full=layer[0].full,
            computed=sum(share * one.computed for share, one in zip(shares, layer, strict=True)),
        )
        for layer in layers
    )
    return replace(first, logits=logits, savings=savings)


def _prepare(model: LoadedModel, x: Tensor) -> ChangedNetwork | PlainNetwork:
    """The network ready for changes: where they reach, or all of it where that would be wrong."""
    if model.spec.is_own and not can_compute_windows(model.graph):
        return PlainNetwork(model.graph, x)
    return ChangedNetwork(model.graph, x)


def _list_positions(
    size: tuple[int, int], options: OcclusionOptions
) -> tuple[tuple[int, ...], tuple[int, ...]]:
    patch, stride = options.patch, options.stride
    if not 1 <= patch <= min(size):
        raise AttributionError(
            f"patch is {patch}; give from 1 to {min(size)} pixels for this network's input."
        )
    if stride < 1:
        raise AttributionError(f"stride is {stride}; give at least 1 pixel.")
    tops = list_starts(size[0], patch=patch, stride=stride)
    lefts = list_starts(size[1], patch=patch, stride=stride)
    if len(tops) * len(lefts) > MAX_POSITIONS:
        raise AttributionError(
            f"stride {stride} makes {len(tops) * len(lefts):,} positions and at most "
            f"{MAX_POSITIONS:,} are computed; choose a larger stride."
        )
    return tops, lefts


def _choose_batch(model: LoadedModel) -> int:
    largest = max(math.prod(layer.shape) for layer in model.graph.layers)
    return min(_MAX, max(_MIN, _NUMBERS // largest))


def list_rounds(rows: int, columns: int) -> list[list[tuple[int, int]]]:
    """Return all positions (row, column), coarse to fine: those of each round that are new."""
    seen: set[tuple[int, int]] = set()
    rounds = []
    for step in _ROUNDS:
        places = list(product(range(0, rows, step), range(0, columns, step)))
        rounds.append([place for place in places if place not in seen])
        seen.update(places)
    return rounds


def _list_batches(
    result: Occlusion, network: ChangedNetwork | PlainNetwork, size: int
) -> list[list[tuple[int, int]]]:
    """Positions (row, column) coarse to fine, within a round those of like reach together."""
    batches: list[list[tuple[int, int]]] = []
    for fresh in list_rounds(len(result.tops), len(result.lefts)):
        fresh.sort(key=lambda place: network.find_likeness(result.find_square(*place)))
        batches += [fresh[start : start + size] for start in range(0, len(fresh), size)]
    return batches


def _advance(
    result: Occlusion, logits: Tensor, network: ChangedNetwork | PlainNetwork
) -> Occlusion:
    savings = tuple(
        LayerSaving(
            name=work.name,
            cells=work.cells / (work.size * work.changes),
            full=work.full,
            computed=work.computed / work.changes,
        )
        for work in network.work.values()
        if work.changes
    )
    return replace(result, logits=logits, savings=savings)


def read_class(occlusion: Occlusion, *, target: int) -> OcclusionMap:
    """Read the maps of one class.

    Raises:
        AttributionError: There is no such class.
    """
    classes = len(occlusion.clean)
    if not 0 <= target < classes:
        raise AttributionError(f"target is {target}; the classes go from 0 to {classes - 1}.")
    best = occlusion.logits.nan_to_num().argmax(dim=2)
    return OcclusionMap(
        target=target,
        probability=occlusion.logits.softmax(dim=2)[..., target],
        logit=occlusion.logits[..., target],
        best=best.where(occlusion.done, torch.full_like(best, -1)),
        clean_probability=float(occlusion.clean.softmax(dim=0)[target]),
    )


def cover(x: Tensor, square: Square, fill: Tensor) -> Tensor:
    """Return an image (1, C, H, W) with a square of another laid over it."""
    covered = x.clone()
    rows, columns = square.rows, square.columns
    covered[:, :, rows.start : rows.end, columns.start : columns.end] = fill[
        :, :, rows.start : rows.end, columns.start : columns.end
    ]
    return covered

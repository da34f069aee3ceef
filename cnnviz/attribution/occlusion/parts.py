"""What of a layer was computed for a change of the image: its changed rectangle, or all of it."""

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from cnnviz.attribution.occlusion.spans import lay


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """The changed rectangles of one layer, one a change, all of one size.

    Attributes:
        values: (B, C, h, w), or a tuple of such.
        tops: First row of each.
        lefts: First column of each.
    """

    values: Any
    tops: tuple[int, ...]
    lefts: tuple[int, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Whole:
    """A layer's whole output for each change, (B, ...)."""

    values: Any


@dataclass(slots=True, eq=False)
class LayerWork:
    """How much of a layer was computed, over all changes so far.

    Attributes:
        name: The layer.
        size: Cells of one of its maps; 1 where it has none.
        full: Multiply-adds of one whole image.
        computed: Multiply-adds that were computed.
        cells: Cells of its maps that were computed, all changes together.
        changes: How many changes.
    """

    name: str
    size: int
    full: int
    computed: int = 0
    cells: int = 0
    changes: int = 0


def lay_all(kept: Tensor, part: Part) -> Tensor:
    """Return what was kept, once a change, with its changed rectangle laid over it."""
    batch = len(part.tops)
    if kept.dim() == 4:  # (N, C, H, W)
        values = make_maps(kept, batch, *kept.shape[2:])
        values[:] = kept
    else:
        values = kept.repeat(batch, *(1 for _ in kept.shape[1:]))
    for index in range(batch):
        lay(values[index], (0, 0), part.values[index], (part.tops[index], part.lefts[index]))
    return values


def make_maps(like: Tensor, batch: int, height: int, width: int) -> Tensor:
    """Make empty maps with the channels of others, (batch, C, height, width), channels last."""
    shape = (batch, like.shape[1], height, width)
    return torch.empty(shape, device=like.device, memory_format=torch.channels_last)


def size_of(part: Part) -> tuple[int, int]:
    """Return height and width of a part."""
    first = part.values[0] if isinstance(part.values, tuple) else part.values
    return int(first.shape[-2]), int(first.shape[-1])

"""Layers packed for the browser, which paints them in the colours of the visitor's theme."""

import base64
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from cnnviz.digits.mnist import Ink
from cnnviz.figures.colors import Colored

_BAR = 3  # cells, with one between two bars


@dataclass(frozen=True, slots=True, eq=False)
class Panel:
    """A stack of maps in one or more moments, as bytes for a canvas.

    Attributes:
        title: What stands above the image.
        note: What stands below it.
        scale: "signed" for activations and weights, "ink" for drawings.
        maps: How many maps.
        rows: Rows of one map.
        columns: Columns of one map.
        across: Maps side by side.
        frames: One moment each, int8 (maps, rows, columns) row by row, as base64.
    """

    title: str
    note: str
    scale: str
    maps: int
    rows: int
    columns: int
    across: int
    frames: tuple[str, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Strip(Colored):
    """Panels side by side, and where there is a guess, its probabilities.

    Attributes:
        panels: The pictures, each with the same number of moments.
        label: The picture in words.
        layout: "flow" from left to right, "panels" side by side, "tiles" or "card".
        classes: Names of the classes, empty without a guess.
        probabilities: Of each class, one list a moment.
    """

    panels: Sequence[Panel]
    label: str
    layout: str = "card"
    classes: tuple[str, ...] = ()
    probabilities: tuple[list[float], ...] = ()


def pack_signed(values: Tensor, *, title: str = "", note: str, across: int = 1) -> Panel:
    """Pack activations or weights; the largest magnitude of all moments gets the scale's end.

    Args:
        values: Moments, (T, C, H, W).
        title: What stands above the image.
        note: What stands below it.
        across: Maps side by side.
    """
    limit = float(values.abs().max()) or 1.0
    cells = (values / limit * 127).round().to(torch.int8).numpy()
    return _pack(cells, scale="signed", title=title, note=note, across=across)


def pack_ink(fields: npt.NDArray[np.float32] | Ink, *, title: str = "", note: str) -> Panel:
    """Pack drawings: ink from 0 to 1, moments (T, H, W)."""
    cells = (np.rint(fields * 255) - 128).astype(np.int8)
    return _pack(cells[:, None], scale="ink", title=title, note=note, across=1)


def pack_bars(values: Sequence[float], *, note: str) -> Panel:
    """Pack bars side by side, the largest as high as all of them are wide.

    Args:
        values: Lengths of the bars, none negative.
        note: What stands below them.
    """
    side = (_BAR + 1) * len(values) - 1
    largest = max(values) or 1
    cells = np.zeros((1, side, side), dtype=np.float32)
    for place, value in enumerate(values):
        left, height = place * (_BAR + 1), round(side * value / largest)
        cells[0, side - height :, left : left + _BAR] = 1
    return pack_ink(cells, note=note)


def _pack(cells: npt.NDArray[np.int8], *, scale: str, title: str, note: str, across: int) -> Panel:
    _, maps, rows, columns = cells.shape
    frames = tuple(base64.b64encode(moment.tobytes()).decode("ascii") for moment in cells)
    return Panel(
        title=title,
        note=note,
        scale=scale,
        maps=maps,
        rows=rows,
        columns=columns,
        across=across,
        frames=frames,
    )

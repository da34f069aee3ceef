"""A sliding window's results as words and tables."""

import csv
import io
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import numpy as np

from cnnviz.sliding import Grid, Slide
from cnnviz.stacks import StackKind

_POOLINGS = {StackKind.MAX_POOLING: "max", StackKind.AVERAGE_POOLING: "average"}


def describe_sizes(slide: Slide) -> str:
    """Say what a window makes of the size below it, and what it drops."""
    rows, columns = slide.rows, slide.columns
    said = (
        f"**{slide.layer.title}**: from {rows.size_below}×{columns.size_below} to "
        f"{rows.size}×{columns.size}."
    )
    dropped = slide.unread_rows, slide.unread_columns
    if not any(dropped):
        return said
    parts = [
        f"{noun if len(places) == 1 else f'{noun}s'} {', '.join(map(str, places))}"
        for noun, places in zip(("row", "column"), dropped, strict=True)
        if places
    ]
    return (
        f"{said} No window reads {' or '.join(parts)}: whatever stands there, the result is the "
        "same."
    )


def write_map_csv(grid: Grid) -> str:
    """Write a map as CSV, a line a row, without a head."""
    file = io.StringIO()
    csv.writer(file, lineterminator="\n").writerows(grid.tolist())
    return file.getvalue()


def pack_grids(
    grid: Grid, convolved: Slide, rectified: Grid, pooled: Sequence[Slide], *, is_grey: bool
) -> list[dict[str, Any]]:
    """Pack the input and what the windows made of it for the browser.

    Args:
        grid: The input, (H, W).
        convolved: What the kernel made of it.
        rectified: The map after ReLU.
        pooled: Poolings of the rectified map; none where the window does not fit.
        is_grey: Whether the input is grey levels, 0 to 255.
    """
    grids: list[dict[str, Any]] = [
        _pack("Input", grid) | {"grey": is_grey},
        _pack("Map", convolved.values) | {"reads": 0, "step": "convolution"} | _window(convolved),
        _pack("After ReLU", rectified) | {"reads": 1, "step": "relu"},
    ]
    for slide in pooled:
        word = _POOLINGS[slide.layer.kind]
        title = f"{word.capitalize()} pooling"
        grids.append(_pack(title, slide.values) | {"reads": 2, "step": word} | _window(slide))
    return grids


def _pack(title: str, grid: Grid) -> dict[str, Any]:
    return {"title": title, "values": np.round(grid, 6).tolist()}


def _window(slide: Slide) -> dict[str, Any]:
    unread = [slide.unread_rows, slide.unread_columns]
    return {"window": asdict(slide.layer.window), "unread": unread}

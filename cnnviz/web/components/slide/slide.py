"""The moving window: input, kernel, map, ReLU and poolings, one cell worked out at a time."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import streamlit as st

from cnnviz.figures.strip import pack_tables
from cnnviz.sliding import Grid, Slide
from cnnviz.stacks import StackKind
from cnnviz.web.components.bundle import create_component
from cnnviz.web.components.shared.packing import pack

_POOLINGS = {StackKind.MAX_POOLING: "max", StackKind.AVERAGE_POOLING: "average"}
_MAX_TEXT = 1200

_slide = create_component("slide")


@dataclass(frozen=True, slots=True, eq=False)
class Payload:
    """What the script reads.

    Attributes:
        grids: The input, the map, and what is made of it.
        kernel: Its rows.
        divisor: What its sums are divided by.
        bias: What is added then.
        tables: Colour scales.
        cell: The pinned cell, counted over all computed grids; None for the map's middle.
    """

    grids: list[dict[str, Any]]
    kernel: list[list[float]]
    divisor: float
    bias: float
    tables: dict[str, dict[str, str]]
    cell: int | None


def show_slide(
    grid: Grid,
    kernel: Grid,
    *,
    is_grey: bool,
    divisor: int,
    bias: float,
    convolved: Slide,
    rectified: Grid,
    pooled: tuple[Slide, ...],
    cell: int | None,
    on_edit: Callable[[], None],
    on_pin: Callable[[], None],
    key: str,
) -> None:
    """Draw every grid, and let a window slide over them.

    Args:
        grid: The input, (H, W).
        kernel: (K, K).
        is_grey: Whether the input is grey levels, 0 to 255.
        divisor: What each sum of products is divided by.
        bias: Added to each sum.
        convolved: What the kernel made of the input.
        rectified: The map after ReLU.
        pooled: Poolings of the rectified map; none where the window does not fit.
        cell: The pinned cell, counted over all computed grids; None for the map's middle.
        on_edit: Called before the rerun that follows an edit of the kernel; see `read_edit`.
        on_pin: Called before the rerun that follows a click on a cell; see `read_pinned`.
        key: Key of the component.
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
    payload = Payload(
        grids=grids,
        kernel=kernel.tolist(),
        divisor=divisor,
        bias=bias,
        tables=pack_tables(),
        cell=cell,
    )
    _slide(key=key, data=pack(payload), on_edited_change=on_edit, on_pinned_change=on_pin)


def read_edit(key: str) -> str | None:
    """Return the kernel's numbers as they were edited; None for what no table of ours sends."""
    edit = st.session_state[key].get("edited")
    return edit[:_MAX_TEXT] if isinstance(edit, str) else None


def read_pinned(key: str, *, count: int) -> int | None:
    """Return the cell that was clicked, one of `count`; None for what no grid of ours sends."""
    place = st.session_state[key].get("pinned")
    return place if type(place) is int and 0 <= place < count else None


def _pack(title: str, grid: Grid) -> dict[str, Any]:
    return {"title": title, "values": np.round(grid, 6).tolist()}


def _window(slide: Slide) -> dict[str, Any]:
    window = slide.layer.window
    return {
        "window": {
            "kernel": window.kernel,
            "stride": window.stride,
            "padding": window.padding,
            "dilation": window.dilation,
        },
        "unread": [list(slide.unread_rows), list(slide.unread_columns)],
    }

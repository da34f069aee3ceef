"""Picture, distortion and result, with a slider through all results that asks no server."""

from collections.abc import Callable, Sequence
from dataclasses import asdict

import streamlit as st

from cnnviz.figures.attack import Frame, pack_pixels
from cnnviz.imaging import Pixels
from cnnviz.web.components.bundle import create_component

_mount = create_component("attack")


def show_sweep(
    original: Pixels,
    frames: Sequence[Frame],
    *,
    top: tuple[tuple[str, float], ...],
    titles: tuple[str, str, str],
    notes: tuple[str, str],
    slider: str,
    key: str,
    follows: str = "attack",
    on_move: Callable[[], None] = lambda: None,
) -> None:
    """Show the lecture's figure; which frame is chosen is told by `tell_choices`.

    Args:
        original: uint8 (H, W) or (H, W, 3).
        frames: The positions of the slider.
        top: Names and shares of the likeliest classes of the original.
        titles: Of the three pictures.
        notes: What stands below the first and the last picture.
        slider: What the slider changes, for screen readers.
        key: Of the component.
        follows: Under which name `tell_choices` tells which frame is chosen.
        on_move: Called when the slider has come to rest; see `read_move`.
    """
    height, width = original.shape[:2]
    _mount(
        key=key,
        data={
            "original": pack_pixels(original),
            "height": height,
            "width": width,
            "top": top,
            "titles": titles,
            "picture_note": notes[0],
            "result_note": notes[1],
            "slider": slider,
            "follows": follows,
            "frames": [asdict(frame) for frame in frames],
        },
        on_moved_change=on_move,
        height="content",
    )


def read_move(key: str) -> int | None:
    """Return the frame on which the slider came to rest, for `on_move`."""
    moved = st.session_state[key].get("moved")
    return moved if type(moved) is int and moved >= 0 else None

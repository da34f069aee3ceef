"""Picture, distortion and result, with a slider through all results that asks no server."""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import streamlit as st

from cnnviz.figures.attack import Frame, pack_pixels
from cnnviz.imaging import Pixels
from cnnviz.web.components.bundle import create_component
from cnnviz.web.components.shared.packing import pack

_mount = create_component("attack")


@dataclass(frozen=True, slots=True, eq=False)
class Payload:
    """What the script reads.

    Attributes:
        original: Base64 of its bytes, row by row.
        height: Rows of a picture.
        width: Columns of a picture.
        top: Names and shares of the original's likeliest classes.
        titles: Of the three pictures.
        picture_note: What stands below the first picture.
        result_note: What stands below the last one.
        slider: What the slider changes, for screen readers.
        follows: Under which name the chosen frame is told.
        frames: The positions of the slider.
    """

    original: str
    height: int
    width: int
    top: tuple[tuple[str, float], ...]
    titles: tuple[str, str, str]
    picture_note: str
    result_note: str
    slider: str
    follows: str
    frames: list[dict[str, Any]]


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
        data=pack(
            Payload(
                original=pack_pixels(original),
                height=height,
                width=width,
                top=top,
                titles=titles,
                picture_note=notes[0],
                result_note=notes[1],
                slider=slider,
                follows=follows,
                frames=[asdict(frame) for frame in frames],
            )
        ),
        on_moved_change=on_move,
        height="content",
    )


def read_move(key: str) -> int | None:
    """Return the frame on which the slider came to rest, for `on_move`."""
    moved = st.session_state[key].get("moved")
    return moved if type(moved) is int and moved >= 0 else None

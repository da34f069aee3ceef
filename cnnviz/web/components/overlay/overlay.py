"""The figure of maps over pictures: methods across, classes or networks down."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import streamlit as st

from cnnviz.figures.attribution import pack_image
from cnnviz.figures.strip import pack_tables
from cnnviz.imaging import Pixels
from cnnviz.web.components.bundle import create_component
from cnnviz.web.components.shared.packing import pack

_WIDEST = 300


_overlay = create_component("overlay")


@dataclass(frozen=True, slots=True, eq=False)
class Payload:
    """What the script reads.

    Attributes:
        rows: Which of the pictures each row lies on.
        columns: Titles.
        pictures: Those that differ, as bytes.
        panels: One list a row.
        look: How the maps are drawn.
        label: All of it in words.
        hint: What stands below where nothing is pointed at.
        chosen: Row and column of the panel that is pointed out.
        selectable: Whether one can be chosen.
        file: Name of the PNG file that it offers.
        widest: Of a panel, in CSS pixels.
        tables: Colour scales.
    """

    rows: list[dict[str, int]]
    columns: list[str]
    pictures: list[dict[str, Any]]
    panels: list[list[dict[str, Any]]]
    look: dict[str, float | bool]
    label: str
    hint: str
    chosen: tuple[int, int] | None
    selectable: bool
    file: str | None
    widest: int
    tables: dict[str, dict[str, str]]


@dataclass(frozen=True, slots=True)
class Look:
    """How maps are drawn.

    Attributes:
        opacity: Of the heat, 0 to 1.
        signed: Whether values below zero are drawn.
        raw: Whether each map is drawn alone, cell by cell.
    """

    opacity: float = 0.9
    signed: bool = False
    raw: bool = False


def show_overlay(
    panels: Sequence[Sequence[dict[str, Any]]],
    *,
    views: Sequence[Pixels],
    columns: Sequence[str],
    look: Look,
    label: str,
    key: str,
    file: str | None = None,
    chosen: tuple[int, int] | None = None,
    on_pick: Callable[[], None] | None = None,
) -> None:
    """Draw panels in rows and columns; the pointer marks one place in all of them.

    Args:
        panels: One list a row, of what figures.attribution packs or `tell_note`, `show_view` make.
        views: What the network sees in each row, uint8 (H, W) or (H, W, 3).
        columns: Titles.
        look: How the maps are drawn.
        label: All of it in words.
        key: Key of the component.
        file: Name of the PNG file that it offers; None for none.
        chosen: Row and column of the panel that is pointed out.
        on_pick: Called before the rerun that follows a click on a map; None where none can be
            chosen.
    """
    pictures = [pack_image(view) for view in views]
    distinct = [each for at, each in enumerate(pictures) if each not in pictures[:at]]
    _overlay(
        key=key,
        data=pack(
            Payload(
                rows=[{"picture": distinct.index(picture)} for picture in pictures],
                columns=list(columns),
                pictures=distinct,
                panels=[list(row) for row in panels],
                look={"opacity": look.opacity, "signed": look.signed, "raw": look.raw},
                label=label,
                hint="Point at a place: it is marked in every map, with its value.",
                chosen=chosen,
                selectable=on_pick is not None,
                file=file,
                widest=_WIDEST,
                tables=pack_tables(),
            )
        ),
        on_picked_change=on_pick or _ignore,
    )


def show_view(name: str, note: str) -> dict[str, Any]:
    """Make a panel of the picture itself."""
    return {"kind": "picture", "name": name, "note": note, "label": f"The picture: {name} {note}"}


def tell_note(text: str) -> dict[str, Any]:
    """Make a panel of words in place of a map."""
    return {"kind": "note", "text": text, "name": "", "note": ""}


def read_place(key: str, *, rows: int, columns: int) -> tuple[int, int] | None:
    """Return row and column of the map that was clicked in the component of this key."""
    place = st.session_state[key].get("picked")
    if isinstance(place, list) and len(place) == 2 and all(type(part) is int for part in place):
        row, column = place
        if 0 <= row < rows and 0 <= column < columns:
            return row, column
    return None


def _ignore() -> None:
    """A figure without a choice has nothing to do."""

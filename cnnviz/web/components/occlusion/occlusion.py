"""Zeiler and Fergus's figure in the browser, which lays the square where the pointer is."""

from collections.abc import Callable
from typing import Any

import streamlit as st

from cnnviz.web.components.bundle import create_component

_occlusion = create_component("occlusion")


def show_occlusion(
    packed: dict[str, Any],
    *,
    chosen: int,
    pinned: bool,
    label: str,
    key: str,
    on_pick: Callable[[], None],
) -> None:
    """Draw the figure.

    Args:
        packed: Of figures.occlusion.pack_occlusion.
        chosen: Position that is shown where the pointer is elsewhere, row by row.
        pinned: Whether the visitor chose it.
        label: All of it in words.
        key: Key of the component.
        on_pick: Called before the rerun that follows a click; `read_position` tells where.
    """
    data = packed | {"chosen": chosen, "pinned": pinned, "label": label}
    _occlusion(key=key, data=data, on_picked_change=on_pick)


def read_position(key: str, *, count: int) -> int | None:
    """Return the position that was clicked; None where there is none."""
    place = st.session_state[key].get("picked")
    return place if type(place) is int and 0 <= place < count else None

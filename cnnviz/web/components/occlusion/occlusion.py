"""Zeiler and Fergus's figure in the browser, which lays the square where the pointer is."""

from collections.abc import Callable
from typing import Any

from cnnviz.web.components.bundle import create_component, take_index

_occlusion = create_component("occlusion")


def show_occlusion(
    packed: dict[str, Any],
    *,
    chosen: int,
    pinned: bool,
    label: str,
    count: int,
    key: str,
    on_pick: Callable[[int], object],
) -> None:
    """Draw the figure.

    Args:
        packed: Of figures.occlusion.pack_occlusion.
        chosen: Position that is shown where the pointer is elsewhere, row by row.
        pinned: Whether the visitor chose it.
        label: All of it in words.
        count: How many positions there are.
        key: Key of the component.
        on_pick: Called with the position that was clicked.
    """
    data = packed | {"chosen": chosen, "pinned": pinned, "label": label}
    _occlusion.show(data, key=key, picked=take_index(on_pick, count=count))

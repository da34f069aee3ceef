"""The figure of maps over pictures: methods across, classes or networks down."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from cnnviz.figures.attribution import pack_views
from cnnviz.figures.colors import Colored
from cnnviz.images.image import Pixels
from cnnviz.web.components.bundle import Cell, create_component, read_cell

_overlay = create_component("overlay")


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


@dataclass(frozen=True, slots=True, eq=False)
class Payload(Colored):
    """What the script reads; its type `Payload` says of each field what it is."""

    rows: list[dict[str, int]]
    columns: Sequence[str]
    pictures: list[dict[str, Any]]
    panels: Sequence[Sequence[dict[str, Any]]]
    look: Look
    label: str
    chosen: Cell | None
    selectable: bool
    file: str | None


def show_overlay(
    panels: Sequence[Sequence[dict[str, Any]]],
    *,
    views: Sequence[Pixels],
    columns: Sequence[str],
    look: Look,
    label: str,
    key: str,
    file: str | None = None,
    chosen: Cell | None = None,
    on_pick: Callable[[int, int], object] | None = None,
) -> None:
    """Draw panels in rows and columns; the pointer marks one place in all of them.

    Args:
        panels: One list a row, of what figures.attribution packs.
        views: What the network sees in each row, uint8 (H, W) or (H, W, 3).
        columns: Titles.
        look: How the maps are drawn.
        label: All of it in words.
        key: Key of the component.
        file: Name of the PNG file that it offers; None for none.
        chosen: Row and column of the panel that is pointed out.
        on_pick: Called with row and column of the map that was clicked; None where none can be.
    """
    rows, pictures = pack_views(views)
    places = {(row, column) for row, its in enumerate(panels) for column in range(len(its))}

    def take(place: Any) -> None:
        found = read_cell(place)
        if on_pick is not None and found is not None and found in places:
            on_pick(*found)

    payload = Payload(
        rows=rows,
        columns=columns,
        pictures=pictures,
        panels=panels,
        look=look,
        label=label,
        chosen=chosen,
        selectable=on_pick is not None,
        file=file,
    )
    _overlay.show(payload, key=key, picked=take)

"""One map enlarged beside the input, its cells tied to what they see, one of them worked out."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from cnnviz.figures.attribution import pack_image
from cnnviz.figures.colors import Colored
from cnnviz.imaging import Pixels
from cnnviz.maps import Values
from cnnviz.receptive_field import Field
from cnnviz.web.components.bundle import Cell, create_component, read_cell

_cell = create_component("cell")


@dataclass(frozen=True, slots=True, eq=False)
class Payload(Colored):
    """What the script reads; its type `Payload` says of each field what it is."""

    map: dict[str, Any]
    view: dict[str, Any]
    field: Field | None
    field_note: str
    cell: Cell
    pinned: bool
    value: float
    sum: dict[str, Any]


@dataclass(frozen=True, slots=True, eq=False)
class ShownMap:
    """The map that is enlarged.

    Attributes:
        values: (H, W).
        limit: The magnitude that gets the end of the colour scale.
        title: Its name.
        note: What stands behind the name.
        field: The layer's receptive field; None where there is none to outline.
        field_note: Why there is none.
    """

    values: Values
    limit: float
    title: str
    note: str
    field: Field | None
    field_note: str


def show_cell(
    shown: ShownMap,
    *,
    view: Pixels,
    cell: Cell,
    pinned: bool,
    arithmetic: dict[str, Any],
    on_pin: Callable[[Cell | None], object],
    key: str,
) -> None:
    """Mount the pair of pictures and the arithmetic of one cell.

    Args:
        shown: The map.
        view: The network's input as it is shown, uint8 (H, W) or (H, W, 3).
        cell: Row and column of the cell that is worked out.
        pinned: Whether the visitor chose it.
        arithmetic: What figures.sums.pack_sum packed.
        on_pin: Called with the cell that was clicked, None where it was let go.
        key: Key of the component.
    """
    payload = Payload(
        map=_pack_map(shown),
        view=pack_image(view),
        field=shown.field,
        field_note=shown.field_note,
        cell=cell,
        pinned=pinned,
        value=arithmetic["value"],
        sum=arithmetic,
    )
    _cell.show(payload, key=key, pinned=lambda place: on_pin(read_cell(place)))


def _pack_map(shown: ShownMap) -> dict[str, Any]:
    scale = float(np.abs(shown.values).max()) / 127
    rows, columns = shown.values.shape
    return {
        "values": np.rint(shown.values / (scale or 1.0)).astype(np.int8),
        "scale": scale,
        "limit": shown.limit,
        "rows": rows,
        "columns": columns,
        "title": shown.title,
        "note": shown.note,
        "label": f"{shown.title}, {rows} rows and {columns} columns. Arrow keys go "
        "from cell to cell, Enter pins a cell, Escape lets it go.",
    }

"""One map enlarged beside the input, its cells tied to what they see, one of them worked out."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from cnnviz.activations.maps import Values, pack_whole
from cnnviz.figures.attribution import pack_image
from cnnviz.figures.colors import Colored
from cnnviz.images.image import Pixels
from cnnviz.receptive_fields.theoretical import Field
from cnnviz.web.components.bundle import Cell, create_component, read_cell

_KEYS = "Arrow keys go from cell to cell, Enter pins a cell, Escape lets it go."

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


def show_cell(
    values: Values,
    *,
    limit: float,
    title: str,
    note: str,
    field: Field | None,
    field_note: str,
    view: Pixels,
    cell: Cell,
    pinned: bool,
    arithmetic: dict[str, Any],
    on_pin: Callable[[Cell | None], object],
    key: str,
) -> None:
    """Mount a map beside the input, and the arithmetic of one cell.

    Args:
        values: The map, (H, W).
        limit: The magnitude that gets the end of the colour scale.
        title: The map's name.
        note: What stands behind the name.
        field: The layer's receptive field; None where there is none to outline.
        field_note: Why there is none.
        view: The network's input as it is shown, uint8 (H, W) or (H, W, 3).
        cell: Row and column of the cell that is worked out.
        pinned: Whether the visitor chose it.
        arithmetic: What figures.sums.pack_sum packed.
        on_pin: Called with the cell that was clicked, None where it was let go.
        key: Key of the component.
    """
    rows, columns = values.shape
    label = f"{title}, {rows} rows and {columns} columns. {_KEYS}"
    payload = Payload(
        map={"title": title, "note": note, "label": label, **pack_whole(values, limit=limit)},
        view=pack_image(view),
        field=field,
        field_note=field_note,
        cell=cell,
        pinned=pinned,
        value=arithmetic["value"],
        sum=arithmetic,
    )
    _cell.show(payload, key=key, pinned=lambda place: on_pin(read_cell(place)))

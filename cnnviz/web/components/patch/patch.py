"""A layer's cells beside the network's input; a cell pointed at shows its patch."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from cnnviz.activations.maps import Values
from cnnviz.figures.colors import Colored
from cnnviz.figures.receptive_field import FieldRow, pack_cells, pack_ground
from cnnviz.images.image import Pixels
from cnnviz.receptive_fields.theoretical import Field
from cnnviz.web.components.bundle import Cell, create_component, read_cell

_patch = create_component("patch")


@dataclass(frozen=True, slots=True, eq=False)
class Payload(Colored):
    """What the script reads; its type `Payload` says of each field what it is."""

    cell: Cell
    layer: dict[str, Any]
    field: Field
    image: dict[str, Any]


def show_patch(
    row: FieldRow,
    *,
    cell: Cell,
    on_pin: Callable[[Cell | None], object],
    values: Values,
    view: Pixels,
    image: str,
    key: str,
) -> None:
    """Show a layer's cells beside the network's input; a cell pointed at shows its patch.

    Args:
        row: The layer and its theoretical field.
        cell: Row and column of the cell that is kept.
        on_pin: Called with the cell that was clicked, None where it was let go.
        values: Its activations, (C, H, W).
        view: What the network sees, uint8 (H, W) or (H, W, 3).
        image: Name of the image, for screen readers.
        key: Key of the component.
    """
    payload = Payload(
        cell=cell,
        layer=pack_cells(row, values),
        field=row.field,
        image={"label": image, **pack_ground(view)},
    )
    _patch.show(payload, key=key, pinned=lambda place: on_pin(read_cell(place)))

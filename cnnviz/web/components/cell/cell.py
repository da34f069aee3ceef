"""One map enlarged beside the input, its cells tied to what they see, one of them worked out."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from cnnviz.imaging import Pixels
from cnnviz.maps import Values
from cnnviz.receptive_field import Field
from cnnviz.web.components.bundle import create_component
from cnnviz.web.components.shared.packing import color_tables, encode_bytes, pack

_cell = create_component("cell")


@dataclass(frozen=True, slots=True, eq=False)
class Payload:
    """What the script reads.

    Attributes:
        map: The enlarged map: its bytes, scale, shape and names.
        view: The network's input as bytes.
        field: The layer's receptive field; None where there is none.
        field_note: Why there is none.
        cell: Row and column that are worked out.
        pinned: Whether the visitor chose them.
        value: The cell's value.
        sum: What figures.sums.pack_sum packed.
        colors: Colour scales.
    """

    map: dict[str, Any]
    view: dict[str, Any]
    field: dict[str, list[float]] | None
    field_note: str
    cell: list[int]
    pinned: bool
    value: float
    sum: dict[str, Any]
    colors: dict[str, dict[str, str]]


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
    cell: tuple[int, int],
    pinned: bool,
    arithmetic: dict[str, Any],
    on_pin: Callable[[], None],
    key: str,
) -> None:
    """Mount the pair of pictures and the arithmetic of one cell.

    A tap calls `on_pin`, which finds the cell with web.choices.read_pin.

    Args:
        shown: The map.
        view: The network's input as it is shown, uint8 (H, W) or (H, W, 3).
        cell: Row and column of the cell that is worked out.
        pinned: Whether the visitor chose it.
        arithmetic: What figures.sums.pack_sum packed.
        on_pin: Called before the rerun that follows a tap.
        key: Key of the component.
    """
    scale = float(np.abs(shown.values).max()) / 127
    packed = np.rint(shown.values / (scale or 1.0)).astype(np.int8)
    rows, columns = shown.values.shape
    field = shown.field
    _cell(
        key=key,
        data=pack(
            Payload(
                map={
                    "values": encode_bytes(packed),
                    "scale": scale,
                    "limit": shown.limit,
                    "rows": rows,
                    "columns": columns,
                    "title": shown.title,
                    "note": shown.note,
                    "label": f"{shown.title}, {rows} rows and {columns} columns. Arrow keys go "
                    "from cell to cell, Enter pins a cell, Escape lets it go.",
                },
                view={
                    "pixels": encode_bytes(view),
                    "channels": 1 if view.ndim == 2 else 3,
                    "rows": view.shape[0],
                    "columns": view.shape[1],
                },
                field=None
                if field is None
                else {
                    "size": list(field.size),
                    "jump": list(field.jump),
                    "start": list(field.start),
                },
                field_note=shown.field_note,
                cell=list(cell),
                pinned=pinned,
                value=arithmetic["value"],
                sum=arithmetic,
                colors=color_tables(),
            )
        ),
        on_pinned_change=on_pin,
    )

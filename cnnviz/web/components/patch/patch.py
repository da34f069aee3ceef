"""A layer's cells beside the network's picture; a cell pointed at shows its patch."""

import base64
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from cnnviz.figures.receptive_field import (
    FieldRow,
    pack_strength,
)
from cnnviz.figures.strip import pack_tables
from cnnviz.imaging import Pixels
from cnnviz.maps import Values
from cnnviz.web.components.bundle import create_component
from cnnviz.web.components.shared.packing import pack

_patch = create_component("patch")


@dataclass(frozen=True, slots=True, eq=False)
class Payload:
    """What the script reads.

    Attributes:
        cell: Row and column of the cell that is kept.
        layer: Title, shape and bytes.
        field: Size, jump and start along both axes.
        picture: What the network sees, as bytes.
        tables: Colour scales.
    """

    cell: list[int]
    layer: dict[str, Any]
    field: dict[str, list[int]]
    picture: dict[str, Any]
    tables: dict[str, dict[str, str]]


def show_patch(
    row: FieldRow,
    *,
    cell: tuple[int, int],
    on_pin: Callable[[], None],
    values: Values,
    view: Pixels,
    picture: str,
    key: str,
) -> None:
    """Show a layer's cells beside the network's picture; a cell pointed at shows its patch.

    A click calls `on_pin`, which finds the cell with web.choices.read_pin.

    Args:
        row: The layer and its theoretical field.
        cell: Row and column of the cell that is kept.
        on_pin: Called before the rerun that follows a click.
        values: Its activations, (C, H, W).
        view: What the network sees, uint8 (H, W) or (H, W, 3).
        picture: Name of the picture, for screen readers.
        key: Key of the component.
    """
    colored = np.ascontiguousarray(
        np.broadcast_to(view.reshape(*view.shape[:2], -1), (*view.shape[:2], 3))
    )
    _patch(
        key=key,
        data=pack(
            Payload(
                cell=list(cell),
                layer={
                    "title": row.title,
                    "rows": row.cells[0],
                    "columns": row.cells[1],
                    "values": pack_strength(values),
                },
                field={
                    "size": list(row.field.size),
                    "jump": list(row.field.jump),
                    "start": list(row.field.start),
                },
                picture={
                    "label": picture,
                    "rows": view.shape[0],
                    "columns": view.shape[1],
                    "pixels": base64.b64encode(colored.tobytes()).decode("ascii"),
                },
                tables=pack_tables(),
            )
        ),
        on_pinned_change=on_pin,
    )

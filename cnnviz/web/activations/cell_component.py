"""One map enlarged beside the input, its cells tied to what they see, one of them worked out."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import streamlit as st

from cnnviz.imaging import Pixels
from cnnviz.maps import Values
from cnnviz.receptive_field import Field
from cnnviz.web.component_files import read_files, read_styles
from cnnviz.web.digit.component import color_tables
from cnnviz.web.maps_component import encode_bytes

_cell = st.components.v2.component(
    "cnnviz_cell",
    html=read_files("cell.html"),
    css=read_styles("cell.css"),
    js=read_files("paint.js", "values.js", "sums.js", "cell.js"),
)


_sum = st.components.v2.component(
    "cnnviz_sum",
    html=read_files("sum.html"),
    css=read_styles("cell.css"),
    js=read_files("paint.js", "values.js", "sums.js", "sum.js"),
)


_numbers = st.components.v2.component(
    "cnnviz_numbers",
    html=read_files("numbers.html"),
    css=read_styles("cell.css"),
    js=read_files("paint.js", "values.js", "sums.js", "numbers.js"),
)


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
        data={
            "map": {
                "values": encode_bytes(packed),
                "scale": scale,
                "limit": shown.limit,
                "rows": rows,
                "columns": columns,
                "title": shown.title,
                "note": shown.note,
                "label": f"{shown.title}, {rows} rows and {columns} columns. Arrow keys go from "
                "cell to cell, Enter pins a cell, Escape lets it go.",
            },
            "view": {
                "pixels": encode_bytes(view),
                "channels": 1 if view.ndim == 2 else 3,
                "rows": view.shape[0],
                "columns": view.shape[1],
            },
            "field": None
            if field is None
            else {
                "size": list(field.size),
                "jump": list(field.jump),
                "start": list(field.start),
            },
            "field_note": shown.field_note,
            "cell": list(cell),
            "pinned": pinned,
            "value": arithmetic["value"],
            "sum": arithmetic,
            "colors": color_tables(),
        },
        on_pinned_change=on_pin,
    )


def show_sum(arithmetic: dict[str, Any], *, key: str) -> None:
    """Mount the arithmetic of one cell by itself.

    Args:
        arithmetic: What figures.sums.pack_sum packed.
        key: Key of the component.
    """
    _sum(key=key, data={"sum": arithmetic, "colors": color_tables()})


def show_numbers(kernels: Values, *, names: list[str], limit: float, key: str) -> None:
    """Show kernels as tables of coloured numbers.

    Args:
        kernels: (n, K, K).
        names: One a kernel.
        limit: The magnitude that gets the end of the colour scale.
        key: Key of the component.
    """
    grids = [
        {"name": name, "rows": kernel.tolist()} for name, kernel in zip(names, kernels, strict=True)
    ]
    _numbers(key=key, data={"grids": grids, "limit": limit, "colors": color_tables()})

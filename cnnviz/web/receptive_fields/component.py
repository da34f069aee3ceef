"""The moving picture of a stack's receptive field, and the heat maps of effective fields."""

import base64
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import streamlit as st

from cnnviz.effective_field import EffectiveField
from cnnviz.figures.receptive_field import (
    FieldRow,
    describe_effective,
    list_facts,
    pack_energy,
    pack_strength,
)
from cnnviz.figures.strip import pack_tables
from cnnviz.imaging import Pixels
from cnnviz.maps import Values
from cnnviz.stacks import MAX_LAYERS, StackKind, StackLayer, StackRow, list_read_cells
from cnnviz.web.component_files import read_files, read_styles

_LETTERS = {
    StackKind.CONVOLUTION: "",
    StackKind.MAX_POOLING: "m",
    StackKind.AVERAGE_POOLING: "a",
}


@dataclass(frozen=True, slots=True, eq=False)
class DrawnStack:
    """A stack to draw.

    Attributes:
        key: What the component calls it when its layers are edited.
        title: What stands above it.
        layers: All its layers, also those that do not fit.
        rows: The layers that fit, grown.
    """

    key: str
    title: str
    layers: tuple[StackLayer, ...]
    rows: tuple[StackRow, ...]


_field = st.components.v2.component(
    "cnnviz_field",
    html=read_files("field.html"),
    css=read_styles("field.css"),
    js=read_files(
        "paint.js", "save.js", "stack.js", "field_picture.js", "field_editor.js", "field.js"
    ),
)
_heat = st.components.v2.component(
    "cnnviz_heat",
    html=read_files("heat.html"),
    css=read_styles("heat.css"),
    js=read_files("paint.js", "save.js", "heat.js"),
)
_patch = st.components.v2.component(
    "cnnviz_patch",
    html=read_files("patch.html"),
    css=read_styles("patch.css"),
    js=read_files("paint.js", "save.js", "patch.js"),
)


def show_fields(
    stacks: Sequence[DrawnStack],
    *,
    size: int,
    channels: int,
    picture: Pixels | None,
    on_edit: Callable[[], None],
    key: str,
) -> None:
    """Draw one or two stacks over the same input, and let their layers be edited.

    Its trigger `edited` holds {"stack": key, "text": notation} while `on_edit` runs.

    Args:
        stacks: The stacks; those without rows show their controls only.
        size: Side of the input, in pixels.
        channels: Channels of every layer.
        picture: What lies on the input, uint8 (size, size, 3), or None for bare pixels.
        on_edit: Called before the rerun that follows an edit.
        key: Key of the component.
    """
    _field(
        key=key,
        data={
            "size": size,
            "stacks": [_pack_stack(stack, size=size, channels=channels) for stack in stacks],
            "picture": picture
            if picture is None
            else {"size": size, "pixels": base64.b64encode(picture.tobytes()).decode("ascii")},
            "tables": pack_tables(),
        },
        on_edited_change=on_edit,
    )


def _pack_stack(stack: DrawnStack, *, size: int, channels: int) -> dict[str, Any]:
    reads = list_read_cells(stack.rows)
    return {
        "key": stack.key,
        "title": stack.title,
        "size": size,
        "most": MAX_LAYERS,
        "layers": [_pack_window(layer) for layer in stack.layers],
        "rows": [
            {
                **_pack_window(row.layer),
                "title": row.layer.title,
                "size": row.size,
                "field": row.field,
                "jump": row.jump,
                "start": row.start,
            }
            for row in stack.rows
        ],
        "unread": [place for place in range(size) if reads and place not in reads[0]],
        "facts": list_facts(stack.rows, channels=channels),
    }


def _pack_window(layer: StackLayer) -> dict[str, Any]:
    window = layer.window
    return {
        "letter": _LETTERS[layer.kind],
        "kernel": window.kernel,
        "stride": window.stride,
        "padding": window.padding,
        "dilation": window.dilation,
    }


def show_heat(fields: Sequence[tuple[str, EffectiveField]], *, label: str, key: str) -> None:
    """Show effective fields side by side, each with its title and what it says.

    Args:
        fields: Titles and fields.
        label: All of them in words, for screen readers.
        key: Key of the component.
    """
    panels = [
        {
            "title": title,
            "note": describe_effective(field),
            "rows": field.energy.shape[0],
            "columns": field.energy.shape[1],
            "row": (field.patch.top + field.patch.bottom) // 2,
            "frame": [field.patch.top, field.patch.bottom, field.patch.left, field.patch.right],
            "values": pack_energy(field.energy),
        }
        for title, field in fields
    ]
    _heat(key=key, data={"panels": panels, "label": label, "tables": pack_tables()})


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
        data={
            "cell": list(cell),
            "layer": {
                "title": row.title,
                "rows": row.cells[0],
                "columns": row.cells[1],
                "values": pack_strength(values),
            },
            "field": {
                "size": list(row.field.size),
                "jump": list(row.field.jump),
                "start": list(row.field.start),
            },
            "picture": {
                "label": picture,
                "rows": view.shape[0],
                "columns": view.shape[1],
                "pixels": base64.b64encode(colored.tobytes()).decode("ascii"),
            },
            "tables": pack_tables(),
        },
        on_pinned_change=on_pin,
    )

"""Stacks of layers over one input, and what their cells see."""

import base64
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from cnnviz.figures.receptive_field import (
    list_facts,
)
from cnnviz.figures.strip import pack_tables
from cnnviz.imaging import Pixels
from cnnviz.stacks import MAX_LAYERS, StackKind, StackLayer, StackRow, list_read_cells
from cnnviz.web.components.bundle import create_component
from cnnviz.web.components.shared.packing import pack

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


_field = create_component("field")


@dataclass(frozen=True, slots=True, eq=False)
class Payload:
    """What the script reads.

    Attributes:
        size: Side of the input, in pixels.
        stacks: One or two, see `_pack_stack`.
        picture: What lies on the input; None for bare pixels.
        tables: Colour scales.
    """

    size: int
    stacks: list[dict[str, Any]]
    picture: dict[str, Any] | None
    tables: dict[str, dict[str, str]]


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
        data=pack(
            Payload(
                size=size,
                stacks=[_pack_stack(stack, size=size, channels=channels) for stack in stacks],
                picture=picture
                if picture is None
                else {"size": size, "pixels": base64.b64encode(picture.tobytes()).decode("ascii")},
                tables=pack_tables(),
            )
        ),
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

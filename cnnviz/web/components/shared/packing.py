"""Bytes and colour scales, packed for the browser."""

import base64
from dataclasses import fields
from typing import Any

import numpy as np
import numpy.typing as npt

from cnnviz.figures.colors import diverging_table, ink_table


def encode_bytes(values: npt.NDArray[Any]) -> str:
    """Pack bytes for the browser."""
    return base64.b64encode(np.ascontiguousarray(values).tobytes()).decode("ascii")


def color_tables() -> dict[str, dict[str, str]]:
    """Return the colour scales as base64 of uint8 (256, 3): signed and ink, light and dark."""
    return {
        name: {
            theme: base64.b64encode(table(dark=theme == "dark").tobytes()).decode("ascii")
            for theme in ("light", "dark")
        }
        for name, table in (("signed", diverging_table), ("ink", ink_table))
    }


def pack(payload: Any) -> dict[str, Any]:
    """Return a payload's fields by name; its values are not copied, as they may be large."""
    return {field.name: getattr(payload, field.name) for field in fields(payload)}

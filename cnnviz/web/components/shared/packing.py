"""Payloads, packed for the browser."""

import base64
from dataclasses import fields, is_dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

_PLAIN = frozenset({str, int, float, bool, type(None)})  # most of what there is


def encode_bytes(values: npt.NDArray[Any]) -> str:
    """Pack bytes for the browser, row by row, as base64."""
    return base64.b64encode(np.ascontiguousarray(values).tobytes()).decode("ascii")


def pack(value: Any) -> Any:
    """Return a value as JSON holds it: dataclasses by field, arrays as base64 of their bytes."""
    if isinstance(value, np.ndarray):
        return encode_bytes(value)
    if isinstance(value, dict):
        return {name: _pack(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [_pack(one) for one in value]
    if is_dataclass(value):
        return {one.name: _pack(getattr(value, one.name)) for one in fields(value)}
    return value


def _pack(value: Any) -> Any:
    return value if type(value) in _PLAIN else pack(value)

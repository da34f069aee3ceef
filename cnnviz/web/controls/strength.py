"""How strong a change is: a position of a slider that stands inside a figure.

Without a choice it is the smallest strength that fools: see figures.attack.find_position.
"""

import math
from typing import Any

from cnnviz.web.controls.kinds import coded

_SMALLEST = "smallest"


def strength(label: str = "Strength", **rest: Any) -> Any:
    """Declare a strength, None for the smallest that fools; see `Coded`."""
    return coded(label, decode=_read, encode=_write, **rest)


def _read(text: str) -> float | None:
    if text.lower() == _SMALLEST:
        return None
    value = float(text[:20])
    if not 0 <= value < math.inf:
        raise ValueError("A strength is 0 or more.")
    return value


def _write(value: float | None) -> str:
    return _SMALLEST if value is None else f"{value:.6g}"

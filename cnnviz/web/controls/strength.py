"""How strong a change is: a position of a slider that stands inside a picture.

Without a choice it is the smallest strength that fools, wherever that is: it follows the attack.
"""

import math
from collections.abc import Sequence
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


def find_position(value: float | None, *, strengths: Sequence[float], fools: Sequence[bool]) -> int:
    """Return the place of the strength that is nearest to a value.

    Args:
        value: None for the smallest that fools, or the largest where none does.
        strengths: Of each place, growing.
        fools: Whether it fools, of each place.
    """
    if value is None:
        return fools.index(True) if any(fools) else len(fools) - 1
    return min(range(len(strengths)), key=lambda place: abs(strengths[place] - value))

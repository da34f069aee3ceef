"""A drawing as a short text for an address, and back.

What is packed is what is drawn from then on, so that a link shows just what its sender sees.
"""

import numpy as np
import numpy.typing as npt

from cnnviz.digits.mnist import Stroke, check_strokes

Points = npt.NDArray[np.float64]

_DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
_BASE = len(_DIGITS)
_STEPS = _BASE**2 - 1  # two characters a coordinate: 1/4095 of the pad's side
# Points nearer than this to the line between their neighbours are left out; a pen's width is 0.08.
_TOLERANCE = 0.003


def pack_strokes(strokes: tuple[Stroke, ...]) -> str:
    """Write strokes as four characters a point, a full stop between strokes.

    Points on a straight line are left out (Douglas and Peucker 1973).
    """
    return ".".join(_pack_stroke(stroke) for stroke in strokes if stroke)


def simplify_line(points: Points, *, tolerance: float) -> Points:
    """Leave out points that are near the line between those that are kept.

    That is scikit-image's `approximate_polygon`, whose import takes a second of the interpreter.

    Args:
        points: Of a line, (n, 2).
        tolerance: How far a point that is left out may be from the line.

    Source: Douglas and Peucker 1973.
    """
    kept = np.zeros(len(points), dtype=bool)
    kept[[0, -1]] = True
    parts = [(0, len(points) - 1)]
    while parts:
        low, high = parts.pop()
        if high - low < 2:
            continue
        distances = _measure_distances(points[low + 1 : high], points[low], points[high])
        if distances.max() > tolerance:
            middle = low + 1 + int(distances.argmax())
            kept[middle] = True
            parts += ((low, middle), (middle, high))
    return points[kept]


def _measure_distances(points: Points, begin: Points, end: Points) -> Points:
    """Distances of points (n, 2) from the line between two others."""
    along = end - begin
    share = (points - begin) @ along / (along @ along or 1.0)
    nearest = begin + np.clip(share, 0, 1)[:, None] * along  # (n, 2)
    return np.hypot(*(points - nearest).T)  # type: ignore[no-any-return]


def unpack_strokes(text: str) -> tuple[Stroke, ...]:
    """Read what `pack_strokes` wrote.

    Raises:
        ValueError: A character is none of its own, or a point has half of its numbers.
        DrawingError: There are too many strokes or points.
    """
    strokes = []
    for part in filter(None, text.split(".")):
        if len(part) % 4:
            raise ValueError("A point has four characters.")
        pairs = zip(part[::2], part[1::2], strict=True)
        numbers = [(_BASE * _DIGITS.index(a) + _DIGITS.index(b)) / _STEPS for a, b in pairs]
        points = zip(numbers[::2], numbers[1::2], strict=True)
        strokes.append([list(point) for point in points])
    return check_strokes(strokes)


def _pack_stroke(stroke: Stroke) -> str:
    points = simplify_line(np.array(stroke), tolerance=_TOLERANCE)
    steps = np.rint(points * _STEPS).astype(int)  # (n, 2)
    return "".join(_DIGITS[one // _BASE] + _DIGITS[one % _BASE] for one in steps.ravel())

"""A drawing as a short text for an address, and back.

What is packed is what is drawn from then on, so that a link shows just what its sender sees.
"""

import numpy as np

from cnnviz.digits.mnist import Stroke, check_strokes

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
    # scikit-image's measures take a fifth of a second to import; few visits need them.
    from skimage.measure import approximate_polygon

    points = approximate_polygon(np.array(stroke), tolerance=_TOLERANCE)  # type: ignore[no-untyped-call]  # (n, 2)
    steps = np.rint(points * _STEPS).astype(int)  # (n, 2)
    return "".join(_DIGITS[one // _BASE] + _DIGITS[one % _BASE] for one in steps.ravel())

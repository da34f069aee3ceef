"""Patterns that show what a kernel answers to."""

import numpy as np
import numpy.typing as npt

from cnnviz.images.image import Pixels

_SIDE = 64


def _grid() -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]:
    rows, columns = np.indices((_SIDE, _SIDE))
    return rows, columns


def _black_and_white(white: npt.NDArray[np.bool_]) -> Pixels:
    return np.where(white, 255, 0).astype(np.uint8)


def draw_checkerboard() -> Pixels:
    """Draw eight squares a side, the one at the upper left black."""
    rows, columns = _grid()
    return _black_and_white((rows // 8 + columns // 8) % 2 == 1)


def draw_vertical_stripes() -> Pixels:
    """Draw stripes of four pixels, the leftmost black."""
    return _black_and_white(_grid()[1] // 4 % 2 == 1)


def draw_horizontal_stripes() -> Pixels:
    """Draw stripes of four pixels, the uppermost black."""
    return _black_and_white(_grid()[0] // 4 % 2 == 1)


def draw_edge() -> Pixels:
    """Draw a left half in black and a right half in white."""
    return _black_and_white(_grid()[1] >= _SIDE // 2)


def draw_dot() -> Pixels:
    """Draw one white square of four pixels a side on black."""
    rows, columns = _grid()
    return _black_and_white((rows // 4 == 8) & (columns // 4 == 8))

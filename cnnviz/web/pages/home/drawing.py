"""The sample drawings of the home page as the network's input."""

import numpy as np

from cnnviz import digits
from cnnviz.digits import Ink, Stroke

NETWORK = "lenet5"
_PEN = 0.09


def draw_field(strokes: tuple[Stroke, ...]) -> Ink:
    """Draw strokes as MNIST's field, (28, 28), ink 0 to 1."""
    return digits.center_digit(digits.rasterize_strokes(strokes, pen=_PEN))


def add_margin(fields: Ink) -> Ink:
    """Put the input's margin around fields, (T, 28, 28) to (T, 32, 32)."""
    margin = (digits.INPUT_SIDE - digits.FIELD_SIDE) // 2
    return np.pad(fields, ((0, 0), (margin, margin), (margin, margin)))

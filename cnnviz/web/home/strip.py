"""What the pictures of the home page are made of."""

from dataclasses import dataclass

import numpy as np

from cnnviz import digits
from cnnviz.digits import Ink, Stroke
from cnnviz.figures.strip import Panel

NETWORK = "lenet5"
_PEN = 0.09


@dataclass(frozen=True, slots=True, eq=False)
class Strip:
    """Panels side by side, and where there is a guess, its probabilities.

    Attributes:
        panels: The pictures, each with the same number of moments.
        layout: "flow" from left to right, "tiles" or "rows".
        label: The picture in words.
        classes: Names of the classes, empty without a guess.
        probabilities: Of each class, one list a moment.
    """

    panels: tuple[Panel, ...]
    layout: str
    label: str
    classes: tuple[str, ...] = ()
    probabilities: tuple[list[float], ...] = ()


def draw_field(strokes: tuple[Stroke, ...]) -> Ink:
    """Draw strokes as MNIST's field, (28, 28), ink 0 to 1."""
    return digits.center_digit(digits.rasterize_strokes(strokes, pen=_PEN))


def add_margin(fields: Ink) -> Ink:
    """Put the input's margin around fields, (T, 28, 28) to (T, 32, 32)."""
    margin = (digits.INPUT_SIDE - digits.FIELD_SIDE) // 2
    return np.pad(fields, ((0, 0), (margin, margin), (margin, margin)))

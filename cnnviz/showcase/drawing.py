"""The sample drawings as LeNet-5's input."""

import numpy as np
import torch
from torch import Tensor

from cnnviz.digits import mnist
from cnnviz.digits.mnist import Ink, Stroke

NETWORK = "lenet5"
_PEN = 0.09


def draw_field(strokes: tuple[Stroke, ...]) -> Ink:
    """Draw strokes as MNIST's field, (28, 28), ink 0 to 1."""
    return mnist.center_digit(mnist.rasterize_strokes(strokes, pen=_PEN))


def draw_sample(digit: int) -> Ink:
    """Draw a sample digit as MNIST's field, (28, 28), ink 0 to 1."""
    return draw_field(mnist.sample_digits()[digit])


def make_input(fields: Ink) -> Tensor:
    """Give fields, (28, 28) or (N, 28, 28), their margin and scale: (N, 1, 32, 32)."""
    return mnist.scale_ink(torch.from_numpy(fields))


def add_margin(fields: Ink) -> Ink:
    """Put the input's margin around fields, (T, 28, 28) to (T, 32, 32)."""
    margin = (mnist.INPUT_SIDE - mnist.FIELD_SIDE) // 2
    return np.pad(fields, ((0, 0), (margin, margin), (margin, margin)))

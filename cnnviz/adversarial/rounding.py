"""From an adversarial image of real numbers to one of 8 bits that is still in the ball."""

import math

import numpy as np
import numpy.typing as npt
from torch import Tensor

from cnnviz.adversarial.gradient import Norm
from cnnviz.adversarial.pixel_space import LEVELS, to_values
from cnnviz.images.image import Pixels

_HALVINGS = 30


def round_into_ball(
    values: Tensor, original: Pixels, *, epsilon: float | None, norm: Norm
) -> Pixels:
    """Round to 8 bits and keep the change within epsilon, exactly.

    Args:
        values: The adversarial image, (1, C, H, W), 0 to 1.
        original: The image that it started from, uint8 (H, W) or (H, W, C).
        epsilon: The most that may be changed, in levels of 1/255; None for no bound.
        norm: How that is measured.

    Returns:
        uint8 of the shape of `original`.
    """
    change = (values - to_values(original))[0].permute(1, 2, 0).double().numpy() * LEVELS
    change = change.reshape(original.shape)  # (H, W, C)
    rounded = np.rint(change)
    if epsilon is not None and norm is Norm.LINF:
        rounded = rounded.clip(-math.floor(epsilon), math.floor(epsilon))
    elif epsilon is not None and norm is Norm.L2:
        rounded = _shrink(change, epsilon=epsilon)
    levels = original.astype(np.int16) + rounded.astype(np.int16)
    pixels: Pixels = levels.clip(0, LEVELS).astype(np.uint8)
    return pixels


def _shrink(change: npt.NDArray[np.float64], *, epsilon: float) -> npt.NDArray[np.float64]:
    """Scale a change by the largest share at which it is in the ball once it is rounded."""
    rounded = np.rint(change)
    if _squares(rounded) <= epsilon**2:
        return rounded
    low, high = 0.0, 1.0
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        inside = _squares(np.rint(middle * change)) <= epsilon**2
        low, high = (middle, high) if inside else (low, middle)
    return np.rint(low * change)


def _squares(levels: npt.NDArray[np.float64]) -> float:
    return float((levels * levels).sum())


def measure_change(changed: Pixels, original: Pixels, *, norm: Norm) -> float:
    """Measure how far two 8-bit images are apart, in levels of 1/255."""
    change = changed.astype(np.int64) - original.astype(np.int64)
    return float(abs(change).max()) if norm is Norm.LINF else math.sqrt(int((change**2).sum()))

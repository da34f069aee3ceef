"""A network's input around its preprocessing: the range it yields, and mistakes in it.

The mistakes are those that users of attribution libraries report most: a decimal point lost, a
step left out, the channels in the other order.
"""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import torch
from torch import Tensor

from cnnviz.errors import AttributionError
from cnnviz.networks.zoo.registry import Preprocessing

_SIDE = 256
_DECIMALS = 1000


class Mistake(StrEnum):
    """What goes wrong on the way from an image to the input."""

    NONE = "none"
    DECIMAL = "decimal point lost"
    UNSCALED = "not normalized"
    BYTES = "pixels 0 to 255"
    SWAPPED = "BGR for RGB"
    INVERTED = "inverted"


@dataclass(frozen=True, slots=True, eq=False)
class InputRange:
    """What a preprocessing makes of the darkest and the brightest pixel.

    Attributes:
        low: Value of the darkest, (C, 1, 1).
        high: Value of the brightest, (C, 1, 1).
    """

    low: Tensor
    high: Tensor

    @property
    def deviation(self) -> Tensor:
        """What values from 0 to 1 are divided by, (C, 1, 1)."""
        return 1 / (self.high - self.low)

    @property
    def mean(self) -> Tensor:
        """What is subtracted from values from 0 to 1, (C, 1, 1)."""
        return -self.low * self.deviation


def find_range(preprocessing: Preprocessing) -> InputRange:
    """Learn a preprocessing's range from an image of a black stroke on white.

    Raises:
        AttributionError: It yields one value for both.
    """
    image = np.full((_SIDE, _SIDE, 3), 255, dtype=np.uint8)
    image[_SIDE // 4 : -_SIDE // 4, 7 * _SIDE // 16 : 9 * _SIDE // 16] = 0  # as a 1 is written
    x = preprocessing.prepare(image)[0]  # (C, H, W)
    low, high = (extreme(x, dim=(1, 2), keepdim=True) for extreme in (torch.amin, torch.amax))
    if not bool((high > low).all()):
        raise AttributionError(
            "This network's preprocessing makes one value of black and white; nothing can be "
            "undone of it."
        )
    return InputRange(low=low, high=high)


def list_mistakes(preprocessing: Preprocessing) -> tuple[Mistake, ...]:
    """Return the mistakes that can be made with a network's images, none first."""
    common = (Mistake.NONE, Mistake.DECIMAL, Mistake.UNSCALED, Mistake.BYTES)
    last = Mistake.SWAPPED if preprocessing.shape[0] == 3 else Mistake.INVERTED
    return (*common, last)


def make_mistake(x: Tensor, values: InputRange, *, mistake: Mistake) -> Tensor:
    """Prepare an image anew with a mistake.

    Args:
        x: The input as it should be, (1, C, H, W).
        values: What its preprocessing yields.
        mistake: What goes wrong; in `DECIMAL` the last channel's mean loses its decimal point, so
            that 0.406 becomes 406.
    """
    pixels = (x - values.low) * values.deviation  # from 0 to 1
    mean, deviation = values.mean.clone(), values.deviation
    if mistake is Mistake.UNSCALED:
        return pixels
    if mistake is Mistake.BYTES:
        return pixels * 255
    if mistake is Mistake.DECIMAL:
        mean[-1] = torch.round(mean[-1] * _DECIMALS)
    elif mistake is Mistake.SWAPPED:
        pixels = pixels.flip(1)
    elif mistake is Mistake.INVERTED:
        pixels = 1 - pixels
    return (pixels - mean) / deviation

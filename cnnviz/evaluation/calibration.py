"""Whether a network's confidence is its accuracy.

Source: Guo, Pleiss, Sun and Weinberger 2017, "On calibration of modern neural networks", section 2.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from torch import Tensor

BINS = 15


@dataclass(frozen=True, slots=True)
class Bin:
    """Images whose confidence lies in one range.

    Attributes:
        low: Lower end of the range, which is not in it.
        high: Upper end, which is.
        count: Images in it.
        confidence: Their mean confidence, 0 to 1.
        accuracy: The share of them that is predicted correctly, 0 to 1.
    """

    low: float
    high: float
    count: int
    confidence: float
    accuracy: float


def sort_into_bins(confidence: Tensor, correct: Tensor) -> tuple[Bin, ...]:
    """Sort images into fifteen equal ranges of confidence; empty ones are left out.

    Args:
        confidence: Probability of each image's top-1 class, (N,).
        correct: Whether that class is the true one, (N,).
    """
    confidence, share = confidence.double(), correct.double()
    places = (confidence * BINS).ceil().clamp(1, BINS)  # a bin's upper end is its own
    found = []
    for number in range(1, BINS + 1):
        inside = places == number
        if inside.any():
            means = float(confidence[inside].mean()), float(share[inside].mean())
            found.append(Bin((number - 1) / BINS, number / BINS, int(inside.sum()), *means))
    return tuple(found)


def find_calibration_error(bins: Sequence[Bin]) -> float:
    """Return the expected calibration error, 0 to 1: equation 3.

    The gap between mean confidence and accuracy of each bin, weighted by its images.
    """
    total = sum(one.count for one in bins)
    return sum(one.count * abs(one.confidence - one.accuracy) for one in bins) / total

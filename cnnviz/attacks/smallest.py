"""The smallest epsilon that fools, by bisection."""

import math
from collections.abc import Callable
from dataclasses import dataclass

from cnnviz.attacks.craft import AdversarialImage, AttackOptions, Report, attack_image
from cnnviz.attacks.gradient import Norm
from cnnviz.imaging import Pixels
from cnnviz.inference import LoadedModel

_PARTS = 512  # of the epsilon axis


@dataclass(frozen=True, slots=True, eq=False)
class SmallestEpsilon:
    """The smallest changes that a bisection found to fool, in levels of 1/255.

    Attributes:
        real: Of images that may hold any numbers; None if not even `most` fools.
        valid: Of 8-bit images; None if not even `most` fools.
        most: Where the search began.
        step: How finely `real` was searched.
        image: The 8-bit image of `valid`.
        tries: How many attacks were made.
    """

    real: float | None
    valid: float | None
    most: float
    step: float
    image: AdversarialImage | None
    tries: int


def find_smallest_epsilon(
    model: LoadedModel, seen: Pixels, *, options: AttackOptions, most: float, report: Report
) -> SmallestEpsilon:
    """Find the smallest epsilon that fools, by bisection: first of any numbers, then of 8 bits.

    An attack need not fool with every epsilon above one that does; the answer is a place where it
    begins to.

    Args:
        model: The network.
        seen: What it sees of the image.
        options: How; FGSM or PGD.
        most: Where to begin, in levels of 1/255.
        report: Told the share done and the step.

    Raises:
        AttackError: The options do not fit, or the preprocessing is not known.
    """
    tries = 0
    step = most / _PARTS

    def attack(epsilon: float) -> AdversarialImage:
        nonlocal tries
        tries += 1
        report(min(tries / 16, 1.0), f"trying ε = {epsilon:.3g}/255", None)
        return attack_image(model, seen, epsilon=epsilon, options=options)

    real = _bisect(lambda k: attack(k * step).fooled_before_rounding, low=0, high=_PARTS)
    grain = 1.0 if options.norm is Norm.LINF else step
    high = math.floor(most / grain)
    low = 0 if real is None else math.floor(real * step / grain) - 1
    valid = _bisect(lambda k: attack(k * grain).fools, low=max(low, 0), high=high)
    return SmallestEpsilon(
        real=None if real is None else real * step,
        valid=None if valid is None else valid * grain,
        most=most,
        step=step,
        image=None if valid is None else attack(valid * grain),
        tries=tries,
    )


def _bisect(fools: Callable[[int], bool], *, low: int, high: int) -> int | None:
    """The smallest whole number above `low` that fools, where all above one that does do too."""
    if not fools(high):
        return None
    while high - low > 1:
        middle = (low + high) // 2
        if fools(middle):
            high = middle
        else:
            low = middle
    return high

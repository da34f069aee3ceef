"""The smallest epsilon that fools, by bisection."""

import math
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass

from cnnviz.adversarial.craft import AdversarialImage, AttackOptions, attack_image
from cnnviz.adversarial.gradient import Norm
from cnnviz.images.image import Pixels
from cnnviz.networks.load import LoadedModel

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
    model: LoadedModel, seen: Pixels, *, options: AttackOptions, most: float
) -> Iterator[tuple[float, str, SmallestEpsilon | None]]:
    """Find the smallest epsilon that fools, by bisection: first of any numbers, then of 8 bits.

    An attack need not fool with every epsilon above one that does; the answer is a place where it
    begins to.

    Args:
        model: The network.
        seen: What it sees of the image.
        options: How; FGSM or PGD.
        most: Where to begin, in levels of 1/255.

    Yields:
        The share done and the step; at the end what was found.

    Raises:
        AttackError: The options do not fit, or the preprocessing is not known.
    """
    tries = 0
    step = most / _PARTS

    def attack(epsilon: float) -> AdversarialImage:
        nonlocal tries
        tries += 1
        return attack_image(model, seen, epsilon=epsilon, options=options)

    real = yield from _bisect(
        lambda k: attack(k * step).fooled_before_rounding, low=0, high=_PARTS, grain=step
    )
    grain = 1.0 if options.norm is Norm.LINF else step
    high = math.floor(most / grain)
    low = 0 if real is None else math.floor(real * step / grain) - 1
    valid = yield from _bisect(
        lambda k: attack(k * grain).fools, low=max(low, 0), high=high, grain=grain
    )
    found = SmallestEpsilon(
        real=None if real is None else real * step,
        valid=None if valid is None else valid * grain,
        most=most,
        step=step,
        image=None if valid is None else attack(valid * grain),
        tries=tries,
    )
    yield 1.0, "", found


def _bisect(
    fools: Callable[[int], bool], *, low: int, high: int, grain: float
) -> Generator[tuple[float, str, None], None, int | None]:
    """The smallest whole number above `low` that fools, where all above one that does do too."""
    if not fools(high):
        return None
    whole = high - low
    while high - low > 1:
        middle = (low + high) // 2
        share = 1 - math.log2(high - low) / math.log2(whole)
        yield share, f"trying ε = {middle * grain:.3g}/255", None
        low, high = (low, middle) if fools(middle) else (middle, high)
    return high

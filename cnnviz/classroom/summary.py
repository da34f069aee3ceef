"""What the drawings of a class say of LeNet-5: where it is right, where it is sure and wrong."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from cnnviz.classroom.store import Drawing

DIGITS = range(10)
_SHOWN_MISTAKES = 2


@dataclass(frozen=True, slots=True)
class Summary:
    """The class as a test set.

    Attributes:
        count: Drawings that are counted.
        right: Those whose guess is the digit that was asked for.
        confusion: Counts, digit asked for by guess, 10×10.
        hardest: The digit of the smallest share of right guesses, of several the smallest; None
            where every guess was right.
        mistaken: Ids of the wrong guesses of the highest probability, the surest first.
    """

    count: int
    right: int
    confusion: tuple[tuple[int, ...], ...]
    hardest: int | None
    mistaken: tuple[int, ...]


def summarize(drawings: Sequence[Drawing]) -> Summary:
    """Summarize the drawings that are on the wall; hidden ones are not counted."""
    seen = [one for one in drawings if not one.is_hidden]
    counts = Counter((one.asked, one.guess) for one in seen)
    confusion = tuple(tuple(counts[asked, guess] for guess in DIGITS) for asked in DIGITS)
    right = sum(confusion[digit][digit] for digit in DIGITS)
    shares = {
        digit: confusion[digit][digit] / sum(confusion[digit])
        for digit in DIGITS
        if sum(confusion[digit])
    }
    wrong = sorted((one for one in seen if one.guess != one.asked), key=lambda one: -one.share)
    return Summary(
        count=len(seen),
        right=right,
        confusion=confusion,
        hardest=min(shares, key=lambda digit: shares[digit]) if wrong else None,
        mistaken=tuple(one.id for one in wrong[:_SHOWN_MISTAKES]),
    )

"""What the drawings of a class say of LeNet-5: where it is right, where it is sure and wrong."""

from dataclasses import dataclass

from sqlalchemy import func, select

from cnnviz.classroom.access import find_class
from cnnviz.classroom.database import begin, drawings

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

    count: int = 0
    right: int = 0
    confusion: tuple[tuple[int, ...], ...] = ((0,) * len(DIGITS),) * len(DIGITS)
    hardest: int | None = None
    mistaken: tuple[int, ...] = ()


def read_summary(code: str, key: str) -> Summary:
    """Summarize the drawings that are on the wall; hidden ones are not counted.

    The database counts them: there may be thousands, and the wall asks again with each new one.

    Raises:
        ClassroomError: There is no such class, or the key is not its own.
    """
    with begin() as connection:
        found = find_class(connection, code, key=key)
        seen = drawings.c.class_id == found.id, drawings.c.is_hidden.is_(False)
        pair = drawings.c.asked, drawings.c.guess
        counted = select(*pair, func.count()).where(*seen).group_by(*pair)
        counts = {(asked, guess): count for asked, guess, count in connection.execute(counted)}
        wrong = select(drawings.c.id).where(*seen, drawings.c.guess != drawings.c.asked)
        surest = wrong.order_by(drawings.c.share.desc(), drawings.c.id).limit(_SHOWN_MISTAKES)
        mistaken = tuple(connection.execute(surest).scalars())
    confusion = tuple(tuple(counts.get((asked, guess), 0) for guess in DIGITS) for asked in DIGITS)
    shares = {
        digit: confusion[digit][digit] / sum(confusion[digit])
        for digit in DIGITS
        if sum(confusion[digit])
    }
    return Summary(
        count=sum(counts.values()),
        right=sum(confusion[digit][digit] for digit in DIGITS),
        confusion=confusion,
        hardest=min(shares, key=lambda digit: shares[digit]) if mistaken else None,
        mistaken=mistaken,
    )

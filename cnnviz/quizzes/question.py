"""A question with its answer, its worked solution, and how an answer is judged."""

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from random import Random

import numpy as np
import numpy.typing as npt

from cnnviz.figures.format import format_count, format_number, format_setting
from cnnviz.figures.strip import Strip
from cnnviz.images.image import Pixels

LETTERS = "ABCDEFGH"  # of the choices that are pictures
CLOSE = 0.01  # of an answer that is no whole number, relative


class Topic(StrEnum):
    """What questions are about, in the courses' order; the values are those of the address."""

    CONVOLUTION = "convolution"
    LAYERS = "layers"
    FIELDS = "fields"
    ARCHITECTURES = "architectures"
    TRAINING = "training"
    VISUALIZATION = "visualization"
    ADVERSARIAL = "adversarial"
    OWN = "own"


class AnswerKind(StrEnum):
    """What a visitor gives as an answer."""

    NUMBER = "number"
    ONE = "one"
    SEVERAL = "several"


@dataclass(frozen=True, slots=True, eq=False)
class Picture:
    """What a question shows.

    Attributes:
        label: The picture in words.
        images: RGB, uint8 (H, W, 3), each with what stands below it.
        maps: Maps in the colors of the visitor's theme.
        block: Name of a block whose graph is drawn.
    """

    label: str
    images: tuple[tuple[Pixels, str], ...] = ()
    maps: Strip | None = None
    block: str = ""


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Draft:
    """What a generator draws and computes; the words come from the question's text.

    Attributes:
        answer: A number, or the places of the right choices.
        words: What the {names} of the text and of the solution stand for.
        unit: Of a number.
        tolerance: How far a number may be off, relative to the answer; 0 for exact.
        choices: What can be chosen, none for a number.
        is_several: Whether several choices may be right.
        picture: What is shown.
        page: The page where it can be seen; "" for none.
        values: What the page is set to, as an address writes it.
    """

    answer: float | frozenset[int]
    words: Mapping[str, object] = field(default_factory=dict)
    unit: str = ""
    tolerance: float = 0.0
    choices: tuple[str, ...] = ()
    is_several: bool = False
    picture: Picture | None = None
    page: str = ""
    values: Mapping[str, object] = field(default_factory=dict)


Generate = Callable[[Random], Draft]


@dataclass(frozen=True, slots=True, eq=False)
class Question:
    """A question as a visitor sees it.

    Attributes:
        kind: Name of its kind.
        seed: What its numbers are drawn from.
        topic: What it is about.
        text: The question, Markdown.
        solution: The worked solution, Markdown.
        draft: Its answer, choices and picture.
    """

    kind: str
    seed: int
    topic: Topic
    text: str
    solution: str
    draft: Draft

    @property
    def answer_kind(self) -> AnswerKind:
        """What a visitor gives as an answer."""
        if not self.draft.choices:
            return AnswerKind.NUMBER
        return AnswerKind.SEVERAL if self.draft.is_several else AnswerKind.ONE

    def is_right(self, given: float | Iterable[int]) -> bool:
        """Judge an answer.

        Args:
            given: A number, or the places of the chosen choices.
        """
        answer, tolerance = self.draft.answer, self.draft.tolerance
        if isinstance(answer, frozenset):
            return not isinstance(given, float | int) and frozenset(given) == answer
        if not isinstance(given, float | int):
            return False
        return math.isclose(given, answer, rel_tol=tolerance, abs_tol=1e-9)

    def write_answer(self, given: float | Iterable[int]) -> str:
        """Write an answer for people: a number with its unit, or the choices."""
        if isinstance(given, float | int):
            return f"{format_value(given)} {self.draft.unit}".strip()
        return "; ".join(self.draft.choices[place] for place in sorted(given))


def format_value(value: float) -> str:
    """Write a number as it is asked for: whole ones exactly, others with four digits."""
    if float(value).is_integer() and abs(value) < 1e15:
        return format_count(int(value))
    if 1e-4 <= abs(value) < 1e6:
        return format_setting(float(f"{value:.4g}"))
    return format_number(value)


def draft_number(
    answer: float,
    *,
    unit: str = "",
    page: str = "",
    values: Mapping[str, object] | None = None,
    picture: Picture | None = None,
    **words: object,
) -> Draft:
    """Make a question for a number: whole numbers must be exact, others within 1 %."""
    return Draft(
        answer=answer,
        words=words,
        unit=unit,
        tolerance=0.0 if float(answer).is_integer() else CLOSE,
        page=page,
        values=values or {},
        picture=picture,
    )


def draft_choice(
    dice: Random,
    right: str,
    wrong: Iterable[str],
    *,
    max_choices: int = 4,
    page: str = "",
    values: Mapping[str, object] | None = None,
    picture: Picture | None = None,
    **words: object,
) -> Draft:
    """Make a question with one right choice among at most `max_choices`, in a random order.

    Args:
        dice: Puts the choices in order.
        right: The right choice.
        wrong: Others; those that are equal to it or to each other are left out.
        max_choices: How many there are at most.
        page: Where it can be seen.
        values: What that page is set to.
        picture: What is shown.
        words: Of the text.
    """
    others = [one for one in dict.fromkeys(wrong) if one != right][: max_choices - 1]
    choices = [right, *others]
    dice.shuffle(choices)
    return Draft(
        answer=frozenset({choices.index(right)}),
        words={"right": right} | words,
        choices=tuple(choices),
        page=page,
        values=values or {},
        picture=picture,
    )


def draft_several(
    dice: Random,
    choices: Mapping[str, bool],
    *,
    page: str = "",
    values: Mapping[str, object] | None = None,
    **words: object,
) -> Draft:
    """Make a question in which each choice is right or not, in a random order."""
    order = list(choices)
    dice.shuffle(order)
    right = frozenset(place for place, one in enumerate(order) if choices[one])
    told = "; ".join(order[place] for place in sorted(right)) or "none of them"
    return Draft(
        answer=right,
        words={"right": told} | words,
        choices=tuple(order),
        is_several=True,
        page=page,
        values=values or {},
    )


def draft_letter(
    place: int,
    count: int,
    *,
    picture: Picture,
    page: str = "",
    values: Mapping[str, object] | None = None,
    **words: object,
) -> Draft:
    """Make a question for one of several pictures, which are called A, B, C, ...

    Args:
        place: Of the right picture.
        count: How many there are.
        picture: The pictures.
        page: Where it can be seen.
        values: What that page is set to.
        words: Of the text.
    """
    return Draft(
        answer=frozenset({place}),
        words={"right": LETTERS[place]} | words,
        choices=tuple(LETTERS[:count]),
        picture=picture,
        page=page,
        values=values or {},
    )


def write_matrix(grid: npt.NDArray[np.float64]) -> str:
    """Write numbers (H, W) as a matrix in LaTeX."""
    lines = (" & ".join(f"{value:g}" for value in row) for row in grid)
    return r"\begin{bmatrix}" + r" \\ ".join(lines) + r"\end{bmatrix}"

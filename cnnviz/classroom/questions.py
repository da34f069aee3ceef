"""What a class is asked: kept as text, answered by phones, counted."""

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from cnnviz.classroom import limits
from cnnviz.classroom.pictures import render_picture
from cnnviz.errors import ClassroomError
from cnnviz.quizzes.plain import write_plain
from cnnviz.quizzes.question import AnswerKind, Draft, Question, Topic
from cnnviz.quizzes.score import Given

_MAX_NUMBER = 1e15
_SHOWN_NUMBERS = 6
_YES_NO = ("Yes", "No")


@dataclass(frozen=True, slots=True)
class Bar:
    """How many phones gave one answer.

    Attributes:
        label: The answer.
        count: Phones.
        is_right: Whether it is right; False before the answer is revealed.
    """

    label: str
    count: int
    is_right: bool


@dataclass(frozen=True, slots=True)
class Result:
    """What a class answered to a question that is over.

    Attributes:
        text: The question.
        answered: Phones that answered.
        right: Of these, rightly; None where no answer is right.
        wrong: The most frequent wrong answer; empty where there is none.
        wrong_count: Phones that gave it.
    """

    text: str
    answered: int
    right: int | None
    wrong: str
    wrong_count: int


def has_answer(question: Question) -> bool:
    """Whether an answer is right: some questions ask for an opinion."""
    return question.draft.answer != frozenset()


def pack_question(question: Question) -> str:
    """Write a question as it is kept: plain text, and what stands below its images.

    Raises:
        ClassroomError: It is too long or has too many choices.
    """
    draft, choices = question.draft, [write_plain(one) for one in question.draft.choices]
    text, solution = write_plain(question.text), write_plain(question.solution)
    content = {
        "text": text,
        "solution": solution,
        "choices": choices,
        "answer": sorted(draft.answer) if isinstance(draft.answer, frozenset) else draft.answer,
        "unit": draft.unit,
        "tolerance": draft.tolerance,
        "is_several": draft.is_several,
        # Images go to the phones; a graph is drawn on the teacher's page alone.
        "has_picture": draft.picture is not None and bool(draft.picture.block),
        "images": [one.caption for one in render_picture(draft.picture)],
    }
    lengths = [len(text), len(solution), sum(map(len, choices))]
    if not text or not all(choices) or len(choices) == 1:
        raise ClassroomError("Give a question and at least two choices.", status=400)
    if len(choices) > limits.MAX_CHOICES or len(set(choices)) < len(choices):
        raise ClassroomError(
            f"Give at most {limits.MAX_CHOICES} choices, each another one.", status=400
        )
    if max(lengths) > limits.MAX_QUESTION_TEXT:
        raise ClassroomError("This question is too long for a phone. Make it shorter.", status=400)
    return json.dumps(content)


@dataclass(frozen=True, slots=True)
class Look:
    """What is shown with a question.

    Attributes:
        has_picture: Whether the teacher's page shows something that the phones do not.
        images: What stands below each image that is kept with it.
    """

    has_picture: bool
    images: tuple[str, ...]


def unpack_question(packed: str) -> tuple[Question, Look]:
    """Read a question that is kept, and what is shown with it."""
    content: dict[str, Any] = json.loads(packed)
    answer = content["answer"]
    draft = Draft(
        answer=frozenset(answer) if isinstance(answer, list) else answer,
        unit=content["unit"],
        tolerance=content["tolerance"],
        choices=tuple(content["choices"]),
        is_several=content["is_several"],
    )
    question = Question("", 0, Topic.OWN, content["text"], content["solution"], draft)
    return question, Look(content["has_picture"], tuple(content.get("images", ())))


def parse_typed(text: str, *, max_choices: int = 6) -> Question:
    """Read a question that a teacher typed: a sentence, then a line for each choice.

    A choice that begins with “+ ” is right, “- ” may begin another. Without choices they are yes
    and no.

    Raises:
        ClassroomError: There is no question, or there are too many choices.
    """
    sentence, *lines = [line.strip() for line in text.splitlines() if line.strip()] or [""]
    if not sentence:
        raise ClassroomError("Type a question first.", status=400)
    if len(lines) > max_choices:
        raise ClassroomError(f"Give at most {max_choices} choices, each on a line.", status=400)
    right = frozenset(place for place, line in enumerate(lines) if line.startswith("+ "))
    choices = tuple(line.removeprefix("+ ").removeprefix("- ").strip() for line in lines) or _YES_NO
    draft = Draft(answer=right, choices=choices, is_several=len(right) > 1)
    return Question("", 0, Topic.OWN, sentence, "", draft)


def read_given(question: Question, given: object) -> Given:
    """Read an answer that a phone sent.

    Raises:
        ClassroomError: It is no answer to this question.
    """
    if question.answer_kind is AnswerKind.NUMBER:
        # Not a bool, which is an int too; NaN compares as false.
        if isinstance(given, int | float) and type(given) is not bool and abs(given) <= _MAX_NUMBER:
            return float(given)
        raise ClassroomError("The answer must be a number.", status=400)
    places = range(len(question.draft.choices))
    is_list = isinstance(given, list) and all(type(one) is int and one in places for one in given)
    if not isinstance(given, list) or not is_list or not given:
        raise ClassroomError("The answer must be one of the choices.", status=400)
    if question.answer_kind is AnswerKind.ONE and len(given) > 1:
        raise ClassroomError("Only one choice can be given.", status=400)
    return frozenset(given)


def pack_given(given: Given) -> str:
    """Write an answer as it is kept."""
    return json.dumps(given if isinstance(given, float) else sorted(given))


def unpack_given(packed: str) -> Given:
    """Read an answer that is kept."""
    given = json.loads(packed)
    return frozenset(given) if isinstance(given, list) else float(given)


def count_votes(question: Question, votes: Sequence[Given], *, is_over: bool) -> tuple[Bar, ...]:
    """Count the votes for each choice, or for the most frequent numbers."""
    answer = question.draft.answer
    if isinstance(answer, frozenset):
        counts = Counter(one for given in votes if isinstance(given, frozenset) for one in given)
        return tuple(
            Bar(label, counts[place], is_over and place in answer)
            for place, label in enumerate(question.draft.choices)
        )
    numbers = Counter(votes).most_common(_SHOWN_NUMBERS)
    return tuple(
        Bar(question.write_answer(given), count, is_over and question.is_right(given))
        for given, count in sorted(numbers, key=lambda pair: (-pair[1], str(pair[0])))
    )


def count_right(question: Question, votes: Iterable[Given]) -> int | None:
    """Count the right answers; None where no answer is right."""
    return sum(map(question.is_right, votes)) if has_answer(question) else None


def summarize_votes(question: Question, votes: Sequence[Given]) -> Result:
    """Summarize the answers to a question that is over."""
    right = count_right(question, votes)
    wrong = [question.write_answer(one) for one in votes if not question.is_right(one)]
    worst = sorted(Counter(wrong).items(), key=lambda pair: (-pair[1], pair[0]))
    told, count = worst[0] if worst and right is not None else ("", 0)
    return Result(question.text, len(votes), right, told, count)


def list_results(results: Iterable[Result]) -> list[dict[str, object]]:
    """List the results as rows of a table, one a question, in the order they were asked."""
    return [
        {
            "question": " ".join(one.text.split()),
            "answered": one.answered,
            "right": one.right,
            "most frequent wrong answer": one.wrong,
            "given by": one.wrong_count,
        }
        for one in results
    ]

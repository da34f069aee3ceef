"""What a visitor has answered, and what it counts."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from cnnviz.quizzes.question import Question, Topic

Given = float | frozenset[int]


@dataclass(slots=True, eq=False)
class Attempt:
    """A visitor's answers to one question.

    Attributes:
        question: The question.
        given: The answers, in their order.
        is_open: Whether the solution was opened before an answer was right.
        is_revealed: Whether a teacher showed the answer to the class, which is no answer of one's
            own and counts nothing.
    """

    question: Question
    given: list[Given] = field(default_factory=list)
    is_open: bool = False
    is_revealed: bool = False

    @property
    def is_right(self) -> bool:
        """Whether the last answer was right."""
        return bool(self.given) and self.question.is_right(self.given[-1])

    @property
    def is_over(self) -> bool:
        """Whether nothing more can be answered."""
        return self.is_open or self.is_revealed or self.is_right

    def answer(self, given: Given) -> None:
        """Take an answer, unless the question is over."""
        if not self.is_over:
            self.given.append(given)


@dataclass(frozen=True, slots=True)
class Score:
    """What was answered of a topic.

    Attributes:
        asked: Questions that were answered or opened.
        right: Of these, answered rightly.
        first: Of these, with the first answer.
    """

    asked: int
    right: int
    first: int


def count_scores(attempts: Iterable[Attempt]) -> dict[Topic, Score]:
    """Count the answers by topic, in the order of the topics; those without any are left out."""
    over = [one for one in attempts if one.given or one.is_open]
    topics = [topic for topic in Topic if any(one.question.topic is topic for one in over)]
    found = {}
    for topic in topics:
        mine = [one for one in over if one.question.topic is topic]
        right = [one for one in mine if one.is_right]
        first = sum(len(one.given) == 1 for one in right)
        found[topic] = Score(len(mine), len(right), first)
    return found


def list_results(attempts: Iterable[Attempt]) -> list[dict[str, object]]:
    """List the answers as rows of a table, one a question, in the order they were asked."""
    return [
        {
            "topic": str(one.question.topic),
            "question": one.question.kind,
            "seed": one.question.seed,
            "text": " ".join(one.question.text.split()),
            "answers": " | ".join(map(one.question.write_answer, one.given)),
            "expected": one.question.write_answer(one.question.draft.answer),
            "tries": len(one.given),
            "right": int(one.is_right),
            "solution opened": int(one.is_open),
        }
        for one in attempts
        if one.given or one.is_open
    ]

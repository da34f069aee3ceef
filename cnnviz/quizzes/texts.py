"""The words of the questions, read from assets/quizzes/LANG/TOPIC.md.

A file begins with the topic's name ("# ..."). Each kind of question follows under "## name: Title",
its text first, then a line "---", then its solution; both are Markdown. The {names} in them are
what the kind's generator tells; {answer} is the answer, {right} the right choice.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from cnnviz.lessons import LANGUAGE, fill_words
from cnnviz.quizzes.question import Topic

TEXTS = Path(__file__).parents[2] / "assets" / "quizzes"
_RULE = re.compile(r"^---$", flags=re.MULTILINE)
_FORMULA = re.compile(r"\$\$?[^$]+\$\$?")
_GROUP = re.compile(r"(?<=\d),(?=\d{3})")


@dataclass(frozen=True, slots=True)
class KindText:
    """The words of one kind of question.

    Attributes:
        title: Its name for people.
        text: The question.
        solution: How it is solved.
    """

    title: str
    text: str
    solution: str


@dataclass(frozen=True, slots=True)
class TopicText:
    """The words of a topic.

    Attributes:
        title: Its name for people.
        kinds: Of its questions, by the name of their kind.
    """

    title: str
    kinds: dict[str, KindText]


@lru_cache(maxsize=32)
def load_texts(topic: Topic) -> TopicText:
    """Read the words of a topic.

    Raises:
        FileNotFoundError: There are none.
        ValueError: A question has no title or no solution.
    """
    text = (TEXTS / LANGUAGE / f"{topic}.md").read_text(encoding="utf-8")
    return parse_texts(text)


def parse_texts(text: str) -> TopicText:
    """Take a topic's words apart.

    Raises:
        ValueError: A question has no title or no solution.
    """
    head, *parts = re.split(r"^## ", text, flags=re.MULTILINE)
    kinds = {}
    for part in parts:
        heading, _, body = part.partition("\n")
        name, colon, title = heading.partition(": ")
        pieces = _RULE.split(body)
        if not colon or len(pieces) != 2:
            raise ValueError(f"“{heading[:40]}” needs a title and one line “---”.")
        kinds[name] = KindText(title.strip(), pieces[0].strip(), pieces[1].strip())
    return TopicText(head.strip().removeprefix("# "), kinds)


def fill_text(text: str, words: Mapping[str, object]) -> str:
    """Put a question's words into its text; within formulas as LaTeX writes numbers."""
    filled = fill_words(text, words)
    return _FORMULA.sub(lambda found: _GROUP.sub("{,}", found[0]).replace("−", "-"), filled)

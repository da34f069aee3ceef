"""Lectures: ninety minutes each, as steps that open a page in a state, with notes for the teacher.

A file assets/lectures/LANG/NAME.md begins with the title ("# ...") and one sentence. Each step is

    ## 10 min · Title of the step
    open: occlusion?image=cat&size=40     (a page, and what its address sets)
    say: What the teacher may say, show or ask.
"""

import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from urllib.parse import parse_qsl

from cnnviz.lessons import LANGUAGE

LECTURES = Path(__file__).parent.parent / "assets" / "lectures"
_ORDER = ("convolution", "architectures", "training_1", "training_2", "visualizing")
_HEADING = re.compile(r"(\d+) min · (.+)")


@dataclass(frozen=True, slots=True)
class Step:
    """A page that a lecture opens.

    Attributes:
        title: A few words.
        minutes: How long it takes.
        page: The page's name.
        values: What its address sets, by field.
        notes: For the teacher.
    """

    title: str
    minutes: int
    page: str
    values: dict[str, str]
    notes: str


@dataclass(frozen=True, slots=True)
class Lecture:
    """A lecture.

    Attributes:
        name: Of its file.
        title: Its name.
        sentence: What it is about.
        steps: In their order.
    """

    name: str
    title: str
    sentence: str
    steps: tuple[Step, ...]

    @property
    def minutes(self) -> int:
        """How long it takes."""
        return sum(step.minutes for step in self.steps)


def list_lectures() -> tuple[Lecture, ...]:
    """Return all lectures in the order of the course."""
    return tuple(map(load_lecture, _ORDER))


@lru_cache(maxsize=16)
def load_lecture(name: str) -> Lecture:
    """Read a lecture.

    Raises:
        KeyError: There is none of this name.
        ValueError: Its file is not written as it should be.
    """
    if name not in _ORDER:
        raise KeyError(name)
    text = (LECTURES / LANGUAGE / f"{name}.md").read_text(encoding="utf-8", errors="replace")
    return parse_lecture(name, text)


def parse_lecture(name: str, text: str) -> Lecture:
    """Take a lecture's text apart.

    Raises:
        ValueError: A step has no minutes, page or notes.
    """
    head, *parts = re.split(r"^## ", text, flags=re.MULTILINE)
    title, _, sentence = head.strip().partition("\n")
    steps = tuple(map(_parse_step, parts))
    return Lecture(name, title.removeprefix("# "), " ".join(sentence.split()), steps)


def _parse_step(text: str) -> Step:
    heading, _, body = text.partition("\n")
    timed = _HEADING.fullmatch(heading.strip())
    opened = re.search(r"^open: (.+)$", body, flags=re.MULTILINE)
    said = re.search(r"^say: (.+)", body, flags=re.MULTILINE | re.DOTALL)
    if timed is None or opened is None or said is None:
        raise ValueError(f"The step “{heading}” needs “N min · title”, “open: ” and “say: ”.")
    page, _, query = opened[1].strip().partition("?")
    values = dict(parse_qsl(query, strict_parsing=True)) if query else {}
    return Step(timed[2], int(timed[1]), page, values, " ".join(said[1].split()))

"""A page's words, read from assets/lessons/LANG/PAGE.md, so that they can be changed without code.

The file begins with the title ("# ...") and one sentence. Then, each under "## ":

    ## Summary
    One sentence on what the page is for, in the navigation.

    ## Try this
    ### Title of a task
    set: layer=c3, order=mean        (fields of the page or the workbench; may be left out)
    ask: A question to think about before the page changes.
    - one answer
    + another, which is right (none is marked where the image decides)
    answer: What is to be seen, with {numbers} that the page computes.

    ## Check yourself
    ### name
    A question with {numbers}, whose answer the page computes under the same name.

    ## Limits
    ## Sources

    ## Help
    - field: What is said at the pointer of the control of this field.

    ## Texts
    ### name
    What the page says at a place of its own (see web.state.PageState.text), with its {words}.
    A text with a list or code keeps its lines.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

LESSONS = Path(__file__).parent.parent / "assets" / "lessons"
LANGUAGE = "en"
_PARTS = {"Summary", "Try this", "Check yourself", "Limits", "Sources", "Help", "Texts"}


@dataclass(frozen=True, slots=True)
class Task:
    """Something to try.

    Attributes:
        title: A few words, on a button.
        values: What the page is set to, as an address writes it, by field.
        question: What to think about first.
        options: Answers to choose from; may be none.
        right: The place of the right one; None where it depends on what is shown.
        answer: What is to be seen then.
        is_final: Whether the answer's numbers are there before the page is set to its values.
    """

    title: str
    values: dict[str, str]
    question: str
    options: tuple[str, ...]
    right: int | None
    answer: str
    is_final: bool


@dataclass(frozen=True, slots=True)
class Lesson:
    """The words of a page.

    Attributes:
        title: The page's name.
        sentence: What one sees.
        summary: What the page is for.
        tasks: What to try.
        questions: Questions by the name of their answer.
        limits: What the figures do not show, Markdown.
        sources: Papers and lectures, Markdown.
        help: What is said at the pointer of a control, by its field.
        texts: What the page says at places of its own, by name.
    """

    title: str
    sentence: str
    summary: str
    tasks: tuple[Task, ...]
    questions: dict[str, str]
    limits: str
    sources: str
    help: dict[str, str]
    texts: dict[str, str]


@lru_cache(maxsize=64)
def load_lesson(page: str) -> Lesson:
    """Read a page's words.

    Raises:
        FileNotFoundError: The page has none.
        ValueError: A part is missing or unknown.
    """
    # One damaged byte costs one character, not the page.
    text = (LESSONS / LANGUAGE / f"{page}.md").read_text(encoding="utf-8", errors="replace")
    return parse_lesson(text)


def find_help(page: str, field: str) -> str | None:
    """Return what the page's lesson says of a control; None where it says nothing."""
    is_there = (LESSONS / LANGUAGE / f"{page}.md").exists()
    return load_lesson(page).help.get(field) if is_there else None


def fill_words(text: str, words: Mapping[str, object]) -> str:
    """Put a page's words into a text; braces of formulas stay."""
    for name, value in words.items():
        text = text.replace("{" + name + "}", str(value))
    return text


def fill_lesson(lesson: Lesson, words: Mapping[str, object]) -> Lesson:
    """Put a page's words into what stands below its stage."""
    return replace(
        lesson,
        sentence=fill_words(lesson.sentence, words),
        tasks=tuple(_fill_task(task, words) for task in lesson.tasks),
        questions=_fill_all(lesson.questions, words),
        limits=fill_words(lesson.limits, words),
        sources=fill_words(lesson.sources, words),
    )


def _fill_task(task: Task, words: Mapping[str, object]) -> Task:
    return replace(
        task,
        title=fill_words(task.title, words),
        values=_fill_all(task.values, words),
        question=fill_words(task.question, words),
        options=tuple(fill_words(option, words) for option in task.options),
        answer=fill_words(task.answer, words),
    )


def _fill_all(texts: Mapping[str, str], words: Mapping[str, object]) -> dict[str, str]:
    return {name: fill_words(text, words) for name, text in texts.items()}


def parse_lesson(text: str) -> Lesson:
    """Take a lesson's text apart.

    Raises:
        ValueError: A part is missing or unknown.
    """
    head, *rest = re.split(r"^## ", text, flags=re.MULTILINE)
    title, _, sentence = head.strip().partition("\n")
    if not title.startswith("# "):
        raise ValueError("A lesson begins with its title, “# Title”.")
    parts = {}
    for part in rest:
        name, _, body = part.partition("\n")
        parts[name.strip()] = body.strip()
    if unknown := parts.keys() - _PARTS:
        raise ValueError(f"A lesson has no part “{min(unknown)}”.")
    return Lesson(
        title=title.removeprefix("# ").strip(),
        sentence=" ".join(sentence.split()),
        summary=" ".join(parts.get("Summary", "").split()),
        tasks=tuple(_parse_task(one) for one in _split(parts.get("Try this", ""))),
        questions=_join(_split(parts.get("Check yourself", ""))),
        limits=parts.get("Limits", ""),
        sources=parts.get("Sources", ""),
        help=_join(re.findall(r"^- (\w+): (.+)", parts.get("Help", ""), flags=re.MULTILINE)),
        texts={name: _fold(body) for name, body in _split(parts.get("Texts", ""))},
    )


def _join(named: list[tuple[str, str]]) -> dict[str, str]:
    """The texts by name, each in one line."""
    return {name: " ".join(body.split()) for name, body in named}


def _fold(body: str) -> str:
    """A text in one line; one with a list or code keeps its lines."""
    is_block = re.search(r"^(- |```)", body, flags=re.MULTILINE)
    return body.strip() if is_block else " ".join(body.split())


def _split(body: str) -> list[tuple[str, str]]:
    """The parts under "### ", each with its heading."""
    pieces = re.split(r"^### ", body, flags=re.MULTILINE)[1:]
    return [(name.strip(), rest) for name, _, rest in (one.partition("\n") for one in pieces)]


def _parse_task(piece: tuple[str, str]) -> Task:
    title, body = piece
    found: dict[str, list[str]] = {"set": [], "ask": [], "answer": []}
    options: list[str] = []
    right = None
    current = ""
    for line in filter(None, (one.strip() for one in body.splitlines())):
        name, colon, rest = line.partition(":")
        if colon and name in found:
            current = name
            found[name].append(rest.strip())
        elif line.startswith(("- ", "+ ")) and current == "ask":
            right = len(options) if line.startswith("+") else right
            options.append(line[2:])
        elif current:
            found[current].append(line)
        else:
            raise ValueError(f"“{line[:40]}” in the task “{title}” belongs to nothing.")
    pairs = (one.partition("=") for one in " ".join(found["set"]).split(", ") if one)
    values = {name.strip(): value.strip() for name, _, value in pairs}
    answer = " ".join(found["answer"])
    return Task(
        title=title,
        values=values,
        question=" ".join(found["ask"]),
        options=tuple(options),
        right=right,
        answer=answer,
        is_final="{" not in answer or not values,
    )

"""A teacher's own questions, from a text file.

An empty line separates two questions. The first lines of a question are its text. Then follow

    = 36864 weights ± 1 %     the answer: a number, with a unit and a tolerance where it has them
    + a right choice          or choices; several right ones may be given
    - a wrong choice
    ! The solution.           may be left out

Lines that begin with # are left out. Nothing in the file is run. What cannot be read is told in a
sentence with its line, and the other questions go on.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from cnnviz.environment import find_named_path
from cnnviz.errors import QuizError
from cnnviz.quizzes.question import CLOSE, Draft, Question, Topic

VARIABLE = "CNNVIZ_QUESTIONS"
MAX_BYTES, MAX_QUESTIONS = 200_000, 200
MAX_TEXT, MAX_CHOICE, MAX_CHOICES = 2000, 200, 8
_OWN = "own-"
_NUMBER = re.compile(
    r"([-−+]?(?:\d{1,3}(?:,\d{3})+|\d+)?(?:\.\d+)?(?:e[-+]?\d{1,3})?)\s*((?:[^±\d,.][^±]{0,39}?)?)\s*"
    r"(?:±\s*(\d+(?:\.\d+)?)\s*(%?))?",
    flags=re.IGNORECASE,
)


@dataclass(frozen=True, slots=True, eq=False)
class OwnQuestions:
    """Questions of a file.

    Attributes:
        questions: Those that could be read.
        problems: One sentence for each that could not.
    """

    questions: tuple[Question, ...]
    problems: tuple[str, ...]


def read_own_file() -> OwnQuestions:
    """Read the file that CNNVIZ_QUESTIONS names, again whenever it has changed."""
    path = find_named_path(VARIABLE)
    if path is None:
        return OwnQuestions((), ())
    try:
        changed = path.stat().st_mtime_ns
        return _read_file(path, changed)
    except OSError:
        return OwnQuestions((), (f"The file of {VARIABLE}, {path.name}, cannot be opened.",))


@lru_cache(maxsize=4)
def _read_file(path: Path, changed: int) -> OwnQuestions:  # noqa: ARG001  (part of the key)
    with path.open("rb") as file:
        return decode_questions(file.read(MAX_BYTES + 1))


@lru_cache(maxsize=32)
def decode_questions(data: bytes, *, first: int = 1) -> OwnQuestions:
    """Read the questions of a file's bytes.

    Args:
        data: UTF-8 text.
        first: Number of the first question, in its name.
    """
    if len(data) > MAX_BYTES:
        told = f"The file of questions has more than {MAX_BYTES:,} bytes; split it."
        return OwnQuestions((), (told,))
    try:
        return parse_questions(data.decode("utf-8-sig"), first=first)
    except UnicodeDecodeError:
        return OwnQuestions((), ("The file of questions is no text in UTF-8; save it as such.",))


def parse_questions(text: str, *, first: int = 1) -> OwnQuestions:
    """Read questions; see the head of this module for their form."""
    questions: list[Question] = []
    problems: list[str] = []
    for number, lines in _split(text):
        if len(questions) == MAX_QUESTIONS:
            problems.append(f"Line {number}: only the first {MAX_QUESTIONS} questions are read.")
            break
        try:
            questions.append(_parse(lines, name=f"{_OWN}{len(questions) + first}"))
        except QuizError as error:
            problems.append(f"Line {number}: {error}")
    return OwnQuestions(tuple(questions), tuple(problems))


def _split(text: str) -> Iterator[tuple[int, list[str]]]:
    """The blocks between empty lines, each with the number of its first line."""
    block: list[str] = []
    start = 1
    for number, line in enumerate((*text.splitlines(), ""), start=1):
        stripped = line.strip()
        if stripped.startswith("#"):
            continue
        if stripped:
            start = start if block else number
            block.append(stripped)
        elif block:
            yield start, block
            block = []


def _parse(lines: list[str], *, name: str) -> Question:
    parts: dict[str, list[str]] = {"": [], "=": [], "+": [], "-": [], "!": []}
    for line in lines:
        sign = line[0] if line[0] in parts else ""
        parts[sign].append(line[len(sign) :].strip())
    text = "\n\n".join(parts[""])
    if not text:
        raise QuizError("the question has no text; write it above its answer.")
    if len(text) > MAX_TEXT or sum(map(len, parts["!"])) > MAX_TEXT:
        raise QuizError(f"the text has more than {MAX_TEXT:,} characters; make it shorter.")
    if bool(parts["="]) == bool(parts["+"] or parts["-"]):
        raise QuizError("give one answer “= number”, or choices “+ right” and “- wrong”.")
    draft = _read_number(parts["="]) if parts["="] else _read_choices(lines)
    return Question(name, 1, Topic.OWN, text, "\n\n".join(parts["!"]), draft)


def _read_number(lines: list[str]) -> Draft:
    match = _NUMBER.fullmatch(lines[0]) if len(lines) == 1 else None
    if match is None or not any(sign.isdigit() for sign in match[1]):
        raise QuizError(f"“{lines[0][:40]}” is no number; write one such as = 36864 or = 2.5 KB.")
    answer = float(match[1].replace(",", "").replace("−", "-"))
    if abs(answer) > 1e15:
        raise QuizError("the number is too large; take a larger unit.")
    tolerance = 0.0 if answer.is_integer() else CLOSE
    if match[3]:
        width = float(match[3]) / 100 if match[4] else float(match[3]) / (abs(answer) or 1)
        tolerance = width
    return Draft(answer=answer, unit=match[2].strip(), tolerance=tolerance)


def _read_choices(lines: list[str]) -> Draft:
    given = [(line[0], line[1:].strip()) for line in lines if line[0] in "+-"]
    choices = tuple(choice for _, choice in given)
    right = frozenset(place for place, (sign, _) in enumerate(given) if sign == "+")
    if not right:
        raise QuizError("no choice is right; begin one with +.")
    if not 2 <= len(choices) <= MAX_CHOICES or len(set(choices)) < len(choices):
        raise QuizError(
            f"there are {len(choices)} choices; give 2 to {MAX_CHOICES} different ones."
        )
    if not all(0 < len(choice) <= MAX_CHOICE for choice in choices):
        raise QuizError(f"a choice is empty or has more than {MAX_CHOICE} characters.")
    return Draft(answer=right, choices=choices, is_several=len(right) > 1)

"""The lectures: their steps, and where these lead."""

import importlib
from dataclasses import fields, is_dataclass

import pytest

from cnnviz.lectures import Lecture, list_lectures, load_lecture, parse_lecture
from cnnviz.web.bench import BenchControls
from cnnviz.web.lecture import read_place, write_place
from cnnviz.web.sitemap import list_pages

TEXT = """# One hour
About nothing.

## 5 min · A title
open: occlusion?image=cat&size=40
say: First line,
second line.

## 10 min · Home
open: digit
say: Draw.
"""


def test_a_lecture_is_read_from_its_text() -> None:
    lecture = parse_lecture("one", TEXT)
    first, second = lecture.steps
    assert (lecture.title, lecture.sentence, lecture.minutes) == ("One hour", "About nothing.", 15)
    assert (first.title, first.minutes, first.page) == ("A title", 5, "occlusion")
    assert first.values == {"image": "cat", "size": "40"}
    assert first.notes == "First line, second line."
    assert (second.page, second.values) == ("digit", {})


@pytest.mark.parametrize("missing", ["5 min · ", "open: ", "say: "])
def test_a_step_without_minutes_page_or_notes_is_told(missing: str) -> None:
    with pytest.raises(ValueError, match="A title"):
        parse_lecture("one", TEXT.replace(missing, "", 1))


def list_fields(page: str) -> set[str]:
    """The names that a page's address takes: of its own controls and of the workbench's."""
    controls = importlib.import_module(f"cnnviz.web.pages.{page}.controls")
    own = [one for one in vars(controls).values() if is_dataclass(one)]
    declared = [one for one in own if getattr(one, "__module__", "") == controls.__name__]
    return {entry.name for one in (*declared, BenchControls) for entry in fields(one)}


@pytest.mark.parametrize("lecture", list_lectures(), ids=lambda one: one.name)
def test_a_lecture_takes_ninety_minutes_and_leads_to_pages_of_the_app(lecture: Lecture) -> None:
    assert lecture.minutes == 90
    pages = {entry.url for entry in list_pages()}
    for step in lecture.steps:
        assert step.page in pages
        assert step.values.keys() <= list_fields(step.page), step.title


def test_a_step_is_found_again_by_its_place_and_nothing_else_is() -> None:
    lecture = load_lecture("architectures")
    assert write_place(lecture, 2) == "architectures~3"
    assert read_place("architectures~3") == (lecture, 2)
    for wrong in ("", "architectures", "architectures~0", "architectures~99", "../x~1", "x~²"):
        assert read_place(wrong) is None

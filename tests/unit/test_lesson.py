"""A page's words: taken apart as they are written, and every file of them is whole."""

import ast
import re
from dataclasses import is_dataclass
from importlib import import_module
from pathlib import Path

import pytest

from cnnviz.lessons import LESSONS, fill_lesson, fill_words, load_lesson, parse_lesson
from cnnviz.web.sitemap import PageEntry, list_pages
from cnnviz.web.state import list_controls

PAGES = LESSONS.parents[1] / "cnnviz" / "web" / "pages"

TEXT = """# Occlusion

One sentence
on two lines.

## Summary
Cover it.

## Try this

### Cover the head
set: stride=4, target=guess
ask: What will happen?
+ It falls
- It rises
answer: It falls to {least}.
More.

## Check yourself

### positions
How many squares fit?

## Limits
- One.

## Sources
- Zeiler 2014.

## Help
- stride: From one square to the next.
- size: Of a square, in pixels: its side.

## Texts
### covered
The square covers {share}
of the image.

### ways
- One way
- another
"""


def test_a_lesson_is_taken_apart() -> None:
    lesson = parse_lesson(TEXT)
    assert lesson.title == "Occlusion"
    assert lesson.sentence == "One sentence on two lines."
    (task,) = lesson.tasks
    assert task.title == "Cover the head"
    assert task.values == {"stride": "4", "target": "guess"}
    assert task.question == "What will happen?"
    assert (task.options, task.right) == (("It falls", "It rises"), 0)
    assert task.answer == "It falls to {least}. More."
    assert lesson.questions == {"positions": "How many squares fit?"}
    assert lesson.summary == "Cover it."
    assert lesson.limits == "- One."
    assert lesson.sources == "- Zeiler 2014."
    assert lesson.help == {
        "stride": "From one square to the next.",
        "size": "Of a square, in pixels: its side.",
    }
    assert lesson.texts == {
        "covered": "The square covers {share} of the image.",
        "ways": "- One way\n- another",
    }
    assert fill_words(lesson.texts["covered"], {"share": "5 %"}).startswith("The square covers 5 %")


def test_a_lesson_is_filled_with_the_pages_words() -> None:
    lesson = parse_lesson(TEXT.replace("stride=4", "stride={least}").replace("- One.", "{least}"))
    filled = fill_lesson(lesson, {"least": "1 %"})
    assert filled.tasks[0].answer == "It falls to 1 %. More."
    assert filled.tasks[0].values == {"stride": "1 %", "target": "guess"}
    assert (filled.limits, filled.help) == ("1 %", lesson.help)


def test_an_answers_numbers_are_there_before_where_it_has_none_or_the_task_sets_nothing() -> None:
    unset = TEXT.replace("set: stride=4, target=guess\n", "")
    texts = (TEXT, TEXT.replace("{least}", "0"), unset)
    assert [parse_lesson(text).tasks[0].is_final for text in texts] == [False, True, True]


@pytest.mark.parametrize(
    "text", ["No title", "# Title\n\n## Extras\n", "# T\n\n## Try this\n### A\nloose\n"]
)
def test_a_lesson_that_is_written_wrongly_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"lesson|belongs"):
        parse_lesson(text)


@pytest.mark.parametrize("path", sorted(LESSONS.glob("en/*.md")), ids=lambda path: path.stem)
def test_every_lesson_has_a_title_a_sentence_and_tasks_with_answers(path: object) -> None:
    lesson = load_lesson(getattr(path, "stem", ""))
    assert lesson.title
    assert lesson.sentence.endswith((".", "?"))
    assert all(task.question and task.answer for task in lesson.tasks)


@pytest.mark.parametrize("entry", list_pages(), ids=lambda entry: entry.url)
def test_a_page_says_what_it_is_for_in_a_sentence(entry: PageEntry) -> None:
    assert entry.summary.endswith(".")
    assert len(entry.summary) <= 100


@pytest.mark.parametrize(
    "page", [path.stem for path in LESSONS.glob("en/*.md") if load_lesson(path.stem).help]
)
def test_what_a_lesson_says_of_controls_is_of_controls_that_the_page_has(page: str) -> None:
    module = import_module(f"cnnviz.web.pages.{page}.controls")
    (declared,) = (
        each
        for name, each in vars(module).items()
        if name.endswith("Controls") and is_dataclass(each) and each.__module__ == module.__name__
    )
    assert isinstance(declared, type)
    assert load_lesson(page).help.keys() <= list_controls(declared).keys()


@pytest.mark.parametrize(
    ("page", "fields"),
    [
        ("train", {"layers", "optimizer", "rate", "schedule", "epochs", "augmented"}),
        ("evaluation", {"show", "images", "networks", "most"}),
    ],
)
def test_a_task_does_not_depend_on_the_task_before(page: str, fields: set[str]) -> None:
    for task in load_lesson(page).tasks:
        assert task.values.keys() >= fields


@pytest.mark.parametrize("path", sorted(PAGES.glob("*/*.py")), ids=lambda path: path.parent.name)
def test_what_a_page_takes_from_its_lesson_is_there(path: Path) -> None:
    asked = re.findall(r"page\.text\(\s*\"(\w+)\"", path.read_text(encoding="utf-8"))
    if asked:
        assert set(asked) <= load_lesson(path.parent.name).texts.keys()


BRITISH = re.compile(
    r"\b(?:mid-)?(?:colour|normalis|behaviour|neighbour|centre[ds]?\b|optimis|initialis|visualis|licence|learnt)",
    re.IGNORECASE,
)


@pytest.mark.parametrize("path", sorted((LESSONS / "en").glob("*.md")), ids=lambda path: path.stem)
def test_a_lesson_has_american_spelling_and_no_answer_that_is_a_numbered_list(path: Path) -> None:
    """Markdown reads "answer: 76. A filter" as the 76th point of a list."""
    text = path.read_text(encoding="utf-8")
    assert BRITISH.findall(text) == []
    assert re.findall(r"^answer: \d+[.)] .*", text, re.MULTILINE) == []


def test_the_words_that_pages_and_networks_show_have_american_spelling() -> None:
    shown = [
        node.value
        for folder in ("web/pages", "figures", "networks/zoo")
        for path in (LESSONS.parents[1] / "cnnviz" / folder).rglob("*.py")
        for node in ast.walk(_drop_docstrings(path))
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and " " in node.value
    ]
    assert [text for text in shown if BRITISH.search(text)] == []


def _drop_docstrings(path: Path) -> ast.Module:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef):
            node.body = [
                one
                for one in node.body
                if not (isinstance(one, ast.Expr) and isinstance(one.value, ast.Constant))
            ]
    return tree

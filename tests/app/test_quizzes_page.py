"""The page with the quizzes, run without a browser."""

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from cnnviz.quizzes.kinds import make_question
from tests.app.opened import open_page, text_of


def answer(app: AppTest, kind: str, value: float) -> AppTest:
    app.number_input(key=f"quizzes.answer.{kind}.1").set_value(value)
    check = next(one for one in app.button if one.label == "Check")
    return check.click().run()


def test_a_wrong_answer_may_be_tried_again_and_a_right_one_shows_the_solution() -> None:
    app = open_page("quizzes", kind="output_size", seed="1")
    expected = make_question("output_size", 1)
    assert expected.text in text_of(app)
    right = expected.draft.answer
    assert isinstance(right, int | float)
    app = answer(app, "output_size", right + 1)
    assert "is not right" in app.info[0].value
    assert expected.solution not in text_of(app)
    app = answer(app, "output_size", right)
    assert app.success[0].value == f"Right: {right:g}."
    assert expected.solution in text_of(app)
    assert app.metric[0].value == "1 of 1"
    app.button(key="quizzes.next").click().run()
    assert not app.exception
    assert app.selectbox(key="quizzes.kind").value == "same_padding"


def test_new_numbers_make_another_question() -> None:
    """Some kinds have few numbers, and the next seed may draw the same ones."""
    first = make_question("vanishing_slope", 1).text
    assert make_question("vanishing_slope", 2).text == first
    app = open_page("quizzes", kind="vanishing_slope", seed="1")
    next(one for one in app.button if one.label == "New numbers").click().run()
    seed = app.number_input(key="quizzes.seed").value
    assert first not in text_of(app)
    assert make_question("vanishing_slope", seed).text in text_of(app)


def test_the_solution_can_be_opened_and_then_nothing_is_answered() -> None:
    app = open_page("quizzes", topic="training", kind="normalized_axes")
    app.button(key="quizzes.answer.normalized_axes.1.open").click().run()
    assert make_question("normalized_axes", 1).solution in text_of(app)
    assert not [one for one in app.button if one.label == "Check"]
    assert app.metric[0].value == "0 of 1"


def test_questions_with_pictures_open() -> None:
    for kind in ("block_of", "digit_of_map", "changed_image"):
        app = open_page("quizzes", kind=kind)
        assert len(app.radio[0].options) == 4


def test_a_teachers_file_is_offered_and_its_bad_question_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "questions.txt"
    path.write_text("What is 6 · 7?\n= 42\n\nBad?\n", encoding="utf-8")
    monkeypatch.setenv("CNNVIZ_QUESTIONS", str(path))
    app = open_page("quizzes", topic="own")
    assert "What is 6 · 7?" in text_of(app)
    assert app.warning[0].value.startswith("Line 4: ")
    app = answer(app, "own-1", 42)
    assert app.success[0].value == "Right: 42."

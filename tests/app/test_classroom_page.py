"""The pages of a class, run without a browser."""

import pytest
from streamlit.testing.v1 import AppTest

from cnnviz.classroom.access import Kind
from cnnviz.classroom.store import (
    Drawing,
    delete_class,
    hide_drawing,
    join_class,
    keep_drawing,
    open_class,
    read_phone,
    read_wall,
)
from cnnviz.digits.answers import answer_digits
from cnnviz.digits.mnist import sample_digits
from cnnviz.digits.strokes import pack_strokes
from cnnviz.errors import ClassroomError
from tests.app.opened import finish_result, open_page, text_of


def open_drawn(count: int) -> tuple[str, str, str]:
    """A class with so many drawings of all digits in turn; its code, key and phone."""
    code, key = open_class()
    token = join_class(code)
    draw_more(code, token, range(count))
    return code, key, token


def draw_more(code: str, token: str, numbers: range) -> None:
    for number in numbers:
        digit = number % 10
        strokes = pack_strokes(sample_digits()[digit])
        drawn = Drawing(0, strokes, digit, digit, 0.9, is_hidden=False, version=0)
        keep_drawing(code, token, str(number), drawn)


def test_a_class_is_opened_and_deleted() -> None:
    app = open_page("classroom")
    app.button(key="classroom.open").click().run()
    assert not app.exception
    values = app.session_state["cnnviz_values"]["classroom"]
    code, key = values["code"], values["key"]
    assert f"## {code}" in text_of(app)
    assert read_wall(code, key).phones == 0
    app.button(key="classroom.delete").click().run()
    assert not app.exception
    with pytest.raises(ClassroomError):
        read_wall(code, key)
    assert app.button(key="classroom.open")


def test_a_wrong_key_shows_nothing_of_the_class() -> None:
    code, _ = open_class()
    app = open_page("classroom", code=code, key="guessed")
    assert app.error[0].value.startswith("This is not the key of this class's teacher.")
    assert code not in text_of(app)


def test_a_teachers_page_is_shown_to_the_class() -> None:
    code, key = open_class()
    token = join_class(code)
    app = open_page("router")
    assert not [one for one in app.button if one.key == "following.show"]
    app.session_state["cnnviz_values"] = {"classroom": {"code": code, "key": key}}
    app.run()
    app.button(key="following.show").click().run()
    assert not app.exception
    shown = read_phone(code, token).round
    assert (shown.kind, shown.address) == (Kind.LOOK, "?sample=7")


def run_page_with_class(code: str, key: str) -> None:
    """A page with what stands in the sidebar of a teacher."""
    import runpy

    from cnnviz.web.asking import offer_asking

    runpy.run_path("pages/layer_calculator.py")
    offer_asking(code, key)


def test_a_task_of_a_page_becomes_a_vote_and_its_answer_reaches_the_phones() -> None:
    code, key = open_class()
    token = join_class(code)
    app = AppTest.from_function(run_page_with_class, default_timeout=120, args=(code, key)).run()
    app.selectbox(key="asking.question").select_index(1).run()
    app.button(key="asking.ask").click().run()
    assert not app.exception
    question = read_phone(code, token).question
    assert question is not None
    assert question.text == "The stride is 2 now. What happens to the multiply-adds?"
    assert question.choices == ("They stay the same", "About half", "About a quarter")
    assert (question.is_over, question.places) == (False, ())
    app.button(key="layer_calculator.task1.show").click().run()
    question = read_phone(code, token).question
    assert question is not None
    assert (question.is_over, question.answer) == (True, "About a quarter")
    assert question.solution.startswith("About a quarter. The output has half as many rows")


def test_a_teacher_types_a_question() -> None:
    code, key = open_class()
    token = join_class(code)
    app = open_page("classroom", code=code, key=key)
    app.button(key="classroom.ask").click().run()
    assert app.error[0].value == "Type a question first."
    app.text_area(key="classroom.question").set_value("Is it a 4?")
    app.number_input(key="asking.seconds").set_value(60)
    app.button(key="classroom.ask").click().run()
    question = read_phone(code, token).question
    assert question is not None
    assert (question.text, question.choices) == ("Is it a 4?", ("Yes", "No"))
    assert question.left is not None
    assert 0 < question.left <= 60


def reload_page(held: str) -> None:
    import streamlit as st

    from cnnviz.web.teacher import take_own_class, write_own_class

    take_own_class(held)
    st.text(str(write_own_class()))


def test_a_reloaded_page_takes_the_class_back_that_the_tab_holds() -> None:
    code, key = open_class()
    for held, expected in ((f"{code} {key}", f"{code} {key}"), (f"{code} guessed", "")):
        app = AppTest.from_function(reload_page, args=(held,)).run()
        assert app.text[0].value == expected
    delete_class(code, key)
    app = AppTest.from_function(reload_page, args=(f"{code} {key}",)).run()
    assert app.text[0].value == ""


def test_a_phone_is_told_what_is_kept() -> None:
    app = open_page("join", code="ab")
    assert "without your name" in text_of(app)


def test_maps_are_averaged_over_the_drawings_that_are_chosen() -> None:
    code, key, _ = open_drawn(12)
    app = open_page("classroom", code=code, key=key, show="Averaged maps", asked="1")
    assert "of the digit 1, averaged over 2 drawings." in text_of(app)
    hide_drawing(code, key, read_wall(code, key).drawings[1].id, is_hidden=True)
    assert "averaged over 1 drawing." in text_of(app.run())
    app.selectbox(key="classroom.guess").set_value("7").run()
    assert app.info[0].value.startswith("No drawing is like this.")


def test_a_data_set_is_learned_from_while_further_drawings_come(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for variable in ("CNNVIZ_MNIST", "CNNVIZ_DATA"):
        monkeypatch.delenv(variable, raising=False)
    code, key, token = open_drawn(18)
    app = open_page("classroom", code=code, key=key, show="Data set", epochs="1")
    assert "2 more are missing" in app.info[0].value
    draw_more(code, token, range(18, 21))
    hide_drawing(code, key, read_wall(code, key).drawings[0].id, is_hidden=True)
    assert "correct on 20 of 20 drawings. Hidden, and left out: 1." in text_of(app.run())
    app.button(key="job_start:classroom.tuning").click().run()
    draw_more(code, token, range(21, 22))
    app = finish_result(app, slot="classroom.tuning")
    said = text_of(app)
    assert "after 1 epoch** on 10 drawings of the other half" in said
    assert "MNIST is not on this machine" in said
    assert "since this data set was taken: 1." in said
    app.button(key="classroom.use").click().run()
    network = app.session_state["cnnviz_values"]["bench"]["network"]
    (answer,) = answer_digits([{"strokes": [[[0.5, 0.1], [0.5, 0.9]]], "network": network}])
    assert answer["guess"] == "1"  # type: ignore[index]
    assert "Draw with it" in [link.proto.label for link in app.get("page_link")]
    app.button(key="classroom.renew").click().run()
    assert "correct on 21 of 21 drawings" in text_of(app)
    app.button(key="classroom.clean").click().run()
    assert app.session_state["cnnviz_values"]["classroom"]["mistakes"]

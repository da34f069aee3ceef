"""The pages of a class, run without a browser."""

import pytest

from cnnviz.classroom.access import Kind
from cnnviz.classroom.store import join_class, open_class, read_phone, read_wall
from cnnviz.errors import ClassroomError
from tests.app.opened import open_page, text_of


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


def test_a_phone_is_told_what_is_kept() -> None:
    app = open_page("join", code="ab")
    assert "without your name" in text_of(app)

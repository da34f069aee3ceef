"""The digit page, run without a browser: what it explains, and what its controls change."""

import pytest

from cnnviz import inference
from cnnviz.digits import sample_digits
from cnnviz.errors import DrawingError, WeightsError
from cnnviz.web.digit import controls as digit_controls
from tests.app.opened import open_page, text_of


def test_the_page_explains_its_first_sample() -> None:
    app = open_page("digit")
    assert not app.exception
    assert not app.error
    assert [header.value for header in app.header] == [
        "From ten numbers to a guess",
        "What the filters found",
        "Move it by a pixel",
        "Take another pen",
        "Try this",
        "Limits and sources",
    ]
    assert r"p(\text{7})" in text_of(app)
    # Three tasks, each ending in a question.
    tasks = next(element.value for element in app.markdown if element.value.startswith("1. "))
    assert [line.endswith("?") for line in tasks.splitlines()] == [True] * 3


def test_another_sample_changes_the_explanation() -> None:
    app = open_page("digit", digit="5")
    assert r"p(\text{5})" in text_of(app)
    app.pills(key="digit").set_value("3").run()
    assert not app.exception
    assert r"p(\text{3})" in text_of(app)
    assert "answers this 3 most" in text_of(app)


def test_a_thicker_pen_changes_the_numbers_but_keeps_the_drawing() -> None:
    app = open_page("digit")
    before = text_of(app)
    app.slider(key="pen").set_value(20).run()
    assert text_of(app) != before
    assert r"p(\text{7})" in text_of(app)


def test_no_sample_keeps_the_drawing() -> None:
    app = open_page("digit", digit="2")
    app.pills(key="digit").set_value(None).run()
    assert not app.exception
    assert r"p(\text{2})" in text_of(app)


def test_an_empty_pad_asks_for_a_drawing() -> None:
    app = open_page("digit", digit="")
    assert not app.exception
    assert [info.value for info in app.info] == [
        "Draw a digit or choose a sample; its numbers are worked out here."
    ]
    assert "Try this" in [header.value for header in app.header]


@pytest.mark.parametrize("digit", ["11", "seven", "-1"])
def test_a_wrong_digit_in_the_link_opens_the_first_sample(digit: str) -> None:
    app = open_page("digit", digit=digit)
    assert not app.exception
    assert r"p(\text{7})" in text_of(app)


@pytest.mark.parametrize("query", [{"pen": "900"}, {"values": "x"}, {"layers": "Z9"}])
def test_other_wrong_values_in_the_link_are_left_out(query: dict[str, str]) -> None:
    app = open_page("digit", **query)
    assert not app.exception
    assert not app.error


def test_a_finished_stroke_takes_the_place_of_the_sample(monkeypatch: pytest.MonkeyPatch) -> None:
    session = {"pad": {"strokes": [[[0.25, 0.5], [1, 0]]]}, "digit": "7"}
    monkeypatch.setattr("streamlit.session_state", session)
    digit_controls.take_drawing()
    assert session["digit"] is None
    assert session["digit_drawing"] == (((0.25, 0.5), (1.0, 0.0)),)


def test_what_is_no_drawing_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    session = {"pad": {"strokes": [[["a", 2]]]}, "digit": "7"}
    monkeypatch.setattr("streamlit.session_state", session)
    with pytest.raises(DrawingError, match="A point of stroke 0 is not"):
        digit_controls.take_drawing()


def test_ten_samples_are_on_offer() -> None:
    assert len(open_page("digit").pills(key="digit").options) == len(sample_digits()) == 10


def test_without_weights_the_page_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(name: str) -> None:
        raise WeightsError(f"There are no trained weights of {name} here.")

    app = open_page("router")
    # Only now: a module that the router imports would keep the refusal for all later tests.
    monkeypatch.setattr(inference, "load_model", refuse)
    app.switch_page("digit.py").run()
    assert [error.value for error in app.error] == ["There are no trained weights of lenet5 here."]

"""The digit page, run without a browser: what it explains, and what its controls change."""

import pytest

from cnnviz.digits.mnist import sample_digits
from cnnviz.errors import WeightsError
from cnnviz.images.names import name_drawing
from cnnviz.networks import load
from tests.app.opened import open_page, text_of


def test_the_page_explains_its_first_sample() -> None:
    app = open_page("digit")
    assert not app.error
    assert not app.warning
    assert r"p(\text{7})" in text_of(app)
    # Six kernels of 25 weights, each with a bias.
    app.number_input(key="digit.question.kernels").set_value(156).run()
    assert app.success


def test_every_value_of_a_link_is_taken() -> None:
    drawing = name_drawing([[list(point) for point in stroke] for stroke in sample_digits()[3]])
    app = open_page("digit", drawing=drawing, values="raw", pen="20", layers="Input~C3")
    assert not app.warning
    assert r"p(\text{3})" in text_of(app)
    assert app.pills(key="digit.drawing").value is None
    assert app.segmented_control(key="digit.values").value == "raw"
    assert app.slider(key="digit.pen").value == 20
    assert app.multiselect(key="digit.layers").value == ["Input", "C3"]


def test_a_sample_takes_the_drawings_place_and_stays_when_it_is_clicked_again() -> None:
    app = open_page("digit", drawing="digit-5")
    assert r"p(\text{5})" in text_of(app)
    assert len(app.pills(key="digit.drawing").options) == len(sample_digits()) == 10
    for held in ("digit-2", None):
        app.pills(key="digit.drawing").set_value(held).run()
        assert r"p(\text{2})" in text_of(app)
        assert app.pills(key="digit.drawing").value == "digit-2"


def test_a_thicker_pen_changes_the_numbers_but_keeps_the_drawing() -> None:
    app = open_page("digit")
    before = text_of(app)
    app.slider(key="digit.pen").set_value(20).run()
    assert text_of(app) != before
    assert r"p(\text{7})" in text_of(app)


def test_an_empty_pad_asks_for_a_drawing() -> None:
    app = open_page("digit", drawing="none")
    assert len(app.info) == 1
    assert not app.get("plotly_chart")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("drawing", "digit-11"),
        ("drawing", "drawing.!"),
        ("drawing", "cat"),
        ("pen", "900"),
        ("values", "x"),
        ("layers", "Z9"),
    ],
)
def test_a_bad_address_is_told_in_one_sentence_and_the_page_works(name: str, value: str) -> None:
    app = open_page("digit", **{name: value})
    assert len(app.warning) == 1
    assert r"p(\text{7})" in text_of(app)


def test_without_weights_the_page_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(name: str) -> None:
        raise WeightsError(f"There are no trained weights of {name} here.")

    app = open_page("router")
    # Only now: a module that the router imports would keep the refusal for all later tests.
    monkeypatch.setattr(load, "load_model", refuse)
    app.switch_page("digit.py").run()
    assert [error.value for error in app.error] == ["There are no trained weights of lenet5 here."]

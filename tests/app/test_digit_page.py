"""The digit page, run without a browser: what it explains, and what its controls change."""

import pytest
import torch

from cnnviz.digits.mnist import rasterize_strokes, sample_digits, to_input
from cnnviz.errors import WeightsError
from cnnviz.images.names import name_drawing
from cnnviz.networks import load
from tests.app.opened import load_page, open_page, text_of
from tests.other_lenet import NAME, TITLE, register_other_lenet


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


def test_a_network_with_the_same_layers_takes_lenets_place() -> None:
    strokes = sample_digits()[7]
    with register_other_lenet() as network, torch.no_grad():
        logits = network(to_input(rasterize_strokes(strokes, pen=0.09)))[0]
        winner = int(logits.argmax())
        app = open_page("digit")
        chooser = app.selectbox(key="digit.network")
        assert (chooser.options, chooser.value) == (["LeNet-5", TITLE], "lenet5")
        chooser.set_value(NAME).run()
        said = text_of(app)
        assert rf"p(\text{{{winner}}})" in said
        assert f"Every layer of {TITLE}" in said
        assert "Right on none of the class's drawings." in said
        linked = open_page("digit", network=NAME)
        assert not linked.warning
        assert rf"p(\text{{{winner}}})" in text_of(linked)


def test_a_network_of_the_workbench_is_drawn_for_where_it_fits() -> None:
    with register_other_lenet():
        app = load_page("router")
        for network, drawn in (("resnet64", "lenet5"), (NAME, NAME)):
            app.session_state["cnnviz_values"] = {"bench": {"network": network}}
            app.switch_page("digit.py").run()
            assert not app.exception
            assert app.selectbox(key="digit.network").value == drawn


@pytest.mark.parametrize(
    ("network", "sentence"),
    [
        ("resnet64", "This page cannot use ResNet-34."),
        (NAME, "The network of this address was trained in another visit"),
        ("trained", "There is no network “trained” here."),
    ],
)
def test_a_network_that_does_not_fit_or_is_another_visitors_is_refused(
    network: str, sentence: str
) -> None:
    with register_other_lenet(visitor="ann"):
        app = open_page("digit", network=network)
    (warning,) = app.warning
    assert warning.value.startswith(sentence)
    assert r"p(\text{7})" in text_of(app)
    assert "digit.network" not in [one.key for one in app.selectbox]  # only LeNet-5 is left


def test_without_weights_the_page_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(name: str) -> None:
        raise WeightsError(f"There are no trained weights of {name} here.")

    app = load_page("router")
    monkeypatch.setattr(load, "load_model", refuse)
    app.switch_page("digit.py").run()
    assert [error.value for error in app.error] == ["There are no trained weights of lenet5 here."]

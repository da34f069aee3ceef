"""The linear page through Streamlit's own test runner: controls, addresses, bad input."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest

from cnnviz.adversarial.linear.data import load_photographs
from tests.app.opened import finish_result, open_page, text_of


def open_linear(**address: str) -> AppTest:
    return finish_result(open_page("linear", **address), slot="linear.training")


def values_of(app: AppTest) -> dict[str, object]:
    held: dict[str, object] = app.session_state["cnnviz_values"]["linear"]
    return held


def test_the_page_opens_with_a_face_and_its_accuracy() -> None:
    app = open_linear()
    assert not app.error
    assert not app.warning
    assert app.selectbox(key="linear.classifier").value == "faces"
    assert float(app.metric[0].value.removesuffix(" %")) >= 90
    assert "625 values" in text_of(app)  # 25·25
    app.number_input(key="linear.question.values").set_value(625).run()
    assert app.success


def test_digits_are_trained_and_without_training_no_pixel_counts() -> None:
    app = open_linear(classifier="digits")
    assert float(app.metric[0].value.removesuffix(" %")) > 94
    app.select_slider(key="linear.steps").set_value("0").run()
    app = finish_result(app, slot="linear.training")
    assert "No pixel moves this class's score here" in app.error[0].value
    app.select_slider(key="linear.steps").set_value("20").run()
    assert not finish_result(app, slot="linear.training").error


def test_every_value_of_a_link_is_taken() -> None:
    app = open_linear(
        classifier="digits", item="7", goal="3", steps="50", decay="0.1", amount="0.4"
    )
    assert not app.warning
    assert values_of(app) == {
        "classifier": "digits",
        "item": 7,
        "goal": "3",
        "steps": "50",
        "decay": "0.1",
        "amount": 0.4,
    }
    app.session_state["linear.code"] = True
    program = app.run().code[0].value
    assert "TRAINING_STEPS = 50" in program
    assert "TARGET: str | None = '3'" in program


def test_another_classifier_lets_go_of_image_class_and_amount() -> None:
    app = open_linear(classifier="digits", item="300", goal="3", amount="0.4")
    app.selectbox(key="linear.classifier").set_value("lenet5").run()
    assert not app.error
    assert values_of(app) == {"classifier": "lenet5"}
    assert app.number_input(key="linear.item").value == 1
    app.number_input(key="linear.question.values").set_value(1024).run()  # 32·32
    assert app.success


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("classifier", "forest"),
        ("item", "-3"),
        ("goal", "cow"),
        ("steps", "7"),
        ("decay", "huge"),
        ("amount", "x"),
    ],
)
def test_a_bad_address_is_told_in_one_sentence_and_the_page_works(name: str, value: str) -> None:
    app = open_linear(**{name: value})
    (warning,) = app.warning
    assert value in warning.value
    assert values_of(app) == {}
    assert not app.error


def test_photographs_are_offered_where_a_folder_is_given(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, color in (("red", (200, 30, 30)), ("green", (30, 200, 30))):
        (tmp_path / name).mkdir()
        for number in range(12):
            pixels = np.full((20, 24, 3), color, dtype=np.uint8) + np.uint8(number)
            Image.fromarray(pixels).save(tmp_path / name / f"{number}.png")
    monkeypatch.setenv("CNNVIZ_CLASSES", str(tmp_path))
    data = load_photographs(tmp_path)
    assert data.classes == ("green", "red")
    assert data.shape == (32, 32, 3)
    assert len(data.train) + len(data.test) == 24
    app = open_linear(classifier="photographs", goal="red", item="0")
    assert not app.warning
    assert float(app.metric[0].value.removesuffix(" %")) == 100
    assert app.selectbox(key="linear.goal").options == ["top-2 class", "green", "red"]


def test_a_folder_that_cannot_be_read_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CNNVIZ_CLASSES", str(tmp_path / "nowhere"))
    app = open_page("linear", classifier="photographs")
    assert not app.exception
    app.run()
    assert "cannot be read" in app.error[0].value


def test_the_samples_are_classes_whose_templates_are_drawn_in_color() -> None:
    app = open_linear(classifier="samples", steps="20")
    assert not app.error
    assert "Dahlia" in app.selectbox(key="linear.goal").options
    assert "3,072 values" in text_of(app)  # 32·32·3

"""The pages of “Fool it” through Streamlit's own test runner: controls, addresses, bad input."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from cnnviz.linear.data import load_photographs
from tests.app.opened import finish_job, open_page, text_of


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing waits in the server's line, however busy the machine is."""
    monkeypatch.setattr("cnnviz.web.adversarial.view.estimate_seconds", lambda *_args, **_more: 0.0)


def test_the_adversarial_page_opens_with_an_attack_that_fools() -> None:
    app = open_page("adversarial", network="lenet5")
    assert not app.error
    assert not app.warning
    assert str(app.selectbox(key="epsilon").value).startswith("ε = ")
    assert "is now called" in text_of(app)
    assert app.dataframe[0].value["processing"].iloc[0] == "saved as PNG"
    tasks = next(element.value for element in app.markdown if element.value.startswith("1. "))
    assert [line.endswith("?") for line in tasks.splitlines()] == [True] * 3


def test_another_strength_is_another_picture() -> None:
    app = open_page("adversarial", network="lenet5", epsilon="0")
    assert app.selectbox(key="epsilon").value == "ε = 0/255"
    assert "Still called" in text_of(app)
    app.selectbox(key="epsilon").set_value("ε = 96/255").run()
    assert "Here ε = 96/255" in text_of(app)


def test_a_target_and_the_smallest_epsilon() -> None:
    app = open_page("adversarial", network="lenet5", method="pgd", target="8")
    assert app.selectbox(key="target").value == "8"
    app.button(key="smallest_start").click().run()
    assert not app.exception
    assert {metric.label for metric in app.metric} >= {"of real numbers", "attacks made"}


def test_a_picture_is_shown_to_the_other_networks() -> None:
    app = open_page("adversarial", network="alexnet64", epsilon="8")
    app = finish_job(app.button(key="transfer_start").click().run(), "transfer")
    assert "and of the one made for AlexNet (64 px)" in text_of(app)
    table = app.dataframe[-1].value
    assert len(table) == 11
    assert table["says now"][0] in text_of(app)  # the page's own verdict names it too
    assert table["fooled"][0] == "yes"
    assert "A network is fooled where it leaves the name" in text_of(app)


def test_with_a_target_only_that_counts_as_fooled() -> None:
    app = open_page("adversarial", network="lenet5", method="pgd", target="8", epsilon="8")
    app = finish_job(app.button(key="transfer_start").click().run(), "transfer")
    assert "A network is fooled where it says 8." in text_of(app)
    table = app.dataframe[-1].value
    assert (table["fooled"][0] == "yes") == (table["says now"][0] == "8")


@pytest.mark.parametrize("norm", ["L2: all together", "L2", "l2"])
def test_the_pages_own_link_to_a_norm_and_a_short_one_open_it(norm: str) -> None:
    app = open_page("adversarial", network="lenet5", norm=norm)
    assert not app.warning
    assert app.segmented_control(key="norm").value == "L2: all together"


def test_nonsense_in_the_adversarial_address_leaves_the_page_usable() -> None:
    app = open_page("adversarial", network="lenet5", method="magic", epsilon="lots", target="cow")
    assert len(app.warning) == 3
    assert "is now called" in text_of(app)


def test_the_linear_page_trains_and_tells_the_sum() -> None:
    app = open_page("linear")
    assert not app.error
    accuracy = next(one for one in app.metric if one.label == "right on held-out pictures")
    assert float(accuracy.value.removesuffix(" %")) > 94
    app.select_slider(key="training").set_value(0).run()
    assert "No pixel moves this class's score here" in app.error[0].value
    app.select_slider(key="training").set_value(20).run()
    assert not app.error
    assert "Fooled" in text_of(app) or "small products all add up" in text_of(app)


def test_nonsense_in_the_linear_address_leaves_the_page_usable() -> None:
    app = open_page("linear", decay="huge", toward="cow", item="-3", amount="x")
    assert len(app.warning) == 4
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
    app = open_page("linear")
    assert app.segmented_control(key="data").options == ["written digits", "photographs"]

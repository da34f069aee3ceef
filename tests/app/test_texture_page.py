"""The page “Shape against texture” in Streamlit's own test runner: views, runs, bad input."""

import pytest
from streamlit.testing.v1 import AppTest

from tests.app.opened import finish_result, get_job, open_page, text_of


def open_texture(**address: str | list[str]) -> AppTest:
    usual: dict[str, str | list[str]] = {"maker": "AlexNet (64 px)", "steps": "20"}
    return open_page("texture", **usual | address)


def test_a_cue_conflict_is_made_and_explained_with_its_own_numbers() -> None:
    app = finish_result(open_texture())
    assert not app.error
    assert not app.warning
    assert "How it was made" in [header.value for header in app.header]
    formulas = [formula.value for formula in app.latex]
    assert any("M = 256" in formula for formula in formulas)  # AlexNet's first maps, 16×16
    assert "The style loss went from" in text_of(app)
    tasks = next(element.value for element in app.markdown if element.value.startswith("1. "))
    assert [line.endswith("?") for line in tasks.splitlines()] == [True] * 3


def test_another_weight_is_another_conflict() -> None:
    app = finish_result(open_texture(weight="0.1"))
    before = app.latex[-1].value
    assert "+ 0.1" in before
    app.select_slider(key="weight").set_value(30).run()
    after = finish_result(app).latex[-1].value
    assert "+ 30" in after
    assert after != before


def test_patches_need_no_run() -> None:
    app = open_texture(method="patches", patch="30")
    assert get_job(app) is None
    assert "no network is asked" in text_of(app)
    app.selectbox(key="shape_sample").set_value("Checkerboard").run()
    assert not app.exception


def test_the_shape_bias_is_told_with_its_counts() -> None:
    app = finish_result(open_texture(show="Shape bias", method="patches", pairs="8"))
    assert not app.error
    text = text_of(app)
    assert "12 pictures: 0 of yours" in text
    assert "8 conflicts made so far count for it" in text
    assert "Too few to compare networks." in text
    app.segmented_control(key="rule").set_value("the likelier of the two").run()
    assert not app.exception
    assert "so it has no bias to tell" not in text_of(app)


def test_a_set_without_conflicts_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cnnviz.texture.trials.find_cue", lambda *_, **__: frozenset())
    app = open_texture(show="Shape bias", networks=["nin64"], naming="those it names rightly")
    app = finish_result(app)
    assert any("No two pictures of the set" in info.value for info in app.info)


def test_a_distortion_changes_what_the_networks_say() -> None:
    app = open_texture(show="Distortions", silhouette="100", follow="grey")
    assert "Blue is the class" in text_of(app)
    assert app.slider(key="silhouette").value == 100
    app.button(key="clean").click().run()
    assert app.slider(key="silhouette").value == 0
    finish_result(app)
    assert "Counted are the pictures that a network has a first guess for" in text_of(app)


def test_nonsense_in_the_address_leaves_the_page_usable() -> None:
    app = open_texture(show="upside down", method="magic", maker="cow", weight="lots", naming="x")
    assert len(app.warning) == 3
    assert not app.error
    app = open_texture(show="Distortions", silhouette="much", shuffle="0", follow="x")
    assert len(app.warning) == 3
    app = open_texture(networks=["cow"])
    assert any("There is no network" in warning.value for warning in app.warning)


def test_without_networks_the_page_asks_for_some() -> None:
    app = open_texture()
    app.multiselect(key="networks").set_value([]).run()
    assert [info.value for info in app.info][-1].startswith("Choose networks")

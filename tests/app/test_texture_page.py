"""The page “Shape against texture” in Streamlit's own test runner: views, runs, bad input."""

import re

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from cnnviz.cache import forget_everywhere
from cnnviz.images.image import from_array
from cnnviz.images.samples import SampleKind, list_samples
from cnnviz.web.pages.texture import view
from tests.app.opened import check_each_is_told, finish_result, get_job, open_page, text_of

DISTORTIONS = ("silhouette", "edges", "gray", "shuffle", "blur", "high_pass")


def open_texture(**address: str) -> AppTest:
    usual = {"networks": "alexnet64~resnet64", "maker": "alexnet64", "steps": "20"}
    return open_page("texture", **usual | address)


def finish_conflict(app: AppTest) -> AppTest:
    return finish_result(app, slot="texture.conflict")


def test_a_cue_conflict_is_made_and_explained_with_its_own_numbers() -> None:
    app = finish_conflict(open_texture())
    assert not app.error
    assert not app.warning
    formulas = [formula.value for formula in app.latex]
    assert any("M = 256" in formula for formula in formulas)  # AlexNet's first maps, 16×16
    assert "The style loss falls from" in text_of(app)
    table = next(each.value for each in app.dataframe if "Network" in each.value)
    assert len(table) == 2
    for shape, texture, share in zip(
        table["Shape"], table["Texture"], table["P(shape class)"], strict=True
    ):
        assert re.fullmatch(r"(Egyptian cat|tabby cat), [<>]? ?[\d.]+ %", shape, re.IGNORECASE)
        assert re.fullmatch(r"espresso, [<>]? ?[\d.]+ %", texture)
        assert re.fullmatch(r"[<>]? ?[\d.]+ %", share)


def test_another_weight_is_another_conflict() -> None:
    app = finish_conflict(open_texture(weight="0.1"))
    before = app.latex[-1].value
    assert "+ 0.1" in before
    app.select_slider(key="texture.weight").set_value("30").run()
    after = finish_conflict(app).latex[-1].value
    assert "+ 30" in after
    assert after != before


def test_every_value_of_a_link_is_taken() -> None:
    app = open_texture(
        show="distortions",
        silhouette="100",
        edges="10",
        gray="20",
        shuffle="4",
        blur="1",
        high_pass="2",  # noqa: S106  (no password)
        follow="gray",
        naming="predicted correctly",
        texture="grass",
        image="rocket",
    )
    assert not app.warning
    held = [app.slider(key=f"texture.{name}").value for name in DISTORTIONS]
    assert held == [100, 10, 20, 4, 1, 2]
    assert app.segmented_control(key="texture.follow").value == "Gray"
    assert app.session_state["cnnviz_values"]["texture"]["texture"] == "grass"
    assert app.session_state["cnnviz_values"]["bench"]["image"] == "rocket"
    app = open_texture(method="patches", patch="30", outline="70", seed="5", ground="1")
    assert not app.warning
    assert (app.slider(key="texture.patch").value, app.slider(key="texture.outline").value) == (
        30,
        70,
    )
    assert (app.number_input(key="texture.seed").value, app.toggle(key="texture.ground").value) == (
        5,
        True,
    )


def test_patches_need_no_run() -> None:
    app = open_texture(method="patches", texture="checkerboard")
    assert get_job(app, slot="texture.conflict") is None
    assert not app.error
    assert any("Network" in each.value for each in app.dataframe)


def test_the_layers_are_those_of_the_network_that_makes() -> None:
    app = finish_conflict(open_texture(style="relu1", content="relu2"))
    first = app.selectbox(key="texture.content").value
    app.selectbox(key="texture.maker").set_value("vgg64").run()
    assert not app.exception
    assert app.selectbox(key="texture.content").value != first
    assert set(app.multiselect(key="texture.style").value) != {"relu1"}


def test_the_shape_bias_is_told_with_its_counts() -> None:
    app = open_texture(show="Shape bias", method="patches", pairs="8", maker="in turn")
    app = finish_result(app, slot="texture.bias")
    assert not app.error
    text = text_of(app)
    kinds = [sample.kind for sample in list_samples()]
    count = kinds.count(SampleKind.PHOTOGRAPH) + kinds.count(SampleKind.TEXTURE)
    assert f"{count} images: 0 of yours" in text
    assert "of 8 conflicts count for it" in text
    assert "Too few to compare networks." in text
    app.selectbox(key="texture.rule").set_value("more probable cue").run()
    assert not app.exception
    assert "there is no shape bias" not in text_of(app)


def test_a_long_measurement_waits_for_a_click() -> None:
    app = open_texture(show="Shape bias", method="style transfer", maker="in turn")
    assert not app.warning
    assert app.button(key="job_start:texture.bias")
    assert any(one.value.startswith("Makes 16 cue conflicts") for one in app.markdown)
    assert get_job(app, slot="texture.bias") is None


def test_a_set_without_conflicts_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cnnviz.shape_texture.trials.find_cue", lambda *_, **__: frozenset())
    app = open_texture(show="Shape bias", method="patches", networks="nin64", maker="in turn")
    app = finish_result(app, slot="texture.bias")
    assert any("correctly" in info.value for info in app.info)


def test_a_distortion_is_taken_back_and_curves_wait_for_a_click() -> None:
    app = open_texture(show="Distortions", silhouette="100", follow="gray", networks="alexnet64")
    assert get_job(app, slot="texture.curves") is None
    app.button(key="texture.clean").click().run()
    assert app.slider(key="texture.silhouette").value == 0
    assert app.slider(key="texture.shuffle").value == 1
    app.button(key="job_start:texture.curves").click().run()
    app = finish_result(app, slot="texture.curves")
    assert app.get("plotly_chart")


WRONG = {
    "show": "upside down",
    "method": "magic",
    "maker": "calf",
    "weight": "lots",
    "networks": "bull",
    "texture": "cow",
    "style": "herd",
    "silhouette": "much",
    "shuffle": "0",
}


def test_each_wrong_value_gets_one_sentence_and_the_page_stays() -> None:
    app = open_texture(**WRONG)
    check_each_is_told(app, WRONG.values())
    assert not app.error


def test_without_networks_the_page_asks_for_some() -> None:
    app = open_texture(show="Distortions")
    app.multiselect(key="texture.networks").set_value([]).run()
    assert not app.exception
    assert app.info


def test_one_image_under_two_names_is_two_sets_and_leaves_with_its_visit(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    pixels = np.full((20, 30, 3), 77, dtype=np.uint8)
    cat, dog = (from_array(pixels, name=f"{name}.png") for name in ("cat", "dog"))
    found = []
    for image in (cat, dog, cat):
        monkeypatch.setattr(view, "list_uploads", lambda image=image: [image])
        found.append((view.list_set(), view.write_key(())))
    assert [images[0].truth for images, _ in found] == ["cat", "dog", "cat"]
    assert found[0][0] is found[2][0]
    assert found[0][1] != found[1][1]
    forget_everywhere(cat.digest)
    assert view.list_set() is not found[2][0]

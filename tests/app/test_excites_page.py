"""Feature visualization in Streamlit's own test runner: views, presets, addresses, bad input."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from cnnviz.activations.top_patches import cut_patches
from cnnviz.feature_visualization.regularizers import PRESETS, Preset
from cnnviz.feature_visualization.transfer_score import Reading, TransferScore
from cnnviz.figures import transfer
from cnnviz.images.names import list_gallery
from cnnviz.runs import feature_visualization
from cnnviz.web.pages.excites import views
from cnnviz.web.pages.excites.controls import View, list_settings
from tests.app.opened import finish_result, get_job, list_files, open_page

QUICK = {"network": "lenet5", "steps": "32"}


@pytest.fixture(autouse=True)
def brief(monkeypatch: pytest.MonkeyPatch) -> None:
    """Few steps, and few images to look through: what comes of more is for other tests."""
    for name in ("_DEPTH_STEPS", "_ACROSS_STEPS"):
        monkeypatch.setattr(feature_visualization, name, 8)
    monkeypatch.setattr(views, "list_gallery", lambda: list_gallery()[::10])


def finish(app: AppTest) -> AppTest:
    return finish_result(app, slot="excites")


def formulas(app: AppTest) -> str:
    return " ".join(entry.value for entry in app.latex)


def warnings(app: AppTest) -> list[str]:
    return [entry.value for entry in app.warning]


def test_the_top_1_class_grows_without_a_click_and_presets_set_the_regularizers() -> None:
    app = finish(open_page("excites", image="digit-8", **QUICK))
    assert not app.error
    assert not app.warning
    assert r"p_{\text{8}}" in formulas(app)
    assert app.metric[0].value.endswith("%")
    assert r"z + 0.05\,\mathrm{Adam}" in formulas(app)
    app.button(key="excites.preset.simonyan").click().run()
    assert app.slider(key="excites.decay").value == 0.05
    assert app.slider(key="excites.jitter").value == 0
    assert r"(1 - 0.05)" in formulas(finish(app))
    app.slider(key="excites.decay").set_value(0.1).run()
    assert r"(1 - 0.1)" in formulas(finish(app))
    app.selectbox(key="bench.target").set_value(3).run()
    assert r"p_{\text{3}}" in formulas(finish(app))


def test_a_link_reopens_every_value() -> None:
    app = open_page(
        "excites",
        **QUICK,
        objective="neuron",
        layer="c3",
        channel="4",
        row="2",
        column="3",
        count="4",
        diversity="0.8",
        seed="5",
        decorrelate="0",
        parametrization="pixels",
        jitter="7",
        rotate="3",
        scale="0.25",
        decay="0.02",
        blur="0.4",
        clip_small="0.3",
        clip_contribution="0.15",
        settle="16",
        step_size="0.1",
    )
    assert not app.warning
    assert [
        app.number_input(key=f"excites.{one}").value for one in ("channel", "row", "column")
    ] == [4, 2, 3]
    held = {
        one: app.slider(key=f"excites.{one}").value
        for one in ("jitter", "rotate", "scale", "decay", "blur")
    }
    assert held == {"jitter": 7, "rotate": 3, "scale": 0.25, "decay": 0.02, "blur": 0.4}
    assert app.slider(key="excites.clip_contribution").value == 0.15
    assert app.slider(key="excites.settle").value == 16
    assert app.toggle(key="excites.decorrelate").value is False
    app = finish(app)
    assert "a_{4,2,3}" in formulas(app)
    assert r"0.8\,\overline{|S|}\,\cos(G_i, G_j)" in formulas(app)


def test_a_preset_holds_what_the_sliders_can_show() -> None:
    app = open_page("excites", **QUICK)
    for preset in Preset:
        app.button(key=f"excites.preset.{preset.name.lower()}").click().run()
        assert not app.exception
        shown = app.session_state["cnnviz_values"]["excites"]
        settings = list_settings(PRESETS[preset])
        assert {name: shown[name] for name in settings} == settings


@pytest.mark.parametrize(
    ("address", "sentences"),
    [
        ({"network": "lenet6"}, ["There is no network “lenet6” here"]),
        (
            {
                "target": "zebra",
                "objective": "soul",
                "view": "Everything",
                "seed": "-1",
                "parametrization": "wavelets",
                "layer": "input",
                "dream_layer": "f6",
                "counted": "top-9",
            },
            [
                "There is no class “zebra” in this network",
                "There is no objective “soul” here",
                "There is no view “Everything” here",
                "There is no parametrization “wavelets” here",
                "Seed cannot be “-1”",
                "There is no layer “input” here",
                "There is no layer “f6” here",
                "There is no criterion “top-9” here",
            ],
        ),
        (
            {"layer": "c1", "channel": "6", "row": "28"},
            ["Channel cannot be “6”", "Row cannot be “28”"],
        ),
    ],
)
def test_each_wrong_value_gets_one_sentence_and_the_page_stays(
    address: dict[str, str], sentences: list[str]
) -> None:
    app = open_page("excites", **{**QUICK, **address})
    told = warnings(app)
    assert len(told) == len(sentences)
    for sentence in sentences:
        assert sum(text.startswith(sentence) for text in told) == 1
    assert app.selectbox(key="excites.objective")


@pytest.mark.parametrize("view", [View.DEPTH, View.ACROSS, View.DREAM, View.PATCHES])
def test_the_other_views_make_their_images(view: View) -> None:
    small = {"side": "96", "octaves": "2", "dream_steps": "4", "channel": "2"}
    app = finish(open_page("excites", network="lenet5", view=view, **small))
    assert not app.error
    assert not app.warning
    assert len(list_files(app)) == 1
    if view is View.DREAM:
        assert r"\overline{a^2}" in formulas(app)
    if view is View.PATCHES:
        assert len(app.subheader) >= 3


def test_another_objective_stops_the_run_before() -> None:
    app = open_page("excites", network="resnet64")
    first = get_job(app, slot="excites")
    assert first is not None
    app.selectbox(key="excites.objective").set_value("channel").run()
    assert get_job(app, slot="excites") is not first
    assert first.wait(20)
    assert first.result is None


def test_a_direction_follows_the_image_of_the_workbench() -> None:
    app = finish(open_page("excites", **QUICK, objective="direction", image="digit-5"))
    assert "Written 5" in app.metric[0].label
    assert r"\langle a, d \rangle" in formulas(app)


@pytest.mark.parametrize("counted", ["top-5", "top-1"])
def test_the_page_tells_what_other_networks_recognize(
    monkeypatch: pytest.MonkeyPatch, counted: str
) -> None:
    counts = {"vgg64": 80, "alexnet64": 61, "nin64": 92}
    others = {
        name: Reading(images=100, first=5, among_five=count) for name, count in counts.items()
    }
    score = TransferScore(
        steps=128, seed=4, preset="x", images=100, sure=98, least=0.5, others=others
    )
    monkeypatch.setattr(transfer, "read_score", lambda _: score)
    app = open_page("excites", network="resnet64", view=View.ACROSS, counted=counted)
    (told,) = (one.value for one in app.markdown if "98 of 100" in one.value)
    assert "61 of 100" in told
    assert "92 of 100" in told
    assert "80 of 100" not in told
    assert app.segmented_control(key="excites.counted").value == counted


@pytest.mark.parametrize(
    ("network", "layer"),
    [
        ("lenet5", "c3"),  # sees 14 of 32 pixels, C5 all of them
        ("vgg64", "conv4_1"),  # 46 of 64, the next 62
    ],
)
def test_a_channel_is_first_sought_where_cells_see_parts(network: str, layer: str) -> None:
    app = open_page("excites", network=network, view=View.PATCHES)
    assert app.selectbox(key="excites.layer").value == layer


def test_a_channel_that_no_image_excites_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(views, "cut_patches", partial(_silence, cut_patches))
    app = finish(open_page("excites", view=View.PATCHES, **QUICK))
    assert "is 0 everywhere on these images" in app.info[0].value


def _silence(cut: Callable[..., Any], *found: Any, **how: Any) -> list[Any]:
    return [replace(patch, value=0.0) for patch in cut(*found, **how)]

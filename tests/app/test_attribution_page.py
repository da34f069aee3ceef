"""The attribution page through Streamlit's own test runner: controls, addresses, analyses."""

import re
from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from cnnviz.attribution import map_store
from cnnviz.attribution.attribute import Method, Tunnel
from cnnviz.attribution.cam_layers import list_offered_layers
from cnnviz.attribution.checks.preparation import Mistake
from cnnviz.attribution.map_store import find_map, get_map, make_maps, make_quick, name_map
from cnnviz.cache import SizedLRUCache
from cnnviz.figures.attribution_checks import describe_pointing
from cnnviz.jobs.heavy import report_progress
from cnnviz.lessons import load_lesson
from cnnviz.networks.load import load_model, predict
from cnnviz.networks.weights.files import list_weights
from cnnviz.web.controls.image import find_image
from tests.app.opened import check_each_is_told, finish_result, get_job, list_files, open_page
from tests.quick import each

SLOTS = ("", ".paper", ".steps", ".sum", ".mistakes", ".sanity", ".faithfulness", ".agreement")
LENET = {"network": "lenet5", "image": "digit-7"}
# A value of every field that is not its default, as an address writes it, and as it is kept.
VALUES = {
    "second": ("3", 3),
    "methods": ("Grad-CAM~SmoothGrad", (Method.GRAD_CAM, Method.SMOOTHGRAD)),
    "layer": ("relu1", "relu1"),
    "evidence": ("signed", "signed"),
    "opacity": ("40", 40),
    "raw": ("1", True),
    "section": ("Sanity check", "Sanity check"),
    "method": ("Integrated gradients", Method.INTEGRATED_GRADIENTS),
    "row": ("second", "second"),
    "steps": ("12", "12"),
    "mistake": ("none", "none"),
    "depth": ("3", 3),
    "compare": ("magnitudes", "magnitudes"),
    "removed": ("mean color", "mean color"),
    "tunnel": ("VarGrad", Tunnel.VARGRAD),
    "other": ("vgg64", "vgg64"),
    "pair": ("LIME~DeepLIFT", (Method.LIME, Method.DEEPLIFT)),
}


def open_attribution(**address: str) -> AppTest:
    app = open_page("attribution", **LENET | address)
    return finish_all(app)


def finish_all(app: AppTest) -> AppTest:
    for slot in SLOTS:
        finish_result(app, slot=f"attribution{slot}")
    return app


def texts(app: AppTest) -> str:
    return "\n".join(entry.value for entry in [*app.markdown, *app.info])


@pytest.mark.parametrize("network", each(list_weights()))
def test_the_page_opens_for_every_network(network: str) -> None:
    app = finish_all(open_page("attribution", network=network))
    assert not app.error
    assert not app.warning
    assert app.title[0].value == "Attribution maps"
    assert any(r"\alpha_k" in entry.value for entry in app.latex)


def test_the_classes_follow_the_image_until_others_are_chosen() -> None:
    app = open_attribution()
    second = app.selectbox(key="attribution.second")
    assert second.value != 7  # the top-1 class, which has the first row
    second.set_value(7).run()
    app.selectbox(key="bench.target").set_value(3).run()
    assert app.selectbox(key="attribution.second").value == 7
    assert app.selectbox(key="bench.target").value == 3


def test_every_value_of_a_link_is_taken_and_belongs_to_this_page() -> None:
    app = open_attribution(target="1", **{name: text for name, (text, _) in VALUES.items()})
    assert not app.warning
    held = app.session_state["cnnviz_values"]
    assert held["attribution"] == {name: value for name, (_, value) in VALUES.items()}
    assert held["bench"]["target"] == 1
    assert app.selectbox(key="bench.target").value == 1
    for name in VALUES:  # as a plain key it would be another page's too
        assert name not in app.session_state


WRONG = {
    "second": "ten",
    "layer": "C9",
    "methods": "Magic maps",
    "method": "Magic",
    "row": "third",
    "steps": "7",
    "opacity": "200",
    "evidence": "all",
    "raw": "maybe",
    "mistake": "typo",
    "removed": "holes",
    "depth": "99",
    "section": "Proofs",
    "tunnel": "pipe",
    "pair": "Twins",
    "other": "lenet6",
    "target": "whale",
}


def test_each_wrong_value_gets_one_sentence_and_the_page_stays() -> None:
    app = open_page("attribution", **LENET | WRONG)
    check_each_is_told(app, WRONG.values())
    assert app.latex


def test_a_layer_that_is_too_early_or_too_late_is_named() -> None:
    # A cell of C1 sees 5×5 of 32×32 pixels.
    assert "sees 5×5 of 32×32 pixels" in texts(open_attribution(layer="relu1"))
    last = list_offered_layers(load_model("lenet5"))[-1]
    assert "The layer is 1×1" in texts(open_attribution(layer=last))


def test_a_mistake_is_made_and_named() -> None:
    app = open_page("attribution", network="alexnet64", section="Preprocessing mistakes")
    finish_all(app)
    assert "**394**" in texts(app)
    app.selectbox(key="attribution.mistake").set_value("BGR for RGB").run()
    assert "Red and blue are swapped" in texts(finish_all(app))
    app.selectbox(key="attribution.mistake").set_value("none").run()
    assert "swapped" not in texts(finish_all(app))


def test_the_sanity_check_follows_the_maps_to_random_weights() -> None:
    app = open_attribution(section="Sanity check")
    # LeNet-5 has five layers with weights.
    assert app.slider(key="attribution.depth").max == 5
    assert "With 5 random layers: " in texts(app)
    app.slider(key="attribution.depth").set_value(5).run()
    app.segmented_control(key="attribution.compare").set_value("magnitudes").run()
    assert not app.exception
    assert get_job(app, slot="attribution.sanity") is None  # nothing was computed again


def test_the_curves_are_measured_for_each_method_and_for_a_random_order() -> None:
    app = open_attribution(section="Faithfulness")
    # A digit's blurred ink is still read.
    assert app.segmented_control(key="attribution.removed").value == "black"
    (table,) = app.dataframe
    methods = {"Grad-CAM", "Guided backprop", "Guided Grad-CAM"}
    assert set(table.value["Method"]) == {*methods, "Random order"}
    areas = dict(zip(table.value["Method"], table.value.iloc[:, 2], strict=True))
    assert areas["Guided Grad-CAM"] > areas["Random order"]
    numbers = (
        table.value.iloc[:-1, 3:] if table.value["Method"].iloc[-1] == "Random order" else None
    )
    assert numbers is None or (numbers >= 0).all(axis=None)


def test_integrated_gradients_add_up_and_fewer_steps_show_the_error() -> None:
    app = open_attribution(method="Integrated gradients")
    told = re.findall(r"With (\d+) steps the error is ([\d.]+) %", texts(app))
    assert len(told) == 1
    assert int(told[0][0]) >= 50
    assert float(told[0][1]) <= 1
    app.select_slider(key="attribution.steps").set_value("6").run()
    assert "With 6 steps the error is" in texts(finish_all(app))


@pytest.mark.parametrize("method", ["DeepLIFT", "LRP", "Shapley sampling", "Layer conductance"])
def test_what_a_method_shares_out_is_added_up_and_its_cost_is_told(method: str) -> None:
    app = open_attribution(method=method)
    assert "**Completeness:**" in texts(app)
    assert re.search(r"Cost: .*\d+ forward", texts(app))


def test_superpixels_and_the_last_covered_image_are_shown() -> None:
    app = open_attribution(method="Feature ablation")
    shown: Any = app.get("image")
    captions = " ".join(str(image.proto) for image in shown)
    assert "superpixels by SLIC" in captions
    assert re.search(r"Covered image (\d+) of \1, 1 of \d+ superpixels are off", captions)


def test_a_noise_tunnel_goes_around_methods_of_one_pass_only() -> None:
    app = open_attribution(method="DeepLIFT", tunnel="VarGrad")
    assert "the variance of the maps" in texts(app)
    assert "25 backward passes" in texts(app)
    app.selectbox(key="attribution.method").set_value(Method.LIME).run()
    finish_all(app)
    assert "variance" not in texts(app)


def test_all_methods_are_compared_and_a_pair_is_shown() -> None:
    app = open_attribution(section="Agreement", pair="Grad-CAM~LIME")
    assert "**Grad-CAM** and **LIME**: rank correlation" in texts(app)
    assert not app.exception
    app.segmented_control(key="attribution.compare").set_value("magnitudes").run()
    assert get_job(app, slot="attribution.agreement") is None  # nothing was computed again


def test_a_tasks_section_is_shown_and_the_question_is_answered() -> None:
    app = open_attribution()
    app.button(key="attribution.task2.show").click().run()
    assert app.segmented_control(key="attribution.section").value == "Sanity check"
    # C3's maps after the ReLU have 10×10 cells, of 32×32 pixels.
    app.number_input(key="attribution.question.pixels").set_value(3.2).run()
    assert app.success


def test_maps_that_take_long_come_in_through_the_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(map_store, "_PATIENCE", 0)
    app = open_page("attribution", network="lenet5", image="digit-9", target="8", second="6")
    job = get_job(app, slot="attribution")
    assert job is None or job.title == "Attribution maps"
    finish_all(app)
    assert not app.error
    assert any(r"\alpha_k" in entry.value for entry in app.latex)


def test_a_kept_map_is_not_computed_again() -> None:
    image = find_image("digit-3")
    assert image is not None
    key = name_map("lenet5", image, method=Method.GRAD_CAM, target=9, layer="relu3")
    made = get_map(key, image)
    assert find_map(key) is made
    assert get_map(key, image) is made


def test_maps_are_made_in_time_or_left_to_the_line(monkeypatch: pytest.MonkeyPatch) -> None:
    image = find_image("digit-5")
    assert image is not None
    slow, quick = (
        name_map("lenet5", image, method=method, target=3, layer="relu3")
        for method in (Method.GUIDED_BACKPROP, Method.SALIENCY)
    )
    monkeypatch.setattr(map_store, "_TIMED", SizedLRUCache(max_entries=2))
    map_store._TIMED.put(("lenet5", Method.GUIDED_BACKPROP), 60.0, size=8)
    assert make_quick([slow, quick], image, seconds=10).keys() == {quick}
    last, steps = 0.0, []
    for share, _, made in make_maps([slow, quick], image, report=report_progress):
        steps.append(set(made))
        assert share >= last
        last = share
    assert steps == [set(), {quick}, {quick, slow}]
    assert all(first < second for first, second in pairwise(steps))


def test_a_large_network_is_asked_about_its_two_likeliest_classes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    image = find_image("coffee-and-rocket")
    assert image is not None
    model = load_model("resnet64")
    ranking = predict(model, model.spec.preprocessing.prepare(image.pixels)).ranking
    monkeypatch.setattr(map_store, "_MAX_PAIR_WORK", 1)
    assert map_store.get_pair("resnet64", image) == tuple(ranking[:2])


def test_the_lesson_has_a_sentence_on_every_method_and_mistake() -> None:
    assert load_lesson("attribution").texts.keys() >= {*Method, *Mistake}


def test_the_limits_tell_what_the_pointing_game_found_or_how_to_play_it() -> None:
    assert "not known" in describe_pointing(load_model("lenet5"))
    alexnet = load_model("alexnet64")
    unplayed = {key: value for key, value in alexnet.card.facts.items() if key != "pointing"}
    without = replace(alexnet, card=replace(alexnet.card, facts=unplayed))
    assert "pointing alexnet64 --data DIR --write-card" in describe_pointing(without)
    played = unplayed | {"pointing": {"pairs": 400, "both": 338, "single": 700, "seed": 0}}
    told = describe_pointing(replace(alexnet, card=replace(alexnet.card, facts=played)))
    assert "400 pairs" in told
    assert "**84.5 %**" in told
    assert "87.5 %" in told


def test_the_papers_figure_is_offered_whole() -> None:
    app = open_attribution(section="Figure 1", other="alexnet64")
    assert not app.error
    assert any("Grad-CAM of a second network" in one.proto.body for one in app.get("html"))
    assert "Figure as PNG" in list_files(app)

"""The attribution page through Streamlit's own test runner: controls, addresses, checks."""

import re
import time
from dataclasses import replace

import pytest
from streamlit.testing.v1 import AppTest

from cnnviz.attribution.methods import Method
from cnnviz.errors import AttributionError
from cnnviz.inference import load_model
from cnnviz.web.attribution import maps as attribution_maps
from cnnviz.web.attribution import view as attribution_view
from cnnviz.web.attribution.controls import list_layers, name_classes
from cnnviz.web.attribution.maps import find_map, get_guesses, get_map, name_map
from cnnviz.web.attribution.text import tell_pointing
from cnnviz.web.picture_chooser import _load
from cnnviz.weights import list_weights
from tests.app.opened import finish_job, open_page

SECONDS = 60


def texts(app: AppTest) -> str:
    parts = [*app.markdown, *app.caption, *app.warning, *app.info]
    return "\n".join(entry.value for entry in parts)


@pytest.mark.parametrize("network", list(list_weights()))
def test_the_page_opens_for_every_network(network: str) -> None:
    app = open_page("attribution", network=network, mistake="none")
    assert not app.error
    assert [entry.value for entry in app.header][:4] == [
        "One map, step by step",
        "When it goes wrong, say why",
        "Sanity check: does the map know the network?",
        "Faithfulness: are these the pixels that count?",
    ]
    assert "The brightest cell worked out" in texts(app)
    assert any(r"\alpha_k" in entry.value for entry in app.latex)


def test_the_classes_are_the_guesses_until_others_are_chosen() -> None:
    app = open_page("attribution", network="lenet5", sample="Written 7")
    guesses = get_guesses("lenet5", _load("digit-7"))
    first, second = (name_classes(load_model("lenet5"))[index] for index in guesses.ranking[:2])
    assert first == "7"
    assert (app.selectbox(key="first").value, app.selectbox(key="second").value) == (first, second)
    app.selectbox(key="first").set_value("3").run()
    assert app.selectbox(key="first").value == "3"
    app.selectbox(key="sample").set_value("Written 4").run()
    assert app.selectbox(key="first").value == "4"
    assert not app.exception


def test_a_link_reopens_the_same_state() -> None:
    app = open_page(
        "attribution",
        network="lenet5",
        sample="Written 7",
        first="1",
        layer="relu1",
        method="Grad-CAM",
    )
    assert app.selectbox(key="first").value == "1"
    assert app.select_slider(key="layer").value == "C1 after ReLU"
    # A cell of C1 sees 5×5 of 32×32 pixels: too early, and named.
    assert "A cell of this layer sees 5×5 of 32×32 pixels" in texts(app)


def test_the_slider_ends_where_it_is_too_late() -> None:
    titles = list(list_layers(load_model("lenet5")).values())
    assert titles[0] == "C1 after ReLU"
    app = open_page("attribution", network="lenet5", sample="Written 7", layer=titles[-1])
    assert "**One cell only.** The layer is 1×1" in texts(app)


def test_a_mistake_is_made_and_named() -> None:
    app = open_page("attribution", network="alexnet64")
    assert "**394** in place of **0.394**" in texts(app)
    assert "**Wrong normalisation.** The input's mean in blue is −1,4" in texts(app)
    app.segmented_control(key="mistake").set_value("BGR for RGB").run()
    assert "Red and blue are swapped" in texts(app)
    app.segmented_control(key="mistake").set_value("none").run()
    assert "swapped" not in texts(app)
    assert not app.exception


@pytest.mark.parametrize(
    ("address", "sentence"),
    [
        ({"first": "ten"}, "There is no class “ten” here"),
        ({"layer": "C9"}, "There is no layer for Grad-CAM “C9” here"),
        ({"methods": "Magic"}, "The address names a method that is not here"),
        ({"method": "Magic"}, "There is no method “Magic” here"),
        ({"row": "third"}, "There is no row “third” here"),
        ({"opacity": "200"}, "The opacity cannot be “200”"),
        ({"show": "all"}, "There is no way to show maps “all” here"),
        ({"mistake": "typo"}, "There is no mistake “typo” here"),
        ({"removed": "holes"}, "There is no stand-in “holes” here"),
    ],
)
def test_a_wrong_address_gets_one_sentence_and_the_page_stays(
    address: dict[str, str], sentence: str
) -> None:
    app = open_page("attribution", network="lenet5", sample="Written 7", **address)
    found = [entry.value for entry in app.warning]
    assert len(found) == 1
    assert found[0].startswith(sentence)
    assert len(app.header) > 4


@pytest.mark.parametrize("row", ["second", "second: obelisk"])
def test_the_second_row_is_linked_by_its_number_and_as_the_page_writes_it(row: str) -> None:
    app = open_page("attribution", network="resnet64", first="espresso", second="obelisk", row=row)
    assert not app.warning
    assert app.session_state["row"] == "second"


def test_the_sanity_check_tells_guided_backprop_from_grad_cam() -> None:
    app = open_page("attribution", network="lenet5", sample="Written 7")
    finish_job(app.button(key="start_cascade").click().run(), "cascade")
    labels = app.select_slider(key="random_to").options
    assert labels == ["trained", "1 · Output", "2 · F6", "3 · C5", "4 · C3", "5 · C1"]
    app.select_slider(key="random_to").set_value("5 · C1").run()
    assert not app.exception
    assert "With 5 layers random: " in texts(app)
    # Another picture is another question: the old answer is not shown.
    app.selectbox(key="sample").set_value("Written 4").run()
    assert "With 5 layers random: " not in texts(app)


def test_the_curves_are_measured_for_each_method_and_for_dice() -> None:
    app = open_page("attribution", network="lenet5", sample="Written 7")
    finish_job(app.button(key="start_faithfulness").click().run(), "faithfulness")
    (table,) = app.dataframe
    methods = set(table.value["Method"])
    assert methods == {*map(str, app.session_state["methods"]), "Random order"}
    areas = dict(zip(table.value["Method"], table.value.iloc[:, 2], strict=True))
    assert areas["Guided Grad-CAM"] > areas["Random order"]


def test_an_upload_without_a_file_and_a_bad_file_leave_the_page_usable() -> None:
    app = open_page("attribution", network="lenet5", picture="Upload")
    assert "Choose a picture" in texts(app)
    app.file_uploader(key="file").upload("notes.png", b"not a picture", "image/png").run()
    assert "notes.png" in app.error[0].value
    assert "Try this" in [entry.value for entry in app.header]


def test_a_kept_map_is_not_computed_again() -> None:
    picture = _load("digit-3")
    key = name_map("lenet5", picture, method=Method.GRAD_CAM, target=9, layer="relu3")
    made = get_map(key, picture)
    start = time.perf_counter()
    assert find_map(key) is made
    assert get_map(key, picture) is made
    assert time.perf_counter() - start < 0.1


def test_maps_that_take_long_come_in_through_the_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(attribution_maps, "_PATIENCE", 0)
    app = open_page("attribution", network="lenet5", sample="Written 9", first="8", second="6")
    job = app.session_state["maps_job"]  # begun unasked
    if job.is_active:
        assert "Grad-CAM is not made yet" in texts(app)
    assert job.wait(SECONDS)
    app.run()
    assert not app.exception
    assert "not made yet" not in texts(app)
    assert "The brightest cell worked out" in texts(app)
    assert app.session_state["maps_job"] is job


def test_stopped_maps_do_not_begin_again_by_themselves(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(attribution_maps, "_PATIENCE", 0)

    def wait_in_place_of_a_map(*_: object, **__: object) -> None:
        time.sleep(0.2)
        raise AttributionError("stopped")

    monkeypatch.setattr(attribution_view, "get_map", wait_in_place_of_a_map)
    app = open_page("attribution", network="lenet5", sample="Written 0", first="5")
    job = app.session_state["maps_job"]
    job.stop()
    assert job.wait(SECONDS)
    app.run()
    assert app.session_state["maps_job"] is job
    app.button(key="compute_maps").click().run()
    again = app.session_state["maps_job"]
    assert again is not job
    again.stop()
    assert again.wait(SECONDS)


def test_the_time_of_a_map_is_learned_and_bounds_what_is_made(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    picture = _load("digit-5")
    keys = [
        name_map("lenet5", picture, method=method, target=3, layer="relu3")
        for method in (Method.SALIENCY, Method.GUIDED_BACKPROP)
    ]
    monkeypatch.setattr(attribution_maps, "_TIMED", {("lenet5", Method.GUIDED_BACKPROP): 60.0})
    missing = attribution_maps.Patience(10).make(keys, picture, coming=frozenset())
    assert missing == (keys[1],)
    assert attribution_maps._TIMED["lenet5", Method.SALIENCY] < 1
    monkeypatch.setitem(attribution_maps._TIMED, ("lenet5", Method.GUIDED_BACKPROP), 0.01)
    patience = attribution_maps.Patience(10)
    assert patience.make(keys, picture, coming=frozenset(keys)) == (keys[1],)
    assert patience.make(keys, picture, coming=frozenset()) == ()


def test_integrated_gradients_tell_their_sum_and_a_slider_of_steps_shows_the_error() -> None:
    app = open_page(
        "attribution", network="lenet5", sample="Written 7", method="Integrated gradients"
    )
    assert "The sum, checked" in texts(app)
    missed = re.findall(r"With (\d+) steps they miss it by ([\d.]+)%", texts(app))
    assert len(missed) == 1
    assert int(missed[0][0]) >= 50
    assert float(missed[0][1]) <= 1
    app.select_slider(key="steps").set_value("6").run()
    assert not app.exception
    assert "With 6 steps they miss it" in texts(app)


def test_the_limits_tell_what_the_pointing_game_found_or_how_to_play_it() -> None:
    model = load_model("lenet5")
    assert "not known here" in tell_pointing(model)
    alexnet = load_model("alexnet64")
    unplayed = {key: value for key, value in alexnet.card.facts.items() if key != "pointing"}
    without = replace(alexnet, card=replace(alexnet.card, facts=unplayed))
    assert "pointing alexnet64 --data DIR --write-card" in tell_pointing(without)
    played = unplayed | {"pointing": {"pairs": 400, "both": 338, "single": 700, "seed": 0}}
    told = tell_pointing(replace(alexnet, card=replace(alexnet.card, facts=played)))
    assert "Of 400 pairs" in told
    assert "**84.5%**" in told
    assert "87.5%" in told

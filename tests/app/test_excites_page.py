"""The page “What excites it” in Streamlit's own test runner: runs, presets, bad input."""

import pytest
from streamlit.testing.v1 import AppTest

from cnnviz.synthesis.transfer_score import Reading, TransferScore
from cnnviz.web.excites import lesson
from tests.app.opened import finish_result, open_page

QUICK = {"network": "LeNet-5", "steps": "32"}


def headers(app: AppTest) -> list[str]:
    return [entry.value for entry in app.header]


def downloads(app: AppTest) -> list[str]:
    return [button.label for button in app.download_button]


def formulas(app: AppTest) -> str:
    return " ".join(entry.value for entry in app.latex)


def test_the_default_target_grows_without_a_click() -> None:
    app = finish_result(open_page("excites", **QUICK))
    assert not app.error
    assert not app.warning
    assert headers(app)[:2] == ["On the way", "What was done"]
    assert app.metric[0].label == "probability"
    assert app.metric[0].value.endswith("%")
    assert r"p_{\text{0}}" in formulas(app)
    assert r"z + 0.05\,\mathrm{Adam}" in formulas(app)
    assert downloads(app)[0] == "Picture as PNG"


def test_a_preset_sets_its_sliders_and_another_picture_is_made() -> None:
    app = finish_result(open_page("excites", **QUICK))
    app.pills(key="preset").set_value("Simonyan 2013").run()
    assert app.slider(key="decay").value == 0.05
    assert app.slider(key="jitter").value == 0
    assert r"(1 - 0.05)" in formulas(finish_result(app))
    app.slider(key="decay").set_value(0.1).run()
    assert app.pills(key="preset").value is None
    assert r"(1 - 0.1)" in formulas(finish_result(app))


def test_a_link_reopens_a_neuron_of_a_layer() -> None:
    app = finish_result(
        open_page("excites", **QUICK, target="neuron", layer="C3", channel="4", row="2", column="3")
    )
    assert "a_{4,2,3}" in formulas(app)
    assert app.metric[0].label == "the cell's value"


def test_several_pictures_at_once_have_a_diversity() -> None:
    app = finish_result(open_page("excites", **QUICK, count="4"))
    assert app.slider(key="diversity").value == 0.5
    assert r"\cos(G_i, G_j)" in formulas(app)


@pytest.mark.parametrize(
    ("address", "sentence"),
    [
        ({"network": "lenet6"}, "There is no network “lenet6” here"),
        ({"class": "zebra"}, "There is no class “zebra” here"),
        ({"target": "soul"}, "There is no target “soul” here"),
        ({"show": "Everything"}, "There is no view “Everything” here"),
        ({"basis": "wavelets"}, "There is no parametrisation “wavelets” here"),
        ({"seed": "-1"}, "The seed cannot be “-1”"),
        ({"target": "channel", "layer": "C1", "channel": "6"}, "There is no channel “6”"),
        ({"show": "Dream on a photo", "dreamer": "F6"}, "There is no layer “F6” here"),
    ],
)
def test_a_wrong_address_gets_one_sentence_and_the_page_stays(
    address: dict[str, str], sentence: str
) -> None:
    app = open_page("excites", **{**QUICK, **address})
    assert any(entry.value.startswith(sentence) for entry in app.warning)
    assert "Try this" in headers(app)


def test_the_input_layer_is_refused_in_a_sentence() -> None:
    app = open_page("excites", **QUICK, target="channel", layer="Input")
    assert any("The input computes nothing" in entry.value for entry in app.error)
    assert "Try this" in headers(app)


@pytest.mark.parametrize(
    ("view", "words"),
    [
        ("Layer by layer", "**C1 after ReLU**"),
        ("Across networks", "Only one network here knows the class"),
    ],
)
def test_the_other_views_make_their_pictures(view: str, words: str) -> None:
    app = finish_result(open_page("excites", network="lenet5", show=view))
    told = [entry.value for entry in (*app.caption, *app.markdown, *app.info)]
    assert any(words in text for text in told)
    assert "Sheet as PNG" in downloads(app)


def test_the_page_tells_what_other_networks_saw_on_a_networks_pictures(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    others = {"alexnet64": Reading(pictures=100, first=61, among_five=87)}
    score = TransferScore(
        steps=128, seed=4, preset="x", pictures=100, sure=98, least=0.5, others=others
    )
    monkeypatch.setattr(lesson, "read_score", lambda _: score)
    app = open_page("excites", network="resnet64", show="Across networks")
    assert "How real are they?" in headers(app)
    (told,) = (one.value for one in app.markdown if "was asked for a picture" in one.value)
    assert "at least 99 % sure of 98" in told
    assert told.endswith("Among five guesses AlexNet (64 px) names **87 of 100**.")


def test_the_page_tells_which_other_network_saw_the_least_and_which_the_most(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    counts = {"vgg64": 80, "alexnet64": 61, "nin64": 92}
    others = {
        name: Reading(pictures=100, first=5, among_five=count) for name, count in counts.items()
    }
    score = TransferScore(
        steps=128, seed=4, preset="x", pictures=100, sure=98, least=0.5, others=others
    )
    monkeypatch.setattr(lesson, "read_score", lambda _: score)
    app = open_page("excites", network="resnet64", show="Across networks", named="at the first")
    assert any(
        "Among five guesses AlexNet (64 px) names **61 of 100**, Network in network (64 px) names "
        "**92 of 100**, and the others lie between." in one.value
        for one in app.markdown
    )
    assert any("There is no way of counting" in one.value for one in app.warning)
    assert app.segmented_control(key="named").value == "among five guesses"


@pytest.mark.parametrize(
    ("network", "layer"),
    [
        ("lenet5", "C3"),  # sees 14 of 32 pixels, C5 all of them
        ("vgg64", "Conv4-1"),  # 46 of 64, the next 62
    ],
)
def test_a_channel_is_first_sought_where_cells_see_parts(network: str, layer: str) -> None:
    app = open_page("excites", network=network, show="In pictures")
    assert app.selectbox(key="layer").value == layer


def test_a_dream_and_its_formula() -> None:
    app = finish_result(
        open_page(
            "excites",
            network="lenet5",
            show="Dream on a photo",
            side="96",
            octaves="2",
            dream_steps="4",
        )
    )
    assert r"\overline{a^2}" in formulas(app)
    assert any("octave 2 of 2" in entry.value for entry in app.caption)


def test_patches_stand_beside_the_made_picture_and_the_projection() -> None:
    app = finish_result(
        open_page("excites", network="lenet5", show="In pictures", layer="C3", channel="2")
    )
    told = [entry.value for entry in app.subheader]
    assert told == ["Made for it", "Found in pictures", "Projected down (deconvnet)"]

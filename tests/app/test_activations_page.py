"""The activations page through Streamlit's own test runner: controls, addresses, bad input."""

from collections.abc import Iterator

import pytest
import torch
from streamlit.testing.v1 import AppTest

from cnnviz.activations.read import read_activations
from cnnviz.images.samples import load_sample
from cnnviz.lessons import load_lesson
from cnnviz.networks.graph.layers import LayerKind
from cnnviz.networks.load import load_model, predict
from cnnviz.networks.zoo import registry
from tests.app.opened import open_page, text_of
from tests.home_made import Branchy, Deep, make_spec, randomize


@pytest.fixture(autouse=True, scope="module")
def home_made_networks(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Two more networks in the registry, their weights in a weights folder."""
    folder = tmp_path_factory.mktemp("weights")
    specs = [
        make_spec("branchy", Branchy, shape=(3, 48, 48)),
        make_spec("deep", Deep, shape=(3, 32, 32)),
    ]
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CNNVIZ_WEIGHTS_DIR", str(folder))
        patch.setenv("TORCH_HOME", str(folder))
        for seed, spec in enumerate(specs, start=7):
            patch.setitem(registry._REGISTRY, spec.name, spec)
            torch.save(randomize(spec.build(), seed=seed).state_dict(), folder / f"{spec.name}.pth")
        yield


def open_lenet(**address: str) -> AppTest:
    return open_page("activations", network="lenet5", **address)


def read(app: AppTest) -> dict[str, object]:
    """What this visit has chosen on the page; a value that nobody chose is not in it."""
    found: dict[str, object] = app.session_state["cnnviz_values"]["activations"]
    return found


def formulas(app: AppTest) -> str:
    return " ".join(entry.value for entry in app.latex)


def test_the_page_opens_with_a_photograph_and_says_what_the_network_predicts() -> None:
    app = open_page("activations", image="cat")
    assert not app.error
    assert not app.warning
    model = load_model("efficientnet_lite0")
    x = model.spec.preprocessing.prepare(load_sample("cat").pixels)
    prediction = predict(model, x)
    first = prediction.ranking[0]
    share = f"{100 * float(prediction.probabilities[first]):.1f}"
    assert f"{model.spec.classes[first]} **{share}" in text_of(app)
    strongest = int(read_activations(model, x, layers=("stem",))["stem"][0].amax((1, 2)).argmax())
    assert app.number_input(key="activations.channel").value == strongest


def test_the_formulas_carry_the_layers_own_numbers() -> None:
    app = open_lenet(layer="c1", channel="0")
    # The lecture's formula with LeNet's numbers: (32 − 5) / 1 + 1 = 28, 6 · (25 + 1) = 156.
    assert "= 28" in formulas(app)
    assert "= 156" in formulas(app)
    assert "117{,}600" in formulas(app)


def test_an_address_sets_every_field_and_the_page_keeps_it() -> None:
    app = open_lenet(
        layer="C3", channel="5", order="mean", range="each map", cell="2.3", numbers="1", sheet="1"
    )
    assert not app.warning
    assert read(app) == {
        "layer": "c3",
        "channel": 5,
        "order": "mean",
        "range": "each map",
        "cell": (2, 3),
        "numbers": True,
        "sheet": 1,
    }
    assert app.selectbox(key="activations.layer").value == "c3"
    assert app.toggle(key="activations.numbers").value is True
    assert "y_{5}[2,3] &= " in formulas(app)


@pytest.mark.parametrize(
    ("address", "told"),
    [
        ({"network": "lenet6"}, "lenet6"),
        ({"layer": "C9"}, "C9"),
        ({"channel": "6"}, "from 0 to 5"),
        ({"channel": "-1"}, "from 0 to 5"),
        ({"channel": "one"}, "one"),
        ({"layer": "F6", "channel": "84"}, "from 0 to 83"),
        ({"cell": "28.0"}, "28.0"),
        ({"cell": "x"}, "x"),
        ({"order": "size"}, "size"),
        ({"range": "all"}, "all"),
        ({"sheet": "2"}, "2"),
        ({"numbers": "maybe"}, "maybe"),
        ({"image": "dog"}, "dog"),
        ({"image": "drawing.%%"}, "damaged"),
    ],
)
def test_a_wrong_address_gets_one_sentence_and_the_page_stays(
    address: dict[str, str], told: str
) -> None:
    app = open_page("activations", **({"network": "lenet5"} | address))
    assert len(app.warning) == 1
    assert told in app.warning[0].value
    assert not app.error
    assert app.selectbox(key="activations.layer").value


def test_an_upload_of_another_visit_is_asked_for_and_nothing_is_drawn_in_its_place() -> None:
    app = open_lenet(image="upload.0123456789ab")
    assert len(app.warning) == 1
    assert "Upload it again" in app.warning[0].value
    assert not app.latex
    assert not app.exception


def test_another_layer_starts_at_its_strongest_map_with_no_cell_pinned() -> None:
    app = open_lenet(layer="C1", channel="2", cell="4.4")
    app.selectbox(key="activations.layer").set_value("relu3").run()
    assert not app.exception
    assert read(app) == {"layer": "relu3"}
    app.number_input(key="activations.channel").set_value(3).run()
    app.selectbox(key="bench.network").set_value("vgg64").run()
    assert not app.exception
    assert read(app) == {}


def test_a_network_of_grey_images_begins_with_a_digit_and_keeps_a_chosen_image() -> None:
    assert open_lenet().session_state["activations.layer"] == "c1"
    app = open_page("activations", network="vgg64", image="Written 0")
    app.selectbox(key="bench.network").set_value("lenet5").run()
    assert app.session_state["bench.image"] == "digit-0"


def test_the_output_layer_names_its_classes() -> None:
    app = open_lenet(layer="Output", channel="7", image="digit-7")
    assert "Class **7**" in text_of(app)


@pytest.mark.parametrize("network", ["branchy", "deep"])
def test_every_layer_of_a_home_made_network_opens(network: str) -> None:
    app = open_page("activations", network=network)
    layers = [layer.name for layer in load_model(network).graph.layers]
    assert len(layers) == {"branchy": 17, "deep": 165}[network]
    for layer in layers if network == "branchy" else layers[::23]:
        app.selectbox(key="activations.layer").set_value(layer).run()
        assert not app.exception
        assert not app.error
        assert read(app)["layer"] == layer


def test_every_kind_of_layer_has_its_sentence() -> None:
    assert load_lesson("activations").texts.keys() >= set(LayerKind)


def test_the_stage_tells_when_no_class_may_fit() -> None:
    """Two halves, black and white, are a photograph of nothing."""
    app = open_page("activations", network="resnet64", image="edge")
    assert "classes may fit this image" in text_of(app)
    assert "classes may fit this image" not in text_of(open_page("activations", image="cat"))

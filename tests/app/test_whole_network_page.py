"""The whole network's page through Streamlit's own test runner: what stands beside the picture."""

import pytest
from streamlit.testing.v1 import AppTest

from cnnviz.cached import get_whole
from cnnviz.figures.network_view import AnswerRow, NetworkView, pack_network
from cnnviz.figures.whole_network import lay_out_parts
from cnnviz.networks.graph.layers import LayerKind
from cnnviz.networks.graph.stages import fold_network, list_parts
from cnnviz.networks.load import load_model
from cnnviz.web.components.shared.packing import encode_bytes
from cnnviz.web.controls.image import find_image
from tests.app.opened import open_page, text_of


def subheader(app: AppTest) -> str:
    found: str = app.subheader[0].value
    return found


def test_the_page_opens_with_a_layer_and_its_formulas() -> None:
    app = open_page("whole_network", network="lenet5", image="digit-3")
    assert not app.warning
    assert not app.error
    assert subheader(app) == "C1"
    formulas = " ".join(entry.value for entry in app.latex)
    # LeCun et al. 1998: C1 has 28×28 maps and 156 parameters; 117,600 multiply-adds.
    assert "= 28" in formulas
    assert "= 156" in formulas
    assert "117{,}600" in formulas


def test_a_repeat_says_what_it_is_made_of() -> None:
    app = open_page("whole_network", network="resnet64", image="cat", part="repeat.conv2_a_conv1")
    assert not app.warning
    text = text_of(app)
    assert "3 equal parts" in text
    # Two 3×3 convolutions of 32 to 32 channels on 32×32 positions: 9,437,184 each.
    assert text.count("9.4 M") == 2


def test_a_part_may_be_named_by_a_layer_of_it() -> None:
    app = open_page("whole_network", network="lenet5", image="digit-3", part="relu3")
    assert subheader(app) == "C3"


@pytest.mark.parametrize("address", [{"part": "conv99"}, {"channel": "1000"}, {"channel": "first"}])
def test_a_wrong_address_gets_a_sentence_and_the_page_stays(address: dict[str, str]) -> None:
    app = open_page("whole_network", network="lenet5", image="digit-3", **address)
    assert next(iter(address.values())) in app.warning[0].value
    assert subheader(app) == "C1"


def test_parts_that_do_not_exist_open_nothing() -> None:
    app = open_page("whole_network", network="resnet64", image="cat", opened="nothing~repeat.x")
    assert not app.exception


def test_the_question_counts_the_layers_with_weights() -> None:
    app = open_page("whole_network", network="lenet5", image="digit-3")
    # C1, C3, C5, F6 and the output.
    app.number_input(key="whole_network.question.learned").set_value(5).run()
    assert app.success


def pack(network: str, image: str, *, opened: frozenset[str] = frozenset()) -> NetworkView:
    model = load_model(network)
    parts = fold_network(model.graph)
    picture = find_image(image)
    assert picture is not None
    return pack_network(
        lay_out_parts(model.graph, parts, opened=opened),
        network=network,
        image=picture.digest,
        parts={part.name: part for part in list_parts(parts)},
        opened=tuple(opened),
        maps=get_whole(network, picture).maps,
        pixels=None,
        answer=(AnswerRow("cat", 0.5, "50.0 %"),),
        pad=None,
        most=6,
        label="",
        follows="",
    )


def test_every_part_of_a_convolutional_network_comes_with_maps() -> None:
    nodes = pack("resnet64", "cat").nodes
    assert all(node["maps"] > 0 for node in nodes)
    assert [node["vector"] for node in nodes][-2:] == [True, True]
    model = load_model("resnet64")
    assert nodes[-1]["maps"] == len(model.spec.classes)
    assert {node["layer"] for node in nodes} <= {layer.name for layer in model.graph.layers}
    assert model.graph.layers[0].kind is LayerKind.INPUT


def test_what_travels_to_the_browser_stays_small() -> None:
    parts = list_parts(fold_network(load_model("resnet64").graph))
    everything = pack("resnet64", "cat", opened=frozenset(part.name for part in parts))
    assert sum(len(encode_bytes(node["values"])) for node in everything.nodes) < 600_000
    folded = pack("resnet64", "cat")
    assert sum(len(encode_bytes(node["values"])) for node in folded.nodes) < 60_000


def test_a_cleared_pad_is_no_fault() -> None:
    app = open_page("whole_network", network="lenet5", image="drawing.")
    assert not app.warning

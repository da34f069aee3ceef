"""The cost page, run without a browser: totals, layers worked out, bad sizes."""

from collections import OrderedDict

import pytest
from streamlit.testing.v1 import AppTest

from cnnviz.errors import MeasureError
from cnnviz.web.costs import measured
from cnnviz.zoo.architectures import get_architecture
from tests.app.opened import open_page, text_of


def metrics_of(app: AppTest) -> list[str]:
    return [metric.value for metric in app.metric]


def test_the_page_opens_with_alexnet_of_2012() -> None:
    app = open_page("costs")
    assert not app.exception
    assert not app.error
    # 60,965,224 parameters and 724,406,816 multiply-adds, by hand from the paper's layers.
    assert metrics_of(app) == ["61.0 M", "724 M", "3.0 MB"]
    assert [header.value for header in app.header] == [
        "One layer worked out",
        "Layer by layer",
        "Measured on this machine",
        "One network, five numbers",
        "Try this",
        "Limits and sources",
    ]
    tasks = next(element.value for element in app.markdown if element.value.startswith("1. "))
    assert [line.endswith("?") for line in tasks.splitlines()] == [True] * 3


def test_the_table_has_the_papers_rows() -> None:
    frame = open_page("costs").dataframe[0].value
    assert list(frame["Layer"])[:3] == ["conv1", "pool1", "conv2"]
    assert frame["Parameters"][0] == 34_944
    assert frame["Multiply-adds"][0] == 105_415_200


def test_a_layer_is_worked_out_with_its_own_numbers() -> None:
    app = open_page("costs")
    app.selectbox(key="layer").set_value("fc6").run()
    assert not app.exception
    assert r"4096 \cdot (9216 + 1) = 37{,}752{,}832" in text_of(app)
    app.selectbox(key="layer").set_value("conv1").run()
    assert r"\frac{227 + 2 \cdot 0 - 1 \cdot (11 - 1) - 1}{4}" in text_of(app)
    assert r"96 \cdot (3 \cdot 11 \cdot 11 + 1) = 34{,}944" in text_of(app)


def test_a_lectures_slip_is_shown_with_its_network_only() -> None:
    assert "37,725,832" in text_of(open_page("costs"))
    app = open_page("costs", network="vgg16_d")
    assert "13.6 GFLOP" in text_of(app)
    assert "37,725,832" not in text_of(app)
    app.number_input(key="size").set_value(256).run()
    assert "13.6 GFLOP" not in text_of(app)


def test_the_convention_changes_the_count() -> None:
    app = open_page("costs", network="vgg16_d")
    assert metrics_of(app) == ["138 M", "15.5 G", "57.6 MB"]
    app.segmented_control(key="unit").set_value("each as two").run()
    assert metrics_of(app)[1] == "30.9 G"
    app.button_group(key="also").set_value(["biases"]).run()
    assert not app.exception
    assert "Operations and more" in [metric.label for metric in app.metric]


def test_two_networks_stand_side_by_side() -> None:
    app = open_page("costs", network="resnet50_paper", beside="resnet50")
    assert not app.exception
    # torchvision's three larger maps: 128 of 56² for 28², 256 of 28² for 14², 512 of 14² for 7².
    assert round((128 * 2352 + 256 * 588 + 512 * 147) * 4 / 2**20, 1) == 2.0
    assert metrics_of(app) == ["25.6 M", "3.9 G", "62.2 MB", "25.6 M", "4.1 G", "64.2 MB"]
    assert "torchvision reports 76.1 % top-1" in text_of(app)


@pytest.mark.parametrize("fold", ["Stages", "Every operation"])
def test_the_table_folds(fold: str) -> None:
    app = open_page("costs", network="googlenet_2014")
    before = len(app.dataframe[0].value)
    app.segmented_control(key="rows").set_value(fold).run()
    rows = len(app.dataframe[0].value)
    assert rows == 6 if fold == "Stages" else rows > before
    assert "6,379,728 parameters are in modules that run in training only" in text_of(app)


def test_an_input_that_is_too_small_gets_the_formula_and_the_page_stays() -> None:
    app = open_page("costs", size="16")
    assert not app.exception
    assert "N = 2, P = 0, D = 1, K = 3, S = 2" in app.error[0].value
    app.number_input(key="size").set_value(None).run()
    assert not app.error
    assert metrics_of(app)[0] == "61.0 M"


def test_another_network_brings_its_own_layers() -> None:
    app = open_page("costs", layer="fc6")
    assert app.selectbox(key="layer").value == "fc6"
    app.selectbox(key="network").set_value("ResNet-18 (paper)").run()
    assert not app.exception
    assert app.selectbox(key="layer").value in app.selectbox(key="layer").options


@pytest.mark.parametrize(
    ("key", "value", "sentence"),
    [
        ("network", "resnet51", "There is no architecture “resnet51”; AlexNet is shown."),
        ("beside", "<b>x</b>", "is no architecture"),
        ("size", "-3", "“-3” is no input size; give a whole number from 1 to 2048."),
        ("size", "9999", "“9999” is no input size"),
        ("size", "large", "“large” is no input size"),
        ("layer", "conv99", "There is no layer “conv99” here"),
        ("unit", "thrice", "There is no unit “thrice” here"),
        ("rows", "none", "There is no way to fold the rows “none” here"),
    ],
)
def test_a_bad_value_in_the_address_gets_one_sentence(key: str, value: str, sentence: str) -> None:
    app = open_page("costs", **{key: value})
    assert not app.exception
    assert not app.error
    assert len(app.warning) == 1
    assert sentence in app.warning[0].value or key == "beside"
    assert metrics_of(app) == ["61.0 M", "724 M", "3.0 MB"]


@pytest.mark.parametrize("name", ["inception_v4", "mobilenet_v1", "senet154", "shufflenet_v1_g3"])
def test_the_later_architectures_have_their_page(name: str) -> None:
    app = open_page("costs", network=name)
    entry = get_architecture(name)
    assert not app.exception
    assert any(entry.title in header.value for header in app.subheader)
    assert f"{entry.year} · {entry.idea}" in text_of(app)
    assert entry.paper in text_of(app)


def measure_on_page(app: AppTest, key: str = "measuring-lenet5-32") -> AppTest:
    """Press the button and wait until the measurement has ended."""
    app.button(key="measure").click().run()
    assert app.session_state[key].wait(100)
    return app.run()


def test_a_network_is_measured_on_request(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cnnviz.measure._kept", OrderedDict())  # nothing is known of it yet
    app = open_page("costs", network="lenet5")
    assert "Measured on" not in text_of(app).replace("Measured on this machine", "")
    app = measure_on_page(app)
    assert not app.exception
    assert not app.error
    assert "| Forward pass | 417 k multiply-adds |" in text_of(app)
    assert "with one thread" in text_of(app)
    frame = app.dataframe[1].value
    assert frame["Layer"][0] == "c1"
    assert frame["Multiply-adds"][0] == 117_600  # 6 · 28 · 28 · 25
    assert abs(sum(frame["Time %"]) - 100) < 1e-6


def test_a_measurement_that_fails_is_told_in_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(network: str, **_: object) -> None:
        raise MeasureError(f"{network} needs more than it may take.")

    monkeypatch.setattr(measured, "measure_network", refuse)
    app = measure_on_page(
        open_page("costs", network="resnet20_cifar"), "measuring-resnet20_cifar-32"
    )
    assert not app.exception
    assert "needs more than it may take" in app.error[0].value
    assert app.button(key="measure")


def test_a_measurement_can_be_stopped() -> None:
    app = open_page("costs", network="vgg19_e")
    app.button(key="measure").click().run()
    app.button(key="stop_measuring-vgg19_e-224").click().run()
    assert app.session_state["measuring-vgg19_e-224"].wait(60)
    app.run()
    assert not app.exception
    assert "at 224×224 was stopped." in app.info[0].value
    assert app.button(key="measure")

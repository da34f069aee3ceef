"""The cost page, run without a browser: totals, layers worked out, bad sizes, measurements."""

import pytest
from streamlit.testing.v1 import AppTest
from streamlit.testing.v1.element_tree import Button

from cnnviz.cache import SizedLRUCache
from cnnviz.errors import MeasureError
from cnnviz.networks.zoo.architectures import get_architecture
from tests.app.opened import finish_result, get_job, open_page, text_of


def metrics_of(app: AppTest) -> list[str]:
    return [metric.value for metric in app.metric]


def test_the_page_opens_with_alexnet_of_2012_and_works_out_any_layer() -> None:
    app = open_page("costs")
    assert not app.error
    # 60,965,224 parameters and 724,406,816 multiply-adds, by hand from the paper's layers.
    assert metrics_of(app) == ["61.0 M", "724 M", "3.0 MB"]
    frame = app.dataframe[0].value
    assert list(frame["Layer"])[:3] == ["conv1", "pool1", "conv2"]
    assert frame["Parameters"][0] == 34_944
    assert frame["Multiply-adds"][0] == 105_415_200
    assert "37,725,832" in text_of(app)  # what a lecture prints for fc6
    app.selectbox(key="costs.layer").set_value("fc6").run()
    assert not app.exception
    assert r"4096 \cdot (9216 + 1) = 37{,}752{,}832" in text_of(app)
    app.selectbox(key="costs.layer").set_value("conv1").run()
    assert r"\frac{227 + 2 \cdot 0 - 1 \cdot (11 - 1) - 1}{4}" in text_of(app)
    assert r"96 \cdot (3 \cdot 11 \cdot 11 + 1) = 34{,}944" in text_of(app)


def test_a_slip_belongs_to_the_published_input_and_the_convention_changes_the_count() -> None:
    app = open_page("costs", architecture="vgg16_d")
    assert "13.6 GFLOP" in text_of(app)
    assert "37,725,832" not in text_of(app)
    assert metrics_of(app) == ["138 M", "15.5 G", "57.6 MB"]
    app.segmented_control(key="costs.unit").set_value("as two").run()
    assert metrics_of(app)[1] == "30.9 G"
    app.multiselect(key="costs.also").set_value(["biases"]).run()
    assert not app.exception
    assert "Operations and more" in [metric.label for metric in app.metric]
    app.number_input(key="costs.size").set_value(256).run()
    assert "13.6 GFLOP" not in text_of(app)


def test_two_networks_are_compared() -> None:
    app = open_page("costs", architecture="resnet50_paper", beside="resnet50")
    # torchvision's three larger maps: 128 of 56² for 28², 256 of 28² for 14², 512 of 14² for 7².
    assert round((128 * 2352 + 256 * 588 + 512 * 147) * 4 / 2**20, 1) == 2.0
    assert metrics_of(app) == ["25.6 M", "3.9 G", "62.2 MB", "25.6 M", "4.1 G", "64.2 MB"]
    assert "torchvision reports 76.1 % top-1" in text_of(app)


def test_the_table_folds() -> None:
    app = open_page("costs", architecture="googlenet_2014")
    before = len(app.dataframe[0].value)
    app.segmented_control(key="costs.fold").set_value("Stages").run()
    assert len(app.dataframe[0].value) == 6
    app.segmented_control(key="costs.fold").set_value("Every operation").run()
    assert len(app.dataframe[0].value) > before
    assert "6,379,728 parameters are in modules that run in training only" in text_of(app)


def test_an_input_that_is_too_small_gets_the_formula_and_the_page_stays() -> None:
    app = open_page("costs", size="16")
    assert "N = 2, P = 0, D = 1, K = 3, S = 2" in app.error[0].value
    app.number_input(key="costs.size").set_value(0).run()
    assert not app.error
    assert metrics_of(app)[0] == "61.0 M"


def test_another_network_brings_its_own_layers() -> None:
    app = open_page("costs", layer="fc6")
    assert app.selectbox(key="costs.layer").value == "fc6"
    app.selectbox(key="costs.architecture").set_value("resnet18_paper").run()
    assert not app.exception
    assert app.selectbox(key="costs.layer").value != "fc6"


WRONG = {
    "architecture": "resnet51",
    "beside": "<b>x</b>",
    "size": "-3",
    "layer": "conv99",
    "unit": "thrice",
    "also": "heads",
    "fold": "none",
}


def test_each_wrong_value_gets_one_sentence_and_the_page_stays() -> None:
    for address in (WRONG, {"size": "large"}):
        app = open_page("costs", **address)
        assert not app.error
        assert len(app.warning) == len(address)
        assert metrics_of(app) == ["61.0 M", "724 M", "3.0 MB"]


@pytest.mark.parametrize("name", ["inception_v4", "shufflenet_v1_g3"])
def test_the_later_architectures_have_their_page(name: str) -> None:
    app = open_page("costs", architecture=name)
    entry = get_architecture(name)
    assert entry.title in text_of(app)
    assert entry.paper in text_of(app)


def test_a_network_is_measured_on_request(monkeypatch: pytest.MonkeyPatch) -> None:
    # Nothing is known of it yet.
    monkeypatch.setattr("cnnviz.costs.measure._MEASURED", SizedLRUCache(max_entries=9))
    app = open_page("costs", architecture="lenet5")
    assert len(app.dataframe) == 1
    app = finish_result(find_measure(app).click().run(), slot="costs.measured")
    assert not app.error
    assert "| Forward pass | 417 k multiply-adds |" in text_of(app)
    frame = app.dataframe[1].value
    assert frame["Layer"][0] == "c1"
    assert frame["Multiply-adds"][0] == 117_600  # 6 · 28 · 28 · 25
    assert abs(sum(frame["Time %"]) - 100) < 1e-6


def test_a_measurement_that_fails_is_told_in_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(network: str, **_: object) -> None:
        raise MeasureError(f"{network} needs more than it may take.")

    monkeypatch.setattr("cnnviz.costs.measure.measure_in_steps", refuse)
    app = open_page("costs", architecture="resnet20_cifar")
    app = find_measure(app).click().run()
    job = get_job(app, slot="costs.measured")
    assert job is None or job.wait(60)
    app.run()
    assert "needs more than it may take" in app.error[0].value


def find_measure(app: AppTest) -> Button:
    return next(button for button in app.button if button.label.startswith("Measure "))

"""The bubble charts, run without a browser: choices, budgets, costs worked out on request."""

import base64
import json
from pathlib import Path

import numpy as np
from streamlit.testing.v1 import AppTest

from cnnviz.costs.tradeoffs import Quantity
from cnnviz.networks.weights.files import BUNDLED
from cnnviz.networks.zoo import get_network
from tests.app.opened import finish_result, open_page, text_of

OWN_ALEXNET = get_network("alexnet64").title


def traces_of(app: AppTest) -> dict[str, dict[str, object]]:
    """The first chart's traces by name."""
    chart = app.get("plotly_chart")[0].proto
    return {trace["name"]: trace for trace in json.loads(chart.spec)["data"]}


def test_the_page_opens_with_every_family() -> None:
    app = open_page("tradeoffs")
    assert not app.exception
    assert not app.error
    traces = traces_of(app)
    assert {"AlexNet", "VGG", "GoogLeNet", "ResNet", "ConvNeXt", "Pareto front"} <= set(traces)


def test_one_family_alone() -> None:
    assert set(traces_of(open_page("tradeoffs", families="VGG"))) == {"VGG", "Pareto front"}


def test_a_budget_names_the_most_accurate_that_fits() -> None:
    # torchvision's documentation: of ResNet-18, -34 and -50 with their first weights, only
    # ResNet-18 (11.7 M, 69.758 %) has less than 20 M parameters.
    app = open_page("tradeoffs", families="ResNet", weights="first recipe", max_parameters="20 M")
    assert "1 of 5 fit. The most accurate of them is **ResNet-18**" in text_of(app)
    assert "top-1 69.8 %" in text_of(app)


def test_a_budget_that_nothing_fits_says_so() -> None:
    app = open_page("tradeoffs", families="VGG", max_parameters="1.5 M")
    assert [warning.value for warning in app.warning] == [
        "No network fits all of these limits; raise one of them, or choose more families."
    ]
    assert not app.exception


def work_out(app: AppTest, cost: Quantity) -> AppTest:
    button = next(one for one in app.button if one.label.startswith("Work out"))
    return finish_result(button.click().run(), slot=f"tradeoffs.{cost.name.lower()}")


def test_activation_memory_is_worked_out_on_request() -> None:
    app = open_page("tradeoffs", families="AlexNet", cost="Activation memory")
    app = work_out(app, Quantity.MEMORY).run()
    # One bubble, at the megabytes that the cost page gives for torchvision's AlexNet.
    assert "AlexNet" in traces_of(app)
    assert not [one for one in app.button if one.label.startswith("Work out")]


def test_times_are_measured() -> None:
    address = {"set": "CNNViz at 64×64", "families": OWN_ALEXNET}
    app = open_page("tradeoffs", cost="Time measured here", **address)
    app = work_out(app, Quantity.TIME).run()
    (x,) = values_of(traces_of(app)[OWN_ALEXNET])
    assert 0.1 < x < 1000
    # The same measurement tells the peak memory: at least the first layer's 48 maps of 16×16.
    peak = open_page("tradeoffs", cost="Peak memory measured here", **address)
    (megabytes,) = values_of(traces_of(peak)[OWN_ALEXNET])
    assert megabytes > 4 * 48 * 16 * 16 / 2**20
    assert {"Time ms", "Peak memory MB"} <= set(peak.dataframe[0].value.columns)


def values_of(trace: dict[str, object]) -> list[float]:
    """A trace's x, which plotly packs as base64 of numbers."""
    packed = trace["x"]
    if isinstance(packed, list):
        return packed
    assert isinstance(packed, dict)
    return [*map(float, np.frombuffer(base64.b64decode(packed["bdata"]), packed["dtype"]))]


def test_our_own_networks_have_the_same_choices() -> None:
    # SqueezeNet has the least work of all, 24 million multiply-adds.
    limits = {"max_multiply_adds": "0.02 G", "max_parameters": "1 M"}
    app = open_page("tradeoffs", set="CNNViz at 64×64", cost="Parameters", log="false", **limits)
    assert not app.exception
    shipped = {read_title(path) for path in BUNDLED.glob("*64.safetensors")}
    assert set(traces_of(app)) == {*shipped, "Pareto front"}
    assert "No network fits all of these limits" in app.warning[0].value
    best = open_page("tradeoffs", set="CNNViz at 64×64")
    assert f"The most accurate of them is **{read_title(BUNDLED / 'resnet64.json')}**" in text_of(
        best
    )
    assert "Weights" not in [box.label for box in best.selectbox]


def read_title(path: Path) -> str:
    return get_network(path.stem).title


def test_a_family_of_one_set_is_dropped_in_the_other() -> None:
    app = open_page("tradeoffs", families="VGG")
    app.selectbox(key="tradeoffs.set").set_value("CNNViz at 64×64").run()
    assert not app.exception
    assert OWN_ALEXNET in traces_of(app)


def test_a_network_is_looked_at_and_nonsense_leaves_the_page_usable() -> None:
    app = open_page("tradeoffs", network="vgg16:IMAGENET1K_V1")
    assert "138 M" in text_of(app)  # the parameters that lectures print for VGG-16
    app = open_page("tradeoffs", cost="weight", families="Cats", network="nobody", log="x")
    assert len(app.warning) == 4
    assert "VGG" in traces_of(app)

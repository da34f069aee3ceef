"""The bubble charts, run without a browser: choices, budgets, costs worked out on request."""

import base64
import json
from pathlib import Path

import numpy as np
from streamlit.testing.v1 import AppTest

from cnnviz.weights import BUNDLED
from cnnviz.zoo import get_network
from tests.app.opened import finish_job, open_page, text_of


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
    tasks = next(element.value for element in app.markdown if element.value.startswith("1. "))
    assert [line.endswith("?") for line in tasks.splitlines()] == [True] * 3


def test_one_family_alone() -> None:
    assert set(traces_of(open_page("tradeoffs", families="VGG"))) == {"VGG", "Pareto front"}


def test_a_budget_names_the_most_accurate_that_fits() -> None:
    # torchvision's documentation: of ResNet-18, -34 and -50 with their first weights, only
    # ResNet-18 (11.7 M, 69.758 %) has less than 20 M parameters.
    app = open_page("tradeoffs", families="ResNet", weights="first recipe", most_parameters="20 M")
    assert "1 of 5 fit. The most accurate of them is **ResNet-18**" in text_of(app)
    assert "top-1 69.8 %" in text_of(app)


def test_a_budget_that_nothing_fits_says_so() -> None:
    app = open_page("tradeoffs", families="VGG", most_parameters="1.5 M")
    assert [warning.value for warning in app.warning] == [
        "No network fits all of these limits; raise one of them, or choose more families."
    ]
    assert not app.exception


def test_activation_memory_is_worked_out_on_request() -> None:
    app = open_page("tradeoffs", families="AlexNet", cost="Activation memory")
    assert "is not known yet" in app.info[0].value
    app = finish_job(app.button(key="go-Activation memory").click().run(), "working-memory")
    assert not app.exception
    assert not app.info
    # One bubble, at the megabytes that the cost page gives for torchvision's AlexNet.
    assert "AlexNet" in traces_of(app)


def test_times_are_measured_one_job_a_network() -> None:
    app = open_page("tradeoffs", set="own", cost="Time measured here", families="AlexNet (64 px)")
    assert "The time of these is not known yet" in app.info[0].value
    app = finish_job(app.button(key="go-Time measured here").click().run(), "working-time")
    assert not app.exception
    assert not app.info
    assert "kept until the server ends" in text_of(app)
    (x,) = values_of(traces_of(app)["AlexNet (64 px)"])
    assert 0.1 < x < 1000
    # The same measurement tells the peak memory: at least the first layer's 48 maps of 16×16.
    peak = open_page(
        "tradeoffs", set="own", cost="Peak memory measured here", families="AlexNet (64 px)"
    )
    assert not peak.info
    (megabytes,) = values_of(traces_of(peak)["AlexNet (64 px)"])
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
    limits = {"most_multiply_adds": "0.02 G", "most_parameters": "1 M"}
    app = open_page("tradeoffs", set="own", cost="Parameters", log="false", **limits)
    assert not app.exception
    shipped = {read_title(path) for path in BUNDLED.glob("*64.safetensors")}
    assert set(traces_of(app)) == {*shipped, "Pareto front"}
    assert "No network fits all of these limits" in app.warning[0].value
    best = open_page("tradeoffs", set="own")
    assert "The most accurate of them is **ResNet-34 (64 px)**" in text_of(best)
    assert "Weights" not in [box.label for box in best.selectbox]


def read_title(path: Path) -> str:
    return get_network(path.stem).title


def test_a_family_of_one_set_is_dropped_in_the_other() -> None:
    app = open_page("tradeoffs", families="VGG")
    app.segmented_control(key="set").set_value("ours at 64×64, on a hundred classes").run()
    assert not app.exception
    assert "AlexNet (64 px)" in traces_of(app)


def test_nonsense_in_the_address_leaves_the_page_usable() -> None:
    app = open_page(
        "tradeoffs",
        cost="weight",
        families="Cats",
        chosen="nobody",
        most_parameters="lots",
        log="x",
    )
    assert not app.exception
    assert "VGG" in traces_of(app)

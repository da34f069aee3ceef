"""The bubble charts, run without a browser: choices, budgets, costs worked out on request."""

import json
from pathlib import Path

from streamlit.testing.v1 import AppTest

PAGE = Path(__file__).parent.parent.parent / "pages" / "tradeoffs.py"
TIMEOUT = 120


def open_page(**query: str | list[str]) -> AppTest:
    app = AppTest.from_file(PAGE, default_timeout=TIMEOUT)
    for name, value in query.items():
        app.query_params[name] = value
    return app.run()


def text_of(app: AppTest) -> str:
    return "\n".join(element.value for element in [*app.markdown, *app.caption])


def traces_of(app: AppTest) -> dict[str, dict[str, object]]:
    """The first chart's traces by name."""
    chart = app.get("plotly_chart")[0].proto
    return {trace["name"]: trace for trace in json.loads(chart.spec)["data"]}


def test_the_page_opens_with_every_family() -> None:
    app = open_page()
    assert not app.exception
    assert not app.error
    traces = traces_of(app)
    assert {"AlexNet", "VGG", "GoogLeNet", "ResNet", "ConvNeXt", "Pareto front"} <= set(traces)
    tasks = next(element.value for element in app.markdown if element.value.startswith("1. "))
    assert [line.endswith("?") for line in tasks.splitlines()] == [True] * 3


def test_one_family_alone() -> None:
    assert set(traces_of(open_page(families="VGG"))) == {"VGG", "Pareto front"}


def test_a_budget_names_the_most_accurate_that_fits() -> None:
    # torchvision's documentation: of ResNet-18, -34 and -50 with their first weights, only
    # ResNet-18 (11.7 M, 69.758 %) has less than 20 M parameters.
    app = open_page(families="ResNet", weights="first recipe", most_parameters="20 M")
    assert "1 of 5 fit. The most accurate of them is **ResNet-18**" in text_of(app)
    assert "top-1 69.8 %" in text_of(app)


def test_a_budget_that_nothing_fits_says_so() -> None:
    app = open_page(families="VGG", most_parameters="1.5 M")
    assert [warning.value for warning in app.warning] == [
        "No network fits all of these limits; raise one of them, or choose more families."
    ]
    assert not app.exception


def test_activation_memory_is_worked_out_on_request() -> None:
    app = open_page(families="AlexNet", cost="Activation memory")
    assert "is not known yet" in app.info[0].value
    app.button(key="go-Activation memory").click().run()
    assert not app.exception
    assert not app.info
    # One bubble, at the megabytes that the cost page gives for torchvision's AlexNet.
    assert "AlexNet" in traces_of(app)


def test_nonsense_in_the_address_leaves_the_page_usable() -> None:
    app = open_page(
        cost="weight", families="Cats", chosen="nobody", most_parameters="lots", log="x"
    )
    assert not app.exception
    assert "VGG" in traces_of(app)

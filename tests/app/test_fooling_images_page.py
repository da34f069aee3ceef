"""Fooling images in Streamlit's own test runner: three methods, addresses, bad input."""

import pytest
from streamlit.testing.v1 import AppTest

from cnnviz.feature_visualization.fooling import spread
from cnnviz.web.pages.fooling import controls
from tests.app.opened import finish_result, list_files, open_page, text_of


def finish(app: AppTest) -> AppTest:
    return finish_result(app, slot="fooling")


def test_a_pattern_evolves_by_itself_and_its_network_is_told() -> None:
    app = open_page("fooling")
    assert app.selectbox(key="bench.network").value == "lenet5"
    app = finish(app)
    assert not app.warning
    assert float(app.metric[0].value.removeprefix("> ").removesuffix(" %")) >= 99
    assert "grey = |" in app.code[0].value
    assert len(list_files(app)) == 3
    app.slider(key="fooling.generations").set_value(100)
    app.selectbox(key="fooling.goal").set_value(7).run()
    assert finish(app).metric[0].label.endswith("7")


def test_every_class_at_once_from_pixels() -> None:
    app = finish(open_page("fooling", method="pixels", scope="all"))
    assert app.metric[0].value == "10 of 10"
    assert "**10 of 10** classes reached 99 %" in text_of(app)


def test_of_a_thousand_classes_a_hundred_are_evolved() -> None:
    assert spread(10, 100) == tuple(range(10))
    assert spread(1000, 100) == tuple(range(0, 1000, 10))


@pytest.mark.parametrize(("scope", "count"), [("one", 1), ("all", 2)])
def test_along_the_gradient_the_files_are_sure_too(
    scope: str, count: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(controls, "_MAX_NOISE", 2)
    app = finish(open_page("fooling", method="gradient", scope=scope))
    assert f"{count} of {count} reached 99 %" in text_of(app)
    assert len(list_files(app)) == 1


def test_one_class_is_evolved_first_whichever_network_comes_along() -> None:
    """By the sidebar a network of a hundred classes came along, and 90 s reached 4 of them."""
    app = open_page("fooling", network="resnet64")
    assert app.segmented_control(key="fooling.scope").value == "one"
    assert app.slider(key="fooling.generations").value == 1000
    app = open_page("fooling", network="resnet64", generations="100", seed="2")
    assert app.slider(key="fooling.generations").value == 100
    assert app.number_input(key="fooling.seed").value == 2


def test_nonsense_in_the_address_leaves_the_page_usable() -> None:
    app = open_page("fooling", method="prayer", seed="-4", goal="zebra", scope="few")
    told = [entry.value for entry in app.warning]
    assert [text.split(".")[0] for text in told] == [
        "There is no method “prayer” here",
        "There is no scope “few” here",
        "There is no class “zebra” in this network",
        "Seed cannot be “-4”; give a whole number from 0 to 999",
    ]
    assert app.segmented_control(key="fooling.method").value == "patterns"

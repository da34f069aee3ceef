"""The page “Fooling images” in Streamlit's own test runner: three ways, links, bad input."""

from streamlit.testing.v1 import AppTest

from cnnviz.web.fooling.controls import spread_classes
from tests.app.opened import finish_result, open_page, text_of


def open_patterns(**address: str) -> AppTest:
    return open_page("fooling", **{"network": "LeNet-5", **address})


def test_a_pattern_evolves_by_itself_and_its_network_is_told() -> None:
    app = finish_result(open_patterns(**{"class": "0"}))
    assert app.metric[0].label == "taken for 0"
    assert "Saved as PNG and opened again, the picture is **0** to LeNet-5" in text_of(app)
    assert "grey = |" in app.code[0].value
    assert [button.label for button in app.download_button] == [
        "Picture as PNG",
        "The pattern, 1024 pixels wide",
        "The network as text",
        "Curve as CSV",
    ]
    app.selectbox(key="class").set_value("3").run()
    assert "is **3** to LeNet-5" in text_of(finish_result(app))


def test_every_class_at_once_from_pixels() -> None:
    app = finish_result(open_patterns(how="pixels"))
    assert app.metric[0].value == "10 of 10"
    assert "10 of 10 classes reached 99 %; saved as PNG and opened again, 10" in text_of(app)


def test_of_a_thousand_classes_a_hundred_are_evolved() -> None:
    assert spread_classes(10) == tuple(range(10))
    assert spread_classes(1000) == tuple(range(0, 1000, 10))


def test_along_the_gradient_the_files_are_sure_too() -> None:
    app = finish_result(open_patterns(how="gradient"))
    assert "8 of 8 reached 99 % (of the file, saved as PNG and opened again)" in text_of(app)
    assert "Sheet as PNG" in [button.label for button in app.download_button]


def test_nonsense_in_the_address_leaves_the_page_usable() -> None:
    app = open_patterns(how="prayer", seed="-4", **{"class": "zebra"})
    told = [entry.value for entry in app.warning]
    assert told[0].startswith("There is no way “prayer” here")
    assert told[1].startswith("There is no class “zebra” here")
    assert told[2].startswith("The seed cannot be “-4”")
    assert "Try this" in [entry.value for entry in app.header]

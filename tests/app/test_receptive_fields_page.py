"""The receptive-field page, run without a browser: its sums, its presets, and bad numbers."""

import pytest
from streamlit.testing.v1 import AppTest

from tests.app.opened import open_page, text_of


def press(app: AppTest, title: str) -> AppTest:
    [button] = [button for button in app.button if button.label == title]
    return button.click().run()


def test_the_page_opens_on_three_against_one() -> None:
    app = open_page("receptive_fields")
    assert not app.exception
    assert not app.error
    text = text_of(app)
    assert "Both see 7×7 pixels. The first needs 0.55 times the weights" in text
    sums = app.table[0].value["Field $r$"].tolist()
    assert sums[2].replace("\u00a0", " ") == "5 + (3 − 1)·1·1 = **7**"
    assert len(app.dataframe) == 2  # of a network with weights, and of an architecture
    assert text.count("?") >= 3


def test_a_link_reopens_a_stack() -> None:
    app = open_page("receptive_fields", stack="3d1, 3d2, 3d4", against="", size="21")
    assert "sees 15×15 pixels" in text_of(app)
    assert "Both see" not in text_of(app)


@pytest.mark.parametrize(
    ("title", "said"),
    [
        ("two 3×3 or 5×5", "Both see 5×5 pixels. The first needs 0.72 times the weights"),
        ("AlexNet", "sees 195×195 pixels, one step to its neighbour moves that field by 32"),
        ("VGG-16", "sees 212×212 pixels, one step to its neighbour moves that field by 32"),
        ("LeNet-5", "sees 32×32 pixels"),
        ("dilated 1, 2, 4", "They see 15×15 and 7×7 pixels"),
    ],
)
def test_presets(title: str, said: str) -> None:
    app = press(open_page("receptive_fields"), title)
    assert not app.exception
    assert not app.error
    assert said in text_of(app)


@pytest.mark.parametrize(
    ("stack", "said"),
    [
        ("3, 3s0", "Layer 2 (conv 3×3, stride 0): S = 0 cannot be put into"),
        ("3, 15", "has no answer for N = 11, P = 0, D = 1, K = 15, S = 1"),
        ("m2, m2, m2, m2, m2", "Layer 4"),
        ("three", "“three” is no layer; write the kernel"),
        ("", "The stack has 0 layers"),
        ("x" * 400, "is no layer"),
        ("99999999999999999999", "is no layer"),
    ],
)
def test_bad_numbers_are_told_and_the_page_stays_usable(stack: str, said: str) -> None:
    app = open_page("receptive_fields", stack=stack, against="7")
    assert not app.exception
    assert [said in error.value for error in app.error] == [True]
    assert "Both see" not in text_of(app)
    app = app.text_input(key="stack").set_value("3, 3, 3").run()
    assert not app.error
    assert "Both see 7×7 pixels" in text_of(app)


def test_a_network_is_measured_for_random_and_trained_weights() -> None:
    app = open_page("receptive_fields", layer="C1")
    assert not app.error
    app = app.segmented_control(key="measure").set_value("absolute values").run()
    assert not app.exception
    assert "absolute values of the gradient over 64 random inputs" in text_of(app)


def fields_of(app: AppTest) -> dict[str, list[str]]:
    return {name: list(column) for name, column in app.dataframe[-1].value.items()}


def test_any_architecture_shows_its_fields() -> None:
    app = open_page("receptive_fields", architecture="resnet50_paper")
    assert not app.exception
    table = fields_of(app)
    place = table["Layer"].index("conv5_x.2.relu3")
    # Araujo, Norris and Sim 2019: 483 pixels, a stride of 32.
    assert [table[name][place] for name in ("Field", "Jump")] == ["483", "32"]
    assert table["Smallest path"][place] != table["Largest path"][place]


def test_behind_a_squeeze_the_page_says_why_no_field_is_given() -> None:
    app = open_page("receptive_fields", architecture="se_resnet50")
    assert not app.exception
    assert "every cell sees the whole picture" in text_of(app)


def test_an_unknown_architecture_in_the_address_is_told() -> None:
    app = open_page("receptive_fields", architecture="resnet51")
    assert not app.exception
    assert "There is no architecture “resnet51” here" in app.warning[0].value
    assert len(fields_of(app)["Layer"]) > 10


def test_a_photograph_that_is_none_is_told() -> None:
    app = open_page("receptive_fields", photo="nothing")
    assert not app.exception
    assert "There is no photograph “nothing”" in app.warning[0].value

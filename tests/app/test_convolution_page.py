"""The page “Convolution and pooling”, run without a browser."""

import pytest
from streamlit.testing.v1 import AppTest

from cnnviz.sliding import KERNELS
from cnnviz.web.convolution.scenes import SCENES
from tests.app.opened import open_page, text_of


def press(app: AppTest, title: str) -> AppTest:
    [button] = [button for button in app.button if button.label == title]
    return button.click().run()


def test_the_page_opens_on_the_edges_of_a_square() -> None:
    app = open_page("convolution")
    assert not app.exception
    assert not app.error
    text = text_of(app)
    assert "**conv 3×3**: from 7×7 to 5×5." in text
    assert "**max pool 2×2, stride 2**: from 5×5 to 2×2. No window reads row 4 or column 4" in text
    assert r"\frac{7 + 2\cdot0 - 1(3 - 1) - 1}{1} + 1 = 5" in text
    assert text.count("?") >= 3


@pytest.mark.parametrize("scene", SCENES, ids=lambda scene: scene.title)
def test_every_scene_opens(scene: object) -> None:
    app = press(open_page("convolution"), scene.title)  # type: ignore[attr-defined]
    assert not app.exception
    assert not app.error
    assert not app.warning


@pytest.mark.parametrize("name", KERNELS)
def test_every_kernel_is_put_in(name: str) -> None:
    app = press(open_page("convolution"), name)
    assert app.text_input(key="kernel").value == KERNELS[name][0]
    assert app.number_input(key="divisor").value == KERNELS[name][1]


def test_a_link_reopens_a_stride_that_does_not_divide() -> None:
    text = text_of(open_page("convolution", stride="3"))
    assert "from 7×7 to 2×2. No window reads row 6 or column 6" in text
    assert r"\left\lfloor \frac{7 + 2\cdot0 - 1(3 - 1) - 1}{3} + 1 \right\rfloor = 2" in text


def test_a_kernel_of_a_network_is_taken() -> None:
    app = open_page("convolution")
    app.selectbox(key="kernel_network").set_value("resnet64").run()
    app.number_input(key="filter-resnet64").set_value(5).run()
    app = press(app, "Take this kernel")
    assert not app.error
    assert "Filter 5 of Conv1 in ResNet-34 (64 px)" in text_of(app)
    kernel = app.text_input(key="kernel").value
    assert kernel is not None
    assert len(kernel.split(",")) == 3


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ({"stride": "0"}, "S = 0 cannot be put into"),
        ({"dilation": "4"}, "the kernel spans 9 cells and there are 7"),
        ({"kernel": "1 2, 3"}, "The kernel has rows of 2, 1 numbers"),
        ({"numbers": "1 2, 3 b"}, "“b” in the input is no number"),
        ({"pool": "6"}, "the kernel spans 6 cells and there are 5"),
    ],
)
def test_bad_numbers_are_told_and_can_be_mended(query: dict[str, str], sentence: str) -> None:
    app = open_page("convolution", **query)
    assert not app.exception
    assert [sentence in error.value for error in app.error] == [True]
    app = press(app, "a square's edges")
    assert not app.error


def test_a_bad_address_is_told() -> None:
    app = open_page("convolution", padding="many", input="Sound")
    assert "“Padding P” cannot be “many”" in app.warning[1].value
    assert "There is no kind of input “Sound” here" in app.warning[0].value
    assert "from 7×7 to 5×5" in text_of(app)

"""The page “Convolution and pooling”, run without a browser."""

import ast

import pytest
from streamlit.testing.v1 import AppTest

from cnnviz.activations.sliding import KERNELS
from cnnviz.web.pages.convolution.scenes import SCENES
from tests.app.opened import open_page, text_of


def press(app: AppTest, name: str) -> AppTest:
    return app.button(key=f"convolution.{name}").click().run()


def test_the_page_opens_on_the_edges_of_a_square() -> None:
    app = open_page("convolution")
    assert not app.error
    assert not app.warning
    text = text_of(app)
    assert "from 7×7 to 5×5" in text
    assert "from 5×5 to 2×2" in text
    assert r"\frac{7 + 2\cdot0 - 1(3 - 1) - 1}{1} + 1 = 5" in text
    # 5 columns; 25 cells of 9 products each.
    for name, answer in (("size", 5), ("products", 225)):
        app.number_input(key=f"convolution.question.{name}").set_value(answer)
    assert len(app.run().success) == 2


@pytest.mark.parametrize("title", SCENES)
def test_every_example_opens(title: str) -> None:
    app = press(open_page("convolution"), f"scene.{title}")
    assert not app.exception
    assert not app.error
    assert not app.warning
    values, scene = app.session_state["cnnviz_values"], SCENES[title]
    assert {name: one for name, one in values["convolution"].items() if name in scene} == {
        name: one for name, one in scene.items() if name != "image"
    }
    assert values["bench"].get("image") == scene.get("image")


@pytest.mark.parametrize("name", KERNELS)
def test_every_kernel_is_put_in(name: str) -> None:
    app = press(open_page("convolution"), f"kernel.{name}")
    assert app.text_input(key="convolution.kernel").value == KERNELS[name][0]
    assert app.number_input(key="convolution.divisor").value == KERNELS[name][1]


def test_every_value_of_a_link_is_taken() -> None:
    told = {"stride": "2", "padding": "1", "dilation": "2", "divisor": "3", "pool": "3"}
    told |= {"pool_stride": "1", "filter": "4"}
    app = open_page(
        "convolution",
        source="Image",
        image="digit-3",
        side="20",
        kernel="1 0, 0 -1",
        bias="2.5",
        cell="7",
        **told,
    )
    assert not app.warning
    assert not app.error
    held = {name: str(app.number_input(key=f"convolution.{name}").value) for name in told}
    assert held == told
    assert app.segmented_control(key="convolution.source").value == "Image"
    assert app.slider(key="convolution.side").value == 20
    assert app.text_input(key="convolution.kernel").value == "1 0, 0 -1"
    assert app.number_input(key="convolution.bias").value == 2.5
    assert app.session_state["cnnviz_values"]["convolution"]["cell"] == 7
    # ⌊(20 + 2 − 2·(2 − 1) − 1) / 2⌋ + 1 = 10.
    assert "from 20×20 to 10×10" in text_of(app)


def test_a_pinned_cell_is_let_go_when_the_map_changes() -> None:
    app = open_page("convolution", cell="7")
    app.number_input(key="convolution.stride").set_value(2).run()
    assert "cell" not in app.session_state["cnnviz_values"]["convolution"]


def test_a_stride_that_does_not_divide() -> None:
    text = text_of(open_page("convolution", stride="3"))
    assert "from 7×7 to 2×2. No window reads row 6 or column 6" in text
    assert r"\left\lfloor \frac{7 + 2\cdot0 - 1(3 - 1) - 1}{3} + 1 \right\rfloor = 2" in text


def test_a_kernel_of_a_network_is_taken() -> None:
    app = press(open_page("convolution", network="resnet64", filter="5"), "take")
    assert not app.error
    kernel = app.text_input(key="convolution.kernel").value
    assert kernel is not None
    assert [len(row.split()) for row in kernel.split(",")] == [3, 3, 3]


@pytest.mark.parametrize(
    ("query", "number"),
    [
        ({"stride": "0"}, "S = 0"),
        ({"dilation": "4"}, "9 cells"),
        ({"kernel": "1 2, 3"}, "2, 1"),
        ({"numbers": "1 2, 3 b"}, "“b”"),
        ({"pool": "6"}, "6 cells"),
    ],
)
def test_bad_numbers_are_told_and_can_be_mended(query: dict[str, str], number: str) -> None:
    app = open_page("convolution", **query)
    (error,) = app.error
    assert number in error.value
    app = press(app, "scene.Edges of a square")
    assert not app.error


@pytest.mark.parametrize(
    ("name", "value"),
    [("padding", "many"), ("source", "Sound"), ("cell", "-1"), ("bias", "nan"), ("filter", "900")],
)
def test_a_bad_address_is_told_and_the_page_works(name: str, value: str) -> None:
    app = open_page("convolution", **{name: value})
    (warning,) = app.warning
    assert value in warning.value
    assert "from 7×7 to 5×5" in text_of(app)


def test_the_program_has_the_pages_values() -> None:
    app = open_page("convolution", stride="2", kernel="1 0, 0 -1", bias="2.5", pool="1")
    app.session_state["convolution.code"] = True
    program = ast.parse(app.run().code[0].value)
    held = {
        statement.targets[0].id: ast.literal_eval(statement.value)
        for statement in program.body
        if isinstance(statement, ast.Assign)
        and isinstance(statement.targets[0], ast.Name)
        and isinstance(statement.value, ast.Constant)
    }
    assert held["KERNEL"] == "1 0, 0 -1"
    assert (held["STRIDE"], held["BIAS"], held["POOLING_KERNEL"]) == (2, 2.5, 1)


def test_channels_and_filters_are_summed_and_counted() -> None:
    app = open_page("convolution", mode="channels", channels="3", filter_count="2")
    text = text_of(app)
    assert "from 3×5×5 to 2×3×3" in text
    # 2·(3·9 + 1).
    app.number_input(key="convolution.question.parameters").set_value(56).run()
    assert app.success[0].value == "Yes: 56."


def test_a_transposed_convolution_makes_the_input_larger() -> None:
    app = open_page(
        "convolution", mode="transposed", volume="1 2, 3 4", channels="1", filter_count="1",
        filters="1 1 1, 1 1 1, 1 1 1", stride="2",
    )  # fmt: skip
    # 2·(2 − 1) + 3.
    assert "from 1×2×2 to 1×5×5" in text_of(app)
    app.number_input(key="convolution.question.larger").set_value(5).run()
    assert len(app.success) == 1


def test_a_networks_filters_are_taken_and_bad_ones_are_told() -> None:
    app = open_page("convolution", mode="channels", network="resnet64", filter="5")
    app = press(app, "take_filters")
    assert not app.error
    assert "**4 filters** of 3×3×3" in text_of(app)
    app.text_input(key="convolution.filters").set_value("1 2; 3").run()
    (error,) = app.error
    assert "1×2, 1×1" in error.value

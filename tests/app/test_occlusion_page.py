"""The occlusion page, run without a browser: its controls, addresses, bad input, and its maps."""

import ast

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from cnnviz.images.image import to_png
from cnnviz.networks.load import load_model
from cnnviz.networks.weights.files import list_weights
from tests.app.opened import finish_result, get_job, open_page, text_of
from tests.quick import each

LENET = {"network": "lenet5", "image": "digit-3"}


def open_occlusion(**address: str) -> AppTest:
    return finish_result(open_page("occlusion", **LENET | address), slot="occlusion")


def values_of(app: AppTest) -> dict[str, object]:
    """What the page's widgets and its address hold."""
    names = ("size", "stride")
    sliders: dict[str, object] = {name: app.slider(key=f"occlusion.{name}").value for name in names}
    return sliders | {"fill": app.selectbox(key="occlusion.fill").value}


def test_the_page_opens_with_finished_maps_and_their_numbers() -> None:
    app = open_occlusion()
    assert not app.error
    assert not app.warning
    assert app.title[0].value == "Occlusion"
    # A fourth of 32 pixels, and a fourth of that.
    assert values_of(app) == {"size": 8, "stride": 2, "fill": "mean color"}
    assert r"\frac{" in text_of(app)
    # ⌈(32 − 8) / 2⌉ + 1 = 13 positions along each axis.
    app.number_input(key="occlusion.question.positions").set_value(169).run()
    assert app.success


@pytest.mark.parametrize("network", each(list_weights()))
def test_the_page_opens_for_every_network(network: str) -> None:
    app = open_page("occlusion", network=network)
    assert not app.error
    side = min(load_model(network).spec.preprocessing.shape[1:])
    slider = app.slider(key="occlusion.size")
    assert (slider.min, slider.max) == (side // 16, side // 2)


def test_every_value_of_a_link_is_taken() -> None:
    app = open_occlusion(size="6", stride="3", fill="black", square="2.4", target="8")
    assert not app.warning
    assert values_of(app) == {"size": 6, "stride": 3, "fill": "black"}
    assert app.session_state["cnnviz_values"]["occlusion"]["square"] == (2, 4)
    assert app.selectbox(key="bench.target").value == 8


def test_a_pinned_square_is_let_go_when_its_place_means_another() -> None:
    app = open_occlusion(size="6", stride="4", square="1.1")
    for name in ("stride", "size"):
        set_square(app, (1, 1))
        app.slider(key=f"occlusion.{name}").set_value(5).run()
        assert find_square(app) is None
    set_square(app, (1, 1))
    upload(app, make_png())
    assert str(app.session_state["cnnviz_values"]["bench"]["image"]).startswith("upload.")
    assert find_square(app) is None


def set_square(app: AppTest, place: tuple[int, int]) -> None:
    """Pin a position as a link does that is opened in the same session."""
    app.session_state["cnnviz_values"]["occlusion"]["square"] = place
    assert find_square(finish_result(app.run(), slot="occlusion")) == place


def find_square(app: AppTest) -> object:
    assert not app.exception
    return app.session_state["cnnviz_values"]["occlusion"].get("square")


def upload(app: AppTest, data: bytes) -> None:
    app.session_state["bench.image.window"] = True
    app.run()
    app.segmented_control(key="bench.image.source").set_value("Upload").run()
    app.file_uploader(key="bench.image.file").upload("seven.png", data, "image/png").run()


def make_png() -> bytes:
    pixels = np.full((60, 50, 3), 255, dtype=np.uint8)
    pixels[10:16, 10:40] = 0
    pixels[16:50, 32:40] = 0
    return to_png(pixels)


def test_a_bad_file_is_told_and_the_maps_stay() -> None:
    app = open_occlusion()
    upload(app, b"no image")
    assert "seven.png" in app.error[0].value
    assert app.session_state["cnnviz_values"]["bench"]["image"] == "digit-3"
    assert app.get("plotly_chart")


def test_another_class_needs_no_new_work() -> None:
    app = open_occlusion(fill="black")
    before = text_of(app)
    app.selectbox(key="bench.target").set_value(8).run()
    assert get_job(app, slot="occlusion") is None
    assert text_of(app) != before


def test_nothing_of_the_page_reaches_another_pages_stride() -> None:
    app = open_occlusion(stride="3")
    held = app.session_state["cnnviz_values"]
    assert not any(held[page] for page in held.keys() - {"bench", "occlusion"})
    assert "stride" not in app.session_state
    assert app.session_state["occlusion.stride"] == 3


@pytest.mark.parametrize(
    ("name", "value"),
    [("size", "1000"), ("stride", "x"), ("fill", "gold"), ("target", "whale"), ("square", "40.1")],
)
def test_a_bad_address_is_told_in_one_sentence_and_the_page_works(name: str, value: str) -> None:
    app = open_page("occlusion", **LENET | {name: value})
    (warning,) = app.warning
    assert value in warning.value
    app = finish_result(app, slot="occlusion")
    assert values_of(app) == {"size": 8, "stride": 2, "fill": "mean color"}
    assert find_square(app) is None
    assert app.get("plotly_chart")


def test_a_task_sets_the_page_and_shows_its_answer() -> None:
    app = open_occlusion()
    app.button(key="occlusion.task2.show").click()
    finish_result(app.run(), slot="occlusion")
    assert app.slider(key="occlusion.size").value == 16
    assert not app.warning


def test_the_program_has_the_pages_values() -> None:
    app = open_occlusion(size="6", stride="3", fill="black", target="8")
    app.session_state["occlusion.code"] = True  # the window is open
    program = ast.parse(app.run().code[0].value)
    held = {
        statement.targets[0].id: ast.literal_eval(statement.value)
        for statement in program.body
        if isinstance(statement, ast.Assign)
        and isinstance(statement.targets[0], ast.Name)
        and isinstance(statement.value, ast.Constant)
    }
    assert held == {
        "NETWORK": "lenet5",
        "IMAGE": "digit-3",
        "PATCH": 6,
        "STRIDE": 3,
        "FILL": "black",
    }


def test_an_upload_without_ink_is_told_to_a_network_of_digits() -> None:
    app = open_occlusion()
    assert not app.warning
    assert any("%**" in text.value for text in app.markdown)  # the guess

    upload(app, to_png(np.full((60, 60), 255, dtype=np.uint8)))

    assert any("There is no ink on this image" in warning.value for warning in app.warning)
    assert not any("%**" in text.value for text in app.markdown)


def test_the_strongest_map_is_followed_on_a_click() -> None:
    app = open_occlusion(layer="relu3")
    app.button(key="job_start:occlusion.strongest").click().run()
    app = finish_result(app, slot="occlusion.strongest")
    assert not app.error
    assert any("the strongest map of" in one.proto.body for one in app.get("html"))

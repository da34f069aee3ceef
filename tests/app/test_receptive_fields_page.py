"""The receptive-fields page, run without a browser: its sums, its presets, and bad input."""

import pytest
from streamlit.testing.v1 import AppTest

from tests.app.opened import finish_result, open_page, text_of


def open_stack(**address: str) -> AppTest:
    return open_page("receptive_fields", view="stack", **address)


def fields_of(app: AppTest) -> dict[str, list[str]]:
    return {name: list(column) for name, column in app.dataframe[-1].value.items()}


def test_the_page_opens_on_a_cell_of_a_trained_network_and_its_measured_field() -> None:
    app = open_page("receptive_fields", network="lenet5", layer="s2", cell="2.5")
    assert not app.error
    assert not app.warning
    # A cell of S2 reads 2×2 cells of C1, each 5×5 pixels, and steps by two.
    assert "**6×6** pixels" in text_of(app)
    assert app.session_state["cnnviz_values"]["receptive_fields"]["cell"] == (2, 5)
    app = finish_result(app, slot="effective")
    assert "over 64 random inputs" in text_of(app)
    app.selectbox(key="receptive_fields.measure").set_value("absolute values").run()
    app = finish_result(app, slot="effective")
    assert "absolute values of the gradient" in text_of(app)
    app.selectbox(key="receptive_fields.layer").set_value("c3").run()
    assert not app.exception
    # The cell went with its layer; C3 reads 5×5 cells of S2: 6 + 4·2 = 14.
    assert app.session_state["cnnviz_values"]["receptive_fields"] == {
        "layer": "c3",
        "measure": "absolute values",
    }
    assert "**14×14** pixels" in text_of(app)


def test_three_small_kernels_against_one_large_one() -> None:
    app = open_stack()
    assert "Both see 7×7 pixels. The first needs 0.55" in text_of(app)
    sums = app.table[0].value["Field $r$"].tolist()
    assert sums[2].replace("\u00a0", " ") == "5 + (3 − 1)·1·1 = **7**"


def test_a_link_reopens_a_stack() -> None:
    app = open_stack(stack="3d1, 3d2, 3d4", against="", size="21", channels="8", ground="1")
    assert not app.warning
    assert app.text_input(key="receptive_fields.stack").value == "3d1, 3d2, 3d4"
    assert app.toggle(key="receptive_fields.ground").value is True
    assert "sees 15×15 pixels" in text_of(app)
    assert len(app.table) == 1


@pytest.mark.parametrize(
    ("title", "told"),
    [
        ("two 3×3 or 5×5", "Both see 5×5 pixels. The first needs 0.72"),
        ("AlexNet", "sees 195×195 pixels"),
        ("VGG-16", "sees 212×212 pixels"),
        ("LeNet-5", "sees 32×32 pixels"),
        ("dilated 1, 2, 4", "They see 15×15 and 7×7 pixels"),
    ],
)
def test_a_preset_is_one_step_of_the_history(title: str, told: str) -> None:
    app = open_stack()
    app.button(key=f"receptive_fields.preset.{title}").click().run()
    assert not app.exception
    assert not app.error
    assert told in text_of(app)
    assert app.session_state["cnnviz_steps"] == 1


@pytest.mark.parametrize(
    ("stack", "told"),
    [
        ("3, 3s0", "S = 0 cannot be put into"),
        ("3, 15", "has no answer for N = 11, P = 0, D = 1, K = 15, S = 1"),
        ("m2, m2, m2, m2, m2", "Layer 4"),
        ("three", "“three” is no layer"),
        ("", "The stack has 0 layers"),
        ("x" * 400, "is no layer"),
        ("99999999999999999999", "is no layer"),
    ],
)
def test_a_bad_stack_is_told_and_the_page_stays_usable(stack: str, told: str) -> None:
    app = open_stack(stack=stack)
    assert [told in error.value for error in app.error] == [True]
    assert "Both see" not in text_of(app)
    app.text_input(key="receptive_fields.stack").set_value("3, 3, 3").run()
    assert not app.error
    assert "Both see 7×7 pixels" in text_of(app)


@pytest.mark.parametrize(
    ("address", "told"),
    [
        ({"view": "all"}, "all"),
        ({"layer": "nothing"}, "nothing"),
        ({"cell": "99.0"}, "99.0"),
        ({"measure": "sum"}, "sum"),
        ({"size": "0"}, "from 1 to 512"),
        ({"channels": "x"}, "from 1 to 4096"),
        ({"ground": "maybe"}, "maybe"),
        ({"stack": "3, " * 200}, "400"),
        ({"architecture": "resnet51"}, "resnet51"),
    ],
)
def test_a_wrong_address_gets_one_sentence(address: dict[str, str], told: str) -> None:
    app = open_page("receptive_fields", **({"network": "lenet5", "view": "stack"} | address))
    assert len(app.warning) == 1
    assert told in app.warning[0].value


def test_any_architecture_shows_its_fields() -> None:
    app = open_page("receptive_fields", view="architecture", architecture="resnet50_paper")
    table = fields_of(app)
    place = table["Layer"].index("conv5_x.2.relu3")
    # Araujo, Norris and Sim 2019: 483 pixels, a stride of 32.
    assert [table[name][place] for name in ("Field", "Jump")] == ["483", "32"]
    assert table["Smallest path"][place] != table["Largest path"][place]
    app.selectbox(key="receptive_fields.architecture").set_value("se_resnet50").run()
    assert not app.exception
    assert "every cell sees the whole image" in text_of(app)


def test_an_upload_goes_along_from_another_page() -> None:
    """An upload of another visit is asked for; the fields are shown without it."""
    app = open_page("receptive_fields", network="lenet5", image="upload.0123456789ab")
    assert len(app.warning) == 1
    assert not app.exception
    assert "pixels" in text_of(app)

"""The architecture page, run without a browser: blocks, comparisons, rules, bad addresses."""

import pytest
from streamlit.testing.v1 import AppTest

from tests.app.opened import open_page, text_of

SLIP = "added twice"


def metrics_of(app: AppTest) -> list[str]:
    return [metric.value for metric in app.metric]


def test_the_page_opens_with_the_inception_module_and_the_lectures_slip() -> None:
    app = open_page("architectures")
    assert not app.exception
    assert not app.error
    assert not app.warning
    # 304,267,264 multiply-adds by hand: 28·28·(256·128 + 256·128 + 9·128·192 + 256·32
    # + 25·32·96 + 256·64); then 854 and 271 million of the lecture's comparison.
    assert 784 * (32768 + 32768 + 221184 + 8192 + 76800 + 16384) == 304_267_264
    assert metrics_of(app)[:3] == ["256×28×28 → 480×28×28", "389 k", "304 M"]
    assert metrics_of(app)[4] == "854 M"
    assert metrics_of(app)[6] == "271 M"
    assert SLIP in text_of(app)
    tasks = next(element.value for element in app.markdown if element.value.startswith("1. "))
    assert [line.endswith("?") for line in tasks.splitlines()] == [True] * 3


def test_another_architecture_brings_its_block_numbers_and_comparison() -> None:
    app = open_page("architectures", channels="128", box="5×5 conv")
    app.selectbox(key="block").set_value("MobileNet-v1").run()
    assert not app.exception
    assert metrics_of(app)[2] == "55.0 M"  # (9·128 + 128·128)·56·56
    assert app.selectbox(key="pair").value == "Standard or depthwise separable"
    assert metrics_of(app)[4] == "462 M"
    assert SLIP not in text_of(app)


def test_sliders_recompute_block_and_comparison() -> None:
    app = open_page("architectures")
    app.select_slider(key="channels").set_value(128).run()
    assert metrics_of(app)[0] == "128×28×28 → 240×28×28"
    app.select_slider(key="side").set_value(14).run()
    assert not app.exception
    assert metrics_of(app)[4] == "214 M"  # a quarter of 854,196,224
    assert SLIP not in text_of(app)


def test_a_box_from_the_address_is_worked_out() -> None:
    app = open_page("architectures", box="5×5 conv")
    assert not app.warning
    assert r"96 \cdot (32 \cdot 5 \cdot 5 + 1) = 76{,}896" in text_of(app)


def test_short_names_in_the_address_are_taken() -> None:
    app = open_page("architectures", block="fire", pair="reduce")
    assert not app.warning
    assert app.selectbox(key="block").value == "SqueezeNet"
    assert metrics_of(app)[4] == "120 M"
    assert metrics_of(app)[6] == "12.4 M"


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("block", "nonsense"),
        ("channels", "17"),
        ("size", "-1"),
        ("box", "nonsense"),
        ("pair", "nonsense"),
        ("paired", "zero"),
        ("side", "1e9"),
        ("c", "0"),
        ("h", "many"),
    ],
)
def test_a_bad_address_gets_a_sentence_and_the_page_stays(key: str, value: str) -> None:
    app = open_page("architectures", **{key: value})
    assert not app.exception
    assert len(app.warning) == 1
    assert f"“{value}”" in app.warning[0].value
    assert metrics_of(app)[2] == "304 M"


def test_a_map_smaller_than_the_kernel_gets_the_formula() -> None:
    app = open_page("architectures", block="lenet", size="3")
    assert not app.exception
    assert "N = 3, P = 0, D = 1, K = 5, S = 1" in app.error[0].value
    app.select_slider(key="size").set_value(28).run()
    assert not app.error


def test_the_rules_take_the_students_c() -> None:
    app = open_page("architectures", c="3")
    assert app.number_input(key="c").value == 3
    tables = [table.value for table in app.table]
    assert any("25·C² = 225" in frame.to_string() for frame in tables)
    assert any("28.2 %" in frame.to_string() for frame in tables)


def test_a_finding_shows_the_papers_table_with_our_count() -> None:
    app = open_page("architectures", finding="all-cnn")
    assert not app.exception
    [table] = [table.value for table in app.table if "parameters computed" in table.value]
    assert "954,730" in table["parameters computed"].tolist()
    app = open_page("architectures", finding="shortcuts")
    assert any("pmatrix" in formula.value for formula in app.latex)
    app = open_page("architectures", finding="horoscope")
    assert "There is no finding “horoscope”" in app.warning[0].value

"""The page of architectures, run without a browser: blocks, comparisons, rules, addresses."""

from streamlit.testing.v1 import AppTest

from tests.app.opened import check_each_is_told, open_page, text_of

SLIP = "added twice"


def values_of(app: AppTest) -> dict[str, object]:
    lists = ("block", "box", "pair", "finding")
    found: dict[str, object] = {
        name: app.selectbox(key=f"architectures.{name}").value for name in lists
    }
    for name in ("channels", "size", "pair_channels", "pair_size"):
        found[name] = app.select_slider(key=f"architectures.{name}").value
    return found | {name: app.number_input(key=f"architectures.{name}").value for name in "ch"}


def test_the_page_opens_with_the_inception_module_and_the_lectures_slip() -> None:
    app = open_page("architectures")
    assert not app.error
    assert not app.warning
    # 304,267,264 multiply-adds by hand: 28·28·(256·128 + 256·128 + 9·128·192 + 256·32
    # + 25·32·96 + 256·64); then 854 and 271 million of the lecture's comparison.
    assert 784 * (32768 + 32768 + 221184 + 8192 + 76800 + 16384) == 304_267_264
    text = text_of(app)
    for part in ("256×28×28 → 480×28×28", "389 k parameters", "304 M multiply-adds"):
        assert part in text
    assert "854 M multiply-adds" in text
    assert "271 M multiply-adds" in text
    assert SLIP in text
    # 2·9·64² weights of two 3×3 layers.
    app.number_input(key="architectures.question.weights").set_value(73728).run()
    assert app.success


def test_compound_scaling_is_computed_side_by_side() -> None:
    app = open_page("architectures")
    table = next(one.value for one in app.table if "EfficientNet-Lite2" in one.value)
    rows = {name: list(cells) for name, *cells in table.itertuples(index=False)}
    # ceil(1.1 · (2, 2, 3, 3, 4)) = (3, 3, 4, 4, 5), ceil(1.2 · …) the same, and the two ends.
    assert rows["Blocks"] == ["16", "21", "21"]
    assert rows["Channels of the last block"] == ["320", "320", "352"]
    # 1.1 · (240 / 224)² and 1.2 · 1.1² · (260 / 224)².
    assert rows["d·w²·r²"] == ["1.00×", "1.26×", "1.96×"]
    # 0.385, 0.600 and 0.860 billion.
    assert rows["of the first"] == ["1.00×", "1.56×", "2.23×"]
    app.number_input(key="architectures.question.growth").set_value(0.8597 / 0.3852).run()
    assert app.success


def test_another_architecture_brings_its_input_layer_and_comparison() -> None:
    app = open_page("architectures", channels="128", box="5×5 conv", pair="reduce", pair_size="14")
    assert not app.warning
    app.selectbox(key="architectures.block").set_value("mobilenet").run()
    assert not app.exception
    text = text_of(app)
    assert "55.0 M multiply-adds" in text  # (9·128 + 128·128)·56·56
    assert values_of(app)["pair"] == "separable"
    assert values_of(app)["pair_size"] == "56"
    assert "462 M multiply-adds" in text
    assert SLIP not in text


def test_sliders_compute_block_and_comparison_anew() -> None:
    app = open_page("architectures")
    app.select_slider(key="architectures.channels").set_value("128").run()
    assert "128×28×28 → 240×28×28" in text_of(app)
    app.select_slider(key="architectures.pair_size").set_value("14").run()
    assert not app.exception
    assert "214 M multiply-adds" in text_of(app)  # a quarter of 854,196,224
    assert SLIP not in text_of(app)


def test_every_value_of_a_link_is_taken() -> None:
    told = {
        "block": "residual",
        "channels": "64",
        "size": "14",
        "box": "conv2",
        "pair": "fire",
        "pair_channels": "64",
        "pair_size": "28",
        "finding": "all-cnn",
    }
    app = open_page("architectures", **told, c="3", h="8")
    assert not app.warning
    assert values_of(app) == {**told, "c": 3, "h": 8}
    # 64 kernels of 64·3·3 weights; the convolution has no bias beside its normalization.
    assert r"64 \cdot 64 \cdot 3 \cdot 3 = 36{,}864" in text_of(app)
    tables = [table.value.to_string() for table in app.table]
    assert any("25·C² = 225" in table for table in tables)
    assert any("28.2 %" in table for table in tables)
    assert any("954,730" in table for table in tables)


WRONG = {
    "block": "brick",
    "channels": "17",
    "size": "-1",
    "box": "crate",
    "pair": "twins",
    "pair_channels": "zero",
    "pair_size": "1e9",
    "finding": "horoscope",
    "c": "0",
    "h": "many",
}


def test_each_wrong_value_gets_one_sentence_and_the_page_stays() -> None:
    app = open_page("architectures", **WRONG)
    check_each_is_told(app, WRONG.values())
    assert "304 M multiply-adds" in text_of(app)


def test_a_map_smaller_than_the_kernel_gets_the_formula() -> None:
    app = open_page("architectures", block="lenet", size="3")
    assert "N = 3, P = 0, D = 1, K = 5, S = 1" in app.error[0].value
    app.select_slider(key="architectures.size").set_value("28").run()
    assert not app.error

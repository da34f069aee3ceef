"""The layer calculator, run without a browser."""

import pytest

from tests.app.opened import open_page, text_of


def test_it_opens_on_the_lectures_example() -> None:
    app = open_page("layer_calculator")
    assert [metric.value for metric in app.metric] == ["32×32×10", "760", "768 k", "40.0 KB"]
    layers = next(iter(app.dataframe)).value
    assert len(layers) == 7
    assert list(layers["Parameters"])[1] == "118"  # 3·(25 + 1) + 10·(3 + 1)


@pytest.mark.parametrize(
    ("address", "output"),
    [
        ({"axes": "1-D", "width": "100", "kernel": "9", "padding": "0"}, "92×10"),
        ({"axes": "3-D", "depth": "16"}, "16×32×32×10"),
        ({"type": "transposed", "stride": "2", "padding": "2", "output_padding": "1"}, "64×64×10"),
        ({"type": "global_pooling"}, "1×1×3"),
        ({"type": "linear"}, "10"),
    ],
)
def test_every_kind_of_layer(address: dict[str, str], output: str) -> None:
    app = open_page("layer_calculator", **address)
    assert app.metric[0].value == output


def test_examples_change_the_layer() -> None:
    app = open_page("layer_calculator")
    app.button(key="layer_calculator.example.AlexNet, first layer").click().run()
    assert app.metric[0].value == "55×55×96"
    app.button(key="layer_calculator.example.Video, 3-D").click().run()
    assert not app.exception
    assert app.metric[0].value == "16×112×112×64"


def test_a_kernel_that_does_not_fit_is_told_and_the_page_stays_usable() -> None:
    app = open_page("layer_calculator", kernel="99", padding="0")
    assert "take a smaller kernel" in app.error[0].value
    app.number_input(key="layer_calculator.kernel").set_value(3).run()
    assert not app.error
    assert app.metric[1].value == "280"


def test_pooling_says_that_it_has_no_parameters() -> None:
    app = open_page("layer_calculator", type="max_pooling", kernel="2", stride="2", padding="0")
    assert [metric.value for metric in app.metric[:3]] == ["16×16×3", "0", "0"]
    assert "no parameters" in text_of(app)

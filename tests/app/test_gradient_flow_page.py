"""The page about gradient flow and shortcuts, run without a browser."""

import pytest

from cnnviz.labs import stochastic_depth
from tests.app.opened import finish_result, open_page, text_of


@pytest.mark.parametrize("part", ["flow", "chain", "shortcut"])
def test_a_part_opens(part: str) -> None:
    assert text_of(open_page("gradient_flow", part=part))


def test_the_gradients_of_a_shortcut_are_told() -> None:
    app = open_page("gradient_flow", part="shortcut", slope="0.1", blocks="10")
    told = text_of(app)
    assert r"0.100^{10} = 1.00 \times 10^{-10}" in told
    assert "(1+0.100)^{10} = 2.59" in told  # 1.1¹⁰


def test_zero_blocks_leave_one_network_and_destroy_the_other() -> None:
    app = open_page("gradient_flow", part="copy")
    told = text_of(app)
    assert "ResNet-34: 100 % of the answers kept, largest change of a probability 0." in told
    assert "Plain-34: 100 %" not in told
    app.number_input(key="gradient_flow.question.depth").set_value(50).run()
    assert app.success[0].value == "Yes: 50."


def test_blocks_are_switched_off() -> None:
    app = open_page("gradient_flow", part="lesions", off="")
    assert text_of(app).count("100 % of the answers kept") == 2
    app.multiselect(key="gradient_flow.off").set_value(["conv4.c"]).run()
    assert not app.exception
    assert "Plain-34: 100 %" not in text_of(app)
    assert app.button(key="job_start:gradient_flow.samples").label.startswith("Measure on")


def test_the_loss_landscape_opens_for_both_networks() -> None:
    app = open_page("gradient_flow", part="landscape", surface="plain64")
    assert app.segmented_control(key="gradient_flow.surface").value == "plain64"
    assert not app.info
    assert "ResNet-34: loss 1.24 in the middle, at most 11.1" in text_of(app)


def test_degradation_is_told_of_four_networks() -> None:
    told = text_of(open_page("gradient_flow", part="degradation"))
    for title in ("Plain-20", "Plain-56", "ResNet-20", "ResNet-56"):
        assert f"{title}: training error" in told


@pytest.mark.parametrize("dropping", ["stochastic_depth", "local"])
def test_networks_learn_with_switches(dropping: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stochastic_depth, "STEPS", 10)
    app = open_page("gradient_flow", part="dropping", dropping=dropping, rate="0.5")
    app = finish_result(app, slot="gradient_flow.dropping")
    assert ("8.75 of 12 blocks" in text_of(app)) == (dropping == "stochastic_depth")
    app.number_input(key="gradient_flow.question.expected").set_value(8.75).run()
    assert app.success[0].value == "Yes: 8.75."

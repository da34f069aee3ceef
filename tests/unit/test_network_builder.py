"""Networks put together from layers: shapes and counts against torch and the lectures."""

import re

import pytest
import torch
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from cnnviz.errors import ArithmeticInputError
from cnnviz.labs.digit_sets import SHAPE
from cnnviz.labs.network_builder import (
    BuilderRow,
    SeededDropout,
    build_layers,
    format_layers,
    lay_out,
    parse_layers,
)

LENET = "conv6k5, tanh, avg2, conv16k5, tanh, avg2, conv120k5, tanh, flatten, fc84, tanh, fc10"
MIXED = "conv8k3s2p1, bn, leaky, max3s2p1, dropout20, conv10k1, gap, flatten"


def rows_of(text: str) -> tuple[BuilderRow, ...]:
    rows, problem = lay_out(parse_layers(text), shape=SHAPE, classes=10)
    assert problem is None
    return rows


def problem_of(text: str) -> str:
    return str(lay_out(parse_layers(text), shape=SHAPE, classes=10)[1])


def test_lenet_has_the_numbers_of_the_paper() -> None:
    """LeCun et al. 1998, section II.B: C1 has 156 parameters, C5 48,120 and F6 10,164."""
    rows = {row.name: row for row in rows_of(LENET)}
    assert [rows[name].parameters for name in ("conv1", "conv3", "fc1")] == [156, 48_120, 10_164]
    assert [rows[name].output for name in ("conv1", "avg1", "conv2", "avg2", "conv3")] == [
        (6, 28, 28),
        (6, 14, 14),
        (16, 10, 10),
        (16, 5, 5),
        (120, 1, 1),
    ]


@pytest.mark.parametrize("text", [LENET, MIXED])
def test_shapes_parameters_and_multiply_adds_are_torchs(text: str) -> None:
    rows = rows_of(text)
    network = build_layers(rows, seed=0).eval()
    assert sum(row.parameters for row in rows) == sum(one.numel() for one in network.parameters())
    x = torch.zeros(1, *SHAPE)
    with FlopCounterMode(display=False) as counter:
        network(x)
    assert 2 * sum(row.multiply_adds for row in rows) == counter.get_total_flops()
    for row, module in zip(rows, network, strict=True):
        x = module(x)
        assert x.shape[1:] == row.output


def test_the_notation_comes_back() -> None:
    assert (
        format_layers(parse_layers("CONV6k5 max2s2,  conv4  fc10"))
        == "conv6k5, max2, conv4k3, fc10"
    )
    assert format_layers(parse_layers(MIXED)) == MIXED


@pytest.mark.parametrize("text", ["", "conv", "relu3", "fc10k3", "max2k3", "pool2", "fc 10"])
def test_what_is_no_layer_is_refused(text: str) -> None:
    with pytest.raises(ArithmeticInputError, match=r"no layer|has 0 layers"):
        parse_layers(text)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("conv8k5, fc10", r"Layer 2 \(fc10\): it reads a vector; put flatten before it"),
        ("flatten, conv8k5", r"Layer 2 \(conv8k5\): it reads maps"),
        (
            "conv8k40, flatten, fc10",
            r"Layer 1 .* spans 40 cells and the padded input has 32",
        ),
        ("flatten, fc9", "gives 9 numbers; it must give 10"),
        ("conv10k1, gap", "gives 10×1×1 numbers"),
        ("flatten, fc2000, fc10", "at most 500,000"),
        ("flatten, dropout0, fc10", "choose 1 to 99"),
    ],
)
def test_what_cannot_work_is_said_in_one_sentence(text: str, said: str) -> None:
    assert re.search(said, problem_of(text))


def test_weights_begin_as_torchs_do_and_equal_seeds_alike() -> None:
    rows = rows_of("flatten, fc300, relu, fc10")
    one, other = build_layers(rows, seed=4), build_layers(rows, seed=4)
    assert all(torch.equal(a, b) for a, b in zip(one.parameters(), other.parameters(), strict=True))
    third, fresh = build_layers(rows, seed=5), nn.Linear(1024, 300)
    for name in ("weight", "bias"):
        drawn = one.get_parameter(f"fc1.{name}").detach()
        assert not torch.equal(drawn, third.get_parameter(f"fc1.{name}"))
        spread = fresh.get_parameter(name).detach().std()
        assert float(drawn.std()) == pytest.approx(float(spread), rel=0.15)


def test_dropout_keeps_the_mean_and_is_off_in_evaluation() -> None:
    layer = SeededDropout(0.25, torch.Generator().manual_seed(0))
    x = torch.ones(100, 1000)
    found = layer(x)
    assert float(found.mean()) == pytest.approx(1, abs=0.01)
    assert found.unique().tolist() == pytest.approx([0, 1 / 0.75])
    assert torch.equal(layer.eval()(x), x)

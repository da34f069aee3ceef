"""Sizes and costs of a layer, against printed lectures and against torch."""

import json
from pathlib import Path
from typing import Any

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from cnnviz.costs.arithmetic import (
    convolution_multiply_adds,
    convolution_parameters,
    linear_parameters,
    output_size,
    unread_cells,
)
from cnnviz.errors import ArithmeticInputError

LECTURES = json.loads(
    (Path(__file__).parent.parent / "vectors" / "lectures.json").read_text(encoding="utf-8")
)


@pytest.mark.parametrize("case", LECTURES["output_size"]["cases"], ids=str)
def test_output_sizes_that_lectures_print(case: dict[str, Any]) -> None:
    numbers = {"kernel": case["f"], "stride": case["stride"], "padding": case["padding"]}
    size = output_size(case["n"], **numbers)
    unread = unread_cells(case["n"], **numbers)
    assert size == case.get("out", case.get("out_floor"))
    assert (unread == 0) == case.get("fits", unread == 0)
    if "exact" in case:
        assert size + unread / case["stride"] == pytest.approx(case["exact"])


def test_parameters_that_a_lecture_prints() -> None:
    case = LECTURES["parameters"][0]
    assert case["what"].startswith("10 filters 5x5 on 32x32x3, stride 1, pad 2")
    assert convolution_parameters(3, 1, kernel=(5, 5)) == case["params_per_filter"]
    assert convolution_parameters(3, 10, kernel=(5, 5)) == case["params"]
    side = output_size(32, kernel=5, stride=1, padding=2)
    assert [10, side, side] == case["output"]


def test_costs_of_alexnets_first_and_sixth_layer() -> None:
    exact = LECTURES["alexnet_227_64_filters"]["exact"]
    assert convolution_parameters(3, 64, kernel=(11, 11)) == exact["conv1_params"]
    flop = convolution_multiply_adds(3, 64, kernel=(11, 11), output=(56, 56))
    assert flop == exact["conv1_flop"]
    assert linear_parameters(9216, 4096, bias=False) == exact["fc6_weights"]


@given(
    size=st.integers(1, 40),
    kernel=st.integers(1, 7),
    stride=st.integers(1, 5),
    padding=st.integers(0, 3),
    dilation=st.integers(1, 3),
    ceil_mode=st.booleans(),
)
def test_output_size_is_torchs(
    size: int, kernel: int, stride: int, padding: int, dilation: int, ceil_mode: bool
) -> None:
    padding = min(padding, kernel // 2)
    numbers = {"kernel": kernel, "stride": stride, "padding": padding, "dilation": dilation}
    if size + 2 * padding < dilation * (kernel - 1) + 1:
        with pytest.raises(ArithmeticInputError, match="The kernel spans"):
            output_size(size, **numbers)  # type: ignore[arg-type]
        return
    pool = nn.MaxPool1d(kernel, stride, padding, dilation, ceil_mode=ceil_mode)
    expected = pool(torch.zeros(1, 1, size)).shape[-1]
    assert output_size(size, ceil_mode=ceil_mode, **numbers) == expected


@pytest.mark.parametrize("groups", [1, 2, 4])
def test_parameters_are_torchs(groups: int) -> None:
    convolution = nn.Conv2d(8, 12, (3, 5), groups=groups)
    expected = sum(parameter.numel() for parameter in convolution.parameters())
    assert convolution_parameters(8, 12, kernel=(3, 5), groups=groups) == expected
    without = sum(p.numel() for p in nn.Conv2d(8, 12, 3, groups=groups, bias=False).parameters())
    assert convolution_parameters(8, 12, kernel=(3, 3), groups=groups, bias=False) == without


@pytest.mark.parametrize(
    ("numbers", "sentence"),
    [
        ({"size": 7, "kernel": 0}, r"K = 0 cannot be put into .* it must be 1 or more"),
        ({"size": 7, "kernel": 3, "stride": 0}, r"S = 0 cannot be put into"),
        ({"size": 7, "kernel": 3, "padding": -1}, r"P = -1 cannot .* it must be 0 or more"),
        ({"size": 7, "kernel": 3, "dilation": 0}, r"D = 0 cannot"),
        ({"size": 0, "kernel": 3}, r"N = 0 cannot"),
        (
            {"size": 7, "kernel": 5, "padding": 1, "dilation": 3},
            r"spans 13 cells and the padded input has 9; .*N = 7, P = 1, D = 3, K = 5, S = 1",
        ),
    ],
)
def test_numbers_that_make_no_layer_are_named(numbers: dict[str, int], sentence: str) -> None:
    with pytest.raises(ArithmeticInputError, match=sentence):
        output_size(**numbers)  # type: ignore[arg-type]


def test_bad_counts_are_named() -> None:
    with pytest.raises(ArithmeticInputError, match="3 groups do not divide 4 input and 6 output"):
        convolution_parameters(4, 6, kernel=(3, 3), groups=3)
    with pytest.raises(ArithmeticInputError, match="channels_out is 0; it must be 1 or more"):
        convolution_parameters(4, 0, kernel=(3, 3))
    with pytest.raises(ArithmeticInputError, match="size_out is 0"):
        convolution_multiply_adds(4, 6, kernel=(3, 3), output=(0, 5))
    with pytest.raises(ArithmeticInputError, match="features_in is -1"):
        linear_parameters(-1, 6)

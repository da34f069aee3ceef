"""Filters over channels: sums by hand, torch's convolution and transposed convolution."""

from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.nn import functional

from cnnviz.activations.volumes import (
    apply_filters,
    format_filters,
    parse_channels,
    parse_filters,
)
from cnnviz.errors import ArithmeticInputError


def draw(channels: int, filters: int, side: int, kernel: int) -> tuple[torch.Tensor, torch.Tensor]:
    numbers = np.random.default_rng(side)
    x = torch.from_numpy(numbers.normal(size=(channels, side, side + 1)))
    return x, torch.from_numpy(numbers.normal(size=(filters, channels, kernel, kernel)))


@given(
    channels=st.integers(1, 3),
    filters=st.integers(1, 4),
    side=st.integers(4, 9),
    kernel=st.integers(1, 3),
    stride=st.integers(1, 3),
    padding=st.integers(0, 2),
    dilation=st.integers(1, 2),
)
def test_both_are_torchs(
    channels: int, filters: int, side: int, kernel: int, stride: int, padding: int, dilation: int
) -> None:
    x, w = draw(channels, filters, side, kernel)
    window: dict[str, Any] = {"stride": stride, "padding": padding, "dilation": dilation}
    reach = dilation * (kernel - 1) + 1
    if reach <= side + 2 * padding:
        found = apply_filters(x.numpy(), w.numpy(), bias=0.5, **window)
        bias = torch.full((filters,), 0.5, dtype=torch.float64)
        expected = functional.conv2d(x[None], w, bias, **window)[0]
        np.testing.assert_allclose(found.maps, expected.numpy(), atol=1e-12)
    if stride * (side - 1) + reach > 2 * padding:
        found = apply_filters(x.numpy(), w.numpy(), is_transposed=True, **window)
        # torch's weights of a transposed convolution are (C_in, C_out, K, K).
        expected = functional.conv_transpose2d(x[None], w.transpose(0, 1), **window)[0]
        np.testing.assert_allclose(found.maps, expected.numpy(), atol=1e-12)
        assert found.maps.shape == found.count.output


def test_the_sum_over_channels_by_hand() -> None:
    x = parse_channels("1 2, 3 4; 5 6, 7 8", name="The input", most=4)
    w = parse_filters("1 0, 0 1; 0 1, 1 0 / 0 0, 0 0; 1 1, 1 1", channels=2)
    # 1 + 4 + 6 + 7, and 5 + 6 + 7 + 8; halved, plus 1.
    found = apply_filters(x, w, divisor=2, bias=1)
    assert found.maps.tolist() == [[[10.0]], [[14.0]]]
    # Two filters of two 2×2 kernels, each with a bias.
    assert found.count.parameters == 2 * (2 * 4 + 1)


def test_a_transposed_convolution_by_hand() -> None:
    """Stride 1: the windows of 1 and 10 overlap in the middle column."""
    x = parse_channels("1 10", name="The input", most=4)
    w = parse_filters("1 2, 3 4", channels=1)
    assert apply_filters(x, w, is_transposed=True).maps.tolist() == [[[1, 12, 20], [3, 34, 40]]]
    apart = apply_filters(x, w, is_transposed=True, stride=2)
    assert apart.maps.tolist() == [[[1, 2, 10, 20], [3, 4, 30, 40]]]
    assert apart.is_transposed


def test_the_transposed_convolution_is_the_convolutions_adjoint() -> None:
    x, w = (one.numpy() for one in draw(2, 3, 7, 3))
    y = np.random.default_rng(1).normal(size=(3, 3, 3))
    forward = apply_filters(x[:, :, :7], w, stride=2)
    back = apply_filters(y, w.transpose(1, 0, 2, 3), is_transposed=True, stride=2)
    assert float((forward.maps * y).sum()) == pytest.approx(float((x[:, :, :7] * back.maps).sum()))


def test_filters_are_written_and_read() -> None:
    text = "1 0, 0 -1; 2 2, 2 2 / 0 0, 0 0; 1 1, 1 1"
    assert format_filters(parse_filters(text, channels=2)) == text
    assert parse_filters(text, channels=1).shape == (2, 1, 2, 2)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("1 0, 0 1", "1 kernels"),
        ("1 2; 1 2", "1×2"),
        ("1; 1 / 1 1, 1 1; 1 1, 1 1", "2×2"),
        ("", "no"),
    ],
)
def test_bad_filters_are_told(text: str, said: str) -> None:
    with pytest.raises(ArithmeticInputError, match=said):
        parse_filters(text, channels=2)


def test_bad_channels_and_windows_are_told() -> None:
    with pytest.raises(ArithmeticInputError, match="2×2, 1×2"):
        parse_channels("1 0, 0 1; 1 2", name="The input", most=4)
    with pytest.raises(ArithmeticInputError, match="divisor"):
        apply_filters(np.ones((1, 2, 2)), np.ones((1, 1, 1, 1)), divisor=0)
    with pytest.raises(ArithmeticInputError, match="nothing is left"):
        apply_filters(np.ones((1, 1, 1)), np.ones((1, 1, 1, 1)), is_transposed=True, padding=1)

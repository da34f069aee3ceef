"""Stacks against published fields, hand-worked sums, the lectures, and the gradient's support."""

import json
from pathlib import Path

import pytest
import torch
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from torch import Tensor, nn

from cnnviz.errors import ArithmeticInputError
from cnnviz.receptive_fields.stacks import (
    StackKind,
    StackLayer,
    StackRow,
    format_stack,
    grow_stack,
    list_read_cells,
    parse_stack,
)
from cnnviz.receptive_fields.theoretical import Window

VECTORS = json.loads((Path(__file__).parent.parent / "vectors" / "lectures.json").read_text())
VGG16 = "3p1 3p1 m2 3p1 3p1 m2 3p1 3p1 3p1 m2 3p1 3p1 3p1 m2 3p1 3p1 3p1 m2"


def grow(text: str, *, size: int, channels: int = 1) -> tuple[StackRow, ...]:
    return grow_stack(parse_stack(text), size=size, channels=channels)


# Fields after every convolution and pooling of VGG-16, worked by hand from the recursion; the last
# (212, jump 32) is the value printed by Araujo, Norris and Sim 2019 for vgg_16.
def test_vgg16() -> None:
    rows = grow(VGG16, size=224)
    assert [row.field for row in rows] == [
        *(3, 5, 6),
        *(10, 14, 16),
        *(24, 32, 40, 44),
        *(60, 76, 92, 100),
        *(132, 164, 196, 212),
    ]
    assert [row.jump for row in rows] == [
        *(1, 1, 2),
        *(2, 2, 4),
        *(4, 4, 4, 8),
        *(8, 8, 8, 16),
        *(16, 16, 16, 32),
    ]
    assert rows[-1].size == 7
    assert rows[-1].start == -90


# AlexNet's conv5 163 and pool5 195, jump 32: Araujo et al. 2019 (alexnet_v2).
def test_alexnet() -> None:
    rows = grow("11s4p2 m3s2 5p2 m3s2 3p1 3p1 3p1 m3s2", size=224)
    assert [row.field for row in rows] == [11, 19, 51, 67, 99, 131, 163, 195]
    assert [row.jump for row in rows] == [4, 8, 8, 16, 16, 16, 16, 32]
    assert [row.size for row in rows] == [55, 27, 27, 13, 13, 13, 13, 6]


# Araujo et al. 2019 print 315 for mobilenet_v1 and 483 for resnet_v1_50 (whose stages end, not
# begin, with their stride). Convolutions of 1×1 change nothing and are left out.
@pytest.mark.parametrize(
    ("text", "field"),
    [
        ("3s2 3 3s2 3 3s2 3 3s2 3 3 3 3 3 3s2 3", 315),
        ("7s2 m3s2 3 3 3s2 3 3 3 3s2 3 3 3 3 3 3s2 3 3 3", 483),
    ],
)
def test_published_fields(text: str, field: int) -> None:
    rows = grow(text, size=512)
    assert rows[-1].field == field
    assert rows[-1].jump == 32


def test_lenet() -> None:
    rows = grow("5 a2 5 a2 5", size=32)
    assert [(row.size, row.field, row.jump) for row in rows] == [
        *((28, 5, 1), (14, 6, 2)),
        *((10, 14, 2), (5, 16, 4)),
        (1, 32, 4),
    ]


def test_dilation_doubles_the_reach_of_each_layer() -> None:
    rows = grow("3 3d2 3d4", size=21)
    assert [row.field for row in rows] == [3, 7, 15]  # 2^(l+1) − 1: Yu and Koltun 2016


@pytest.mark.parametrize("channels", [1, 3, 64])
@pytest.mark.parametrize(
    ("what", "kernel"), [("C channels: 5x5 vs two 3x3", 5), ("C channels: 7x7 vs three 3x3", 7)]
)
def test_weights_of_the_lecture(what: str, kernel: int, channels: int) -> None:
    [vector] = [entry for entry in VECTORS["parameters"] if entry["what"] == what]
    single, stack = (int(vector[name].split("*")[0]) for name in ("single", "stack"))
    count = single_and_stack(kernel, channels=channels)
    assert count == (single * channels**2, stack * channels**2)


def single_and_stack(kernel: int, *, channels: int) -> tuple[int, int]:
    """Weights of one k×k convolution, and of the stack of 3×3 that sees as much."""
    one = grow(str(kernel), size=16, channels=channels)
    many = grow(", ".join(["3"] * (kernel // 2)), size=16, channels=channels)
    assert one[-1].field == many[-1].field
    return sum(row.parameters for row in one), sum(row.parameters for row in many)


# 225 and 162 weights, 7×7 to 3×3: printed in the lecture for three channels.
def test_three_channels_of_the_lecture() -> None:
    assert single_and_stack(5, channels=3) == (225, 162)
    assert grow("5", size=7)[-1].size == grow("3 3", size=7)[-1].size == 3


def test_multiply_adds_by_hand() -> None:
    # 13 − 6 = 7: 7·7 outputs of 49·2·2; then 11, 9 and 7 a side with 9·2·2 each.
    assert grow("7", size=13, channels=2)[0].multiply_adds == 49 * 49 * 4
    costs = [row.multiply_adds for row in grow("3 3 3", size=13, channels=2)]
    assert costs == [121 * 36, 81 * 36, 49 * 36]
    assert [row.parameters for row in grow("m2 a2", size=8)] == [0, 0]


def test_a_stride_that_does_not_divide_drops_pixels() -> None:
    # 16 pixels, windows of 3 every 2: they start at 0, 2, .. 12 and end at 14; pixel 15 is unread.
    rows = grow("3s2", size=16)
    assert (rows[0].size, rows[0].unread) == (7, 1)
    assert list_read_cells(rows)[0] == frozenset(range(15))
    # Kernel 1 every 3: only 0, 3, 6.
    assert list_read_cells(grow("1s3", size=8))[0] == {0, 3, 6}
    # The second layer drops cell 3 of four, and with it pixel 7 alone: 5 and 6 are shared.
    rows = grow("2s2 3s2", size=8)
    assert [sorted(cells) for cells in list_read_cells(rows)] == [list(range(6)), [0, 1, 2], [0]]


@pytest.mark.parametrize(
    ("text", "layers"),
    [
        ("3", [("conv", 3, 1, 0, 1)]),
        ("3, c5p2 7s2p3d1", [("conv", 3, 1, 0, 1), ("conv", 5, 1, 2, 1), ("conv", 7, 2, 3, 1)]),
        ("m2", [("max pool", 2, 2, 0, 1)]),
        ("M3S2,a2s1", [("max pool", 3, 2, 0, 1), ("avg pool", 2, 1, 0, 1)]),
        ("3d4p4s0", [("conv", 3, 0, 4, 4)]),
    ],
)
def test_notation(text: str, layers: list[tuple[str, int, int, int, int]]) -> None:
    expected = tuple(
        StackLayer(StackKind(kind), Window(kernel, stride, padding, dilation))
        for kind, kernel, stride, padding, dilation in layers
    )
    assert parse_stack(text) == expected
    assert parse_stack(format_stack(expected)) == expected


@pytest.mark.parametrize(
    "text", ["", " , ", "x3", "3x3", "3s", "s2", "3s1s2", "-3", "3.5", "3p1q", "1234", "3 " * 21]
)
def test_what_is_no_stack_is_refused(text: str) -> None:
    with pytest.raises(ArithmeticInputError, match=r"layers; write 1 to 20|is no layer; write"):
        parse_stack(text)


@pytest.mark.parametrize(
    ("text", "size", "said"),
    [
        ("9", 8, r"Layer 1 \(conv 9×9\): .*pad more.*N = 8, P = 0, D = 1, K = 9, S = 1"),
        ("3 3s0", 8, r"Layer 2 \(conv 3×3, stride 0\): S = 0 .*must be 1 or more"),
        ("0", 8, r"K = 0"),
        ("3d0", 8, r"D = 0"),
        ("m2 m2 m2 m2", 8, r"Layer 4 .*N = 1.*K = 2"),
        ("m2p2", 8, r"P = 2 is more than half of K = 2.*set P to 1"),
        ("a2d2", 8, r"D = 2, but an average pooling has no dilation"),
        ("64", 100, r"K = 64 is too large to draw; take 63 or less"),
        ("3s99", 100, r"S = 99 is too large"),
        ("1p63 1p63 1p63 1p63 1p63", 512, r"Layer 5 .*it has 1142 cells.*pad less"),
        ("3s63p1 " * 4, 8, r"Layer 4 .*a jump of 250047.*smaller strides"),
        ("3", 0, r"The input size is 0; choose 1 to 512"),
        ("3", 513, r"The input size is 513"),
    ],
)
def test_what_makes_no_layer_gets_its_numbers(text: str, size: int, said: str) -> None:
    with pytest.raises(ArithmeticInputError, match=said):
        grow(text, size=size)


def test_channels_are_bounded() -> None:
    with pytest.raises(ArithmeticInputError, match="number of channels is 0"):
        grow("3", size=8, channels=0)


windows = st.builds(
    Window,
    kernel=st.integers(1, 4),
    stride=st.integers(1, 3),
    padding=st.integers(0, 2),
    dilation=st.integers(1, 3),
)
stacks = st.lists(
    st.builds(StackLayer, st.just(StackKind.CONVOLUTION), windows), min_size=1, max_size=4
)


def run_ones(layers: list[StackLayer], size: int) -> tuple[Tensor, Tensor]:
    """The input and the output of 1-D convolutions of ones."""
    x = torch.ones(1, 1, size, dtype=torch.float64, requires_grad=True)
    y = x
    for layer in layers:
        window = layer.window
        convolution = nn.Conv1d(
            1, 1, window.kernel, window.stride, window.padding, window.dilation, bias=False
        ).double()
        nn.init.ones_(convolution.weight)
        y = convolution(y)
    return x, y


@settings(max_examples=150, deadline=None)
@given(layers=stacks, size=st.integers(1, 40), data=st.data())
def test_field_is_the_support_of_the_gradient(
    layers: list[StackLayer], size: int, data: st.DataObject
) -> None:
    try:
        rows = grow_stack(layers, size=size)
    except ArithmeticInputError:
        with pytest.raises(RuntimeError):  # torch cannot run it either
            run_ones(layers, size)
        return
    x, y = run_ones(layers, size)
    assert y.shape[-1] == rows[-1].size
    cell = data.draw(st.integers(0, rows[-1].size - 1))
    (gradient,) = torch.autograd.grad(y[0, 0, cell], x, retain_graph=True)
    reached = gradient[0, 0].nonzero()[:, 0].tolist()
    first = rows[-1].start + cell * rows[-1].jump
    last = first + rows[-1].field - 1
    assert all(first <= index <= last for index in reached)
    if first >= 0 and last < size:
        assert (reached[0], reached[-1]) == (first, last)


@settings(max_examples=100, deadline=None)
@given(layers=stacks, size=st.integers(1, 40))
def test_unread_pixels_have_no_gradient(layers: list[StackLayer], size: int) -> None:
    try:
        rows = grow_stack(layers, size=size)
    except ArithmeticInputError:
        assume(False)
    x, y = run_ones(layers, size)
    (gradient,) = torch.autograd.grad(y.sum(), x)
    assert list_read_cells(rows)[0] == set(gradient[0, 0].nonzero()[:, 0].tolist())


def test_an_empty_stack_reads_nothing() -> None:
    assert list_read_cells(()) == ()

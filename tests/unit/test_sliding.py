"""A kernel slid over a grid: the lectures' kernels and pooling, hand-worked sums, and torch."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.nn import functional

from cnnviz.activations.sliding import (
    KERNELS,
    convolve,
    format_grid,
    list_first_filters,
    parse_grid,
    parse_kernel,
    pool,
    read_grey,
    rectify,
)
from cnnviz.errors import ArithmeticInputError
from cnnviz.figures.sliding import describe_sizes, write_map_csv
from cnnviz.networks.load import load_model
from cnnviz.networks.weights.files import list_weights
from cnnviz.receptive_fields.stacks import StackKind
from cnnviz.web.pages.convolution.scenes import LECTURE_POOLING
from tests.bundled import BUNDLED_NETWORKS
from tests.quick import each

LECTURES = json.loads(
    (Path(__file__).parent.parent / "vectors" / "lectures.json").read_text(encoding="utf-8")
)
POOLING = LECTURES["pooling_2x2_stride_2"]
POOLS = {"max": StackKind.MAX_POOLING, "average": StackKind.AVERAGE_POOLING}


@pytest.mark.parametrize(
    ("name", "printed", "divisor"),
    [
        ("edge", "edge", 1),
        ("sharpen", "sharpen", 1),
        ("box blur", "box_blur_times_9", 9),
        ("Gaussian blur", "gaussian_blur_times_16", 16),
    ],
)
def test_the_kernels_are_the_lectures(name: str, printed: str, divisor: int) -> None:
    text, divided_by = KERNELS[name]
    assert parse_kernel(text).tolist() == LECTURES["kernels_3x3"][printed]
    assert divided_by == divisor


def test_no_kernel_of_the_lectures_is_left_out() -> None:
    assert len(LECTURES["kernels_3x3"]) == 4


@pytest.mark.parametrize("name", POOLS)
def test_the_pooling_is_the_lectures(name: str) -> None:
    grid = np.array(POOLING["input"], dtype=float)
    pooled = pool(grid, kind=POOLS[name], kernel=2, stride=2)
    assert pooled.values.tolist() == POOLING[name]
    assert (pooled.unread_rows, pooled.unread_columns) == ((), ())


def test_the_page_has_the_lectures_pooling_as_it_is() -> None:
    grid = parse_grid(LECTURE_POOLING["numbers"], name="The input", most=32)
    assert grid.tolist() == POOLING["input"]
    # The 1×1 kernel hands it on.
    assert (
        convolve(grid, parse_kernel(LECTURE_POOLING["kernel"])).values.tolist() == POOLING["input"]
    )


# By hand, for the edge kernel on a 3×3 square of nines: 8·9 − 8·9 in its middle, 8·9 − 5·9 beside
# its edge, 8·9 − 3·9 in its corner, −3·9 outside of an edge, −9 outside of a corner.
def test_edges_of_a_square_by_hand() -> None:
    grid = np.zeros((7, 7))
    grid[2:5, 2:5] = 9
    slide = convolve(grid, parse_kernel(KERNELS["edge"][0]))
    assert slide.values.tolist() == [
        [-9, -18, -27, -18, -9],
        [-18, 45, 27, 45, -18],
        [-27, 27, 0, 27, -27],
        [-18, 45, 27, 45, -18],
        [-9, -18, -27, -18, -9],
    ]
    assert rectify(slide.values)[0].tolist() == [0, 0, 0, 0, 0]
    assert rectify(slide.values)[1].tolist() == [0, 45, 27, 45, 0]


def test_divisor_and_bias_by_hand() -> None:
    grid = np.arange(9.0).reshape(3, 3)
    blur, nine = KERNELS["box blur"]
    # 0 + 1 + … + 8 = 36.
    assert convolve(grid, parse_kernel(blur), divisor=nine, bias=-1.5).values.tolist() == [[2.5]]


def test_what_a_stride_drops() -> None:
    kernel = parse_kernel(KERNELS["edge"][0])
    slide = convolve(np.ones((7, 8)), kernel, stride=3)
    assert slide.values.shape == (2, 2)
    assert (slide.unread_rows, slide.unread_columns) == ((6,), (6, 7))
    assert "No window reads row 6 or columns 6, 7" in describe_sizes(slide)
    # With dilation 2 and stride 4 a window reads 0, 2, 4; a second would need 4, 6, 8.
    dilated = convolve(np.ones((7, 7)), kernel, stride=4, dilation=2)
    assert dilated.unread_rows == (1, 3, 5, 6)


@given(
    height=st.integers(3, 12),
    width=st.integers(3, 12),
    side=st.integers(1, 3),
    stride=st.integers(1, 4),
    padding=st.integers(0, 3),
    dilation=st.integers(1, 2),
    seed=st.integers(0, 99),
)
def test_the_convolution_is_torchs(
    height: int, width: int, side: int, stride: int, padding: int, dilation: int, seed: int
) -> None:
    if dilation * (side - 1) + 1 > min(height, width) + 2 * padding:
        return
    numbers = np.random.default_rng(seed)
    grid, kernel = numbers.normal(size=(height, width)), numbers.normal(size=(side, side))
    ours = convolve(grid, kernel, stride=stride, padding=padding, dilation=dilation, bias=0.5)
    expected = functional.conv2d(
        torch.from_numpy(grid)[None, None],
        torch.from_numpy(kernel)[None, None],
        bias=torch.tensor([0.5], dtype=torch.float64),
        stride=stride,
        padding=padding,
        dilation=dilation,
    )
    np.testing.assert_allclose(ours.values, expected[0, 0].numpy(), atol=1e-12)


@pytest.mark.parametrize("stride", [1, 2, 3])
def test_the_poolings_are_torchs(stride: int) -> None:
    grid = np.random.default_rng(0).normal(size=(9, 8))
    x = torch.from_numpy(grid)[None, None]
    for kind, function in (
        (StackKind.MAX_POOLING, functional.max_pool2d),
        (StackKind.AVERAGE_POOLING, functional.avg_pool2d),
    ):
        ours = pool(grid, kind=kind, kernel=3, stride=stride).values
        np.testing.assert_allclose(ours, function(x, 3, stride)[0, 0].numpy(), atol=1e-12)


def test_what_no_window_reads_changes_nothing() -> None:
    numbers = np.random.default_rng(1)
    grid, kernel = numbers.normal(size=(8, 9)), numbers.normal(size=(3, 3))
    slide = convolve(grid, kernel, stride=4, padding=1)
    changed = grid.copy()
    changed[list(slide.unread_rows)] = 1e6
    changed[:, list(slide.unread_columns)] = 1e6
    assert slide.unread_rows
    assert slide.unread_columns
    assert convolve(changed, kernel, stride=4, padding=1).values.tolist() == slide.values.tolist()


@pytest.mark.parametrize("name", each(list_weights(), BUNDLED_NETWORKS))
def test_a_grey_picture_through_all_of_a_filter_is_one_sum_kernel(name: str) -> None:
    model = load_model(name)
    found = list_first_filters(model.graph)
    if found is None:
        pytest.skip(f"{name} has no square kernel on its picture")
    title, kernels = found
    layer = next(layer for layer in model.graph.layers if layer.title == title)
    assert isinstance(layer.module, torch.nn.Conv2d)
    side = kernels.shape[1]
    grey = np.random.default_rng(2).uniform(size=(side, side))
    x = torch.from_numpy(grey).float().expand(1, layer.module.in_channels, side, side)
    expected = functional.conv2d(x, layer.module.weight)[0, :, 0, 0]
    ours = [float(convolve(grey, kernel).values[0, 0]) for kernel in kernels]
    np.testing.assert_allclose(ours, expected.numpy(), rtol=1e-4, atol=1e-4)


def test_grey_levels() -> None:
    pixels = np.array([[[255, 255, 255], [255, 0, 0], [0, 255, 0], [0, 0, 255]]], dtype=np.uint8)
    assert read_grey(pixels).tolist() == [[255, 76, 150, 29]]


def test_tables_are_read_as_they_are_written() -> None:
    assert format_grid(np.array([[1.0, -0.5], [0.12345, -0.0001]])) == "1 -0.5, 0.123 0"
    assert parse_grid("1 −2,\n .5 1e1,", name="The input", most=3).tolist() == [[1, -2], [0.5, 10]]
    assert write_map_csv(np.array([[1.0, -2.5]])) == "1.0,-2.5\n"


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (" , ", "The kernel is empty"),
        ("1 2, 3", "rows of 2, 1 numbers"),
        ("1 2 3, 4 5 6", "The kernel is 2×3; make it square"),
        ("1 x, 2 3", "“x” in the kernel is no number"),
        ("1 nan, 2 3", "“nan” in the kernel is no number"),
        ("1 1e9, 2 3", "no number from −9999 to 9999"),
        (", ".join(["1 " * 12] * 12), "The kernel is 12×12; take at most 11×11"),
    ],
)
def test_bad_kernels_are_told(text: str, sentence: str) -> None:
    with pytest.raises(ArithmeticInputError, match=sentence):
        parse_kernel(text)


@pytest.mark.parametrize(
    ("numbers", "sentence"),
    [
        ({"stride": 0}, "The conv 3×3, stride 0 does not work: S = 0 cannot be put into"),
        ({"dilation": 3}, "The kernel spans 7 cells and the padded input has 4; pad more"),
        ({"padding": -1}, "P = -1 cannot be put into"),
        ({"divisor": 0}, "The divisor is 0"),
    ],
)
def test_windows_that_do_not_fit_are_told(numbers: dict[str, int], sentence: str) -> None:
    kernel = parse_kernel(KERNELS["edge"][0])
    with pytest.raises(ArithmeticInputError, match=sentence):
        convolve(np.zeros((4, 4)), kernel, **numbers)

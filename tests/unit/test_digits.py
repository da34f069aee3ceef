"""Strokes and pictures to LeNet's input; expected values worked by hand."""

import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from cnnviz.digits import mnist
from cnnviz.errors import DrawingError


def test_a_square_of_ink_fills_the_middle_20_by_20() -> None:
    ink = np.zeros((50, 60), dtype=np.float32)
    ink[5:15, 30:40] = 1
    field = mnist.center_digit(ink)
    # A 10x10 square scales to 20x20; its mass centre goes to 14, so it covers 4 to 23.
    expected = np.zeros((28, 28), dtype=np.float32)
    expected[4:24, 4:24] = 1
    np.testing.assert_array_equal(field, expected)


def test_a_tall_bar_keeps_its_proportions() -> None:
    ink = np.zeros((100, 100), dtype=np.float32)
    ink[10:90, 50:62] = 1  # 80 tall, 12 wide: 20 tall, 3 wide
    field = mnist.center_digit(ink)
    assert np.flatnonzero(field.any(axis=1)).tolist() == list(range(4, 24))
    assert np.flatnonzero(field.any(axis=0)).tolist() == [13, 14, 15]


def test_the_center_of_mass_goes_to_the_middle() -> None:
    # An L: a 20-tall bar, 4 wide, and a foot to the right; the box is 20x20 already.
    ink = np.zeros((28, 28), dtype=np.float32)
    ink[2:22, 3:7] = 1
    ink[18:22, 3:23] = 1
    field = mnist.center_digit(ink)
    rows, columns = np.indices(field.shape)
    mass = field.sum()
    # MNIST's middle is pixel 14; whole-pixel shifts come within half a pixel of it.
    assert abs((rows * field).sum() / mass - 14) <= 0.5
    assert abs((columns * field).sum() / mass - 14) <= 0.5
    assert field.sum() == ink.sum()


def test_shifting_on_the_pad_changes_nothing() -> None:
    stroke = ((0.2, 0.2), (0.5, 0.25), (0.45, 0.6))
    moved = tuple((x + 40 / 159, y + 24 / 159) for x, y in stroke)  # whole pixels of the raster
    first = mnist.to_input(mnist.rasterize_strokes((stroke,), pen=0.1))
    second = mnist.to_input(mnist.rasterize_strokes((moved,), pen=0.1))
    assert torch.equal(first, second)


def test_no_ink_is_all_paper() -> None:
    x = mnist.to_input(np.zeros((40, 40), dtype=np.float32))
    assert x.shape == (1, 1, 32, 32)
    assert torch.equal(x, torch.full((1, 1, 32, 32), -0.1))


def test_the_scale_is_the_papers() -> None:
    field = torch.zeros(28, 28)
    field[14, 14] = 1
    x = mnist.scale_ink(field)
    assert x[0, 0, 16, 16].item() == pytest.approx(1.175, abs=1e-6)  # a margin of 2 on each side
    assert x[0, 0, 0, 0].item() == pytest.approx(-0.1, abs=1e-6)
    assert x.shape == (1, 1, 32, 32)
    view = mnist.view_input(x)
    assert (view[16, 16], view[0, 0], view.sum()) == (255, 0, 255)


def test_a_point_is_a_disc_of_the_pens_width() -> None:
    ink = mnist.rasterize_strokes((((0.5, 0.5),),), pen=0.25, side=160)
    radius = 0.25 * 160 / 2
    assert ink.sum() == pytest.approx(math.pi * radius**2, rel=0.06)
    assert set(np.unique(ink)) == {0, 1}


def test_dark_ink_on_paper_equals_chalk_on_a_board() -> None:
    paper = np.full((40, 40, 3), 230, dtype=np.uint8)
    paper[10:30, 18:22] = 30
    board = 255 - paper
    np.testing.assert_allclose(mnist.ink_from_image(paper), mnist.ink_from_image(board), atol=1e-6)
    assert mnist.ink_from_image(paper)[20, 20] == 1
    assert mnist.ink_from_image(paper)[0, 0] == 0


def test_a_picture_of_one_colour_has_no_ink() -> None:
    assert mnist.ink_from_image(np.full((5, 7, 3), 99, dtype=np.uint8)).sum() == 0


def test_there_are_ten_samples() -> None:
    samples = mnist.sample_digits()
    assert len(samples) == 10
    assert all(mnist.rasterize_strokes(strokes, pen=0.09).any() for strokes in samples)


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        ("7", "list of strokes"),
        ({}, "list of strokes"),
        ([[]], "at least one"),
        ([[0.1, 0.2]], "not [x, y]"),
        ([[[0.1]]], "not [x, y]"),
        ([[[0.1, 0.2, 0.3]]], "not [x, y]"),
        ([[[0.1, "0.2"]]], "not [x, y]"),
        ([[[True, 0.2]]], "not [x, y]"),
        ([[[0.1, math.nan]]], "not [x, y]"),
        ([[[0.1, math.inf]]], "not [x, y]"),
        ([[[-0.01, 0.2]]], "not [x, y]"),
        ([[[0.1, 10**400]]], "not [x, y]"),
        ([[[0.1, 0.1]]] * 201, "at most 200"),
        ([[[0.1, 0.1]] * 4001], "over 4000"),
    ],
)
def test_what_is_no_drawing_is_refused(raw: object, words: str) -> None:
    with pytest.raises(DrawingError) as caught:
        mnist.check_strokes(raw)
    assert words in str(caught.value)


@pytest.mark.parametrize("pen", [0.01, 0.26, math.nan, "0.1", None, True])
def test_a_wrong_pen_is_refused(pen: object) -> None:
    with pytest.raises(DrawingError):
        mnist.check_pen(pen)


_POINTS = st.tuples(st.floats(0, 1), st.floats(0, 1)).map(list)


@given(
    raw=st.lists(st.lists(_POINTS, min_size=1, max_size=20), max_size=5),
    pen=st.floats(*mnist.PEN_RANGE),
)
def test_any_drawing_becomes_an_input_within_its_range(
    raw: list[list[list[float]]], pen: float
) -> None:
    strokes = mnist.check_strokes(raw)
    x = mnist.to_input(mnist.rasterize_strokes(strokes, pen=pen))
    assert x.shape == (1, 1, 32, 32)
    assert x.dtype == torch.float32
    assert -0.1001 <= float(x.min()) <= float(x.max()) <= 1.1751
    # The margin of 2 that makes 32 of 28 is never inked.
    assert torch.all(x[0, 0, :2] == x.new_tensor(-0.1))
    assert bool(x.max() > -0.1) == bool(strokes)

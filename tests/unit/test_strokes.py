"""Drawings in an address: what is packed is what is drawn."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from skimage.measure import approximate_polygon

from cnnviz.digits.mnist import sample_digits
from cnnviz.digits.strokes import pack_strokes, simplify_line, unpack_strokes
from cnnviz.errors import DrawingError

coordinates = st.floats(0, 1)
Drawing = tuple[tuple[tuple[float, float], ...], ...]
strokes = st.lists(st.tuples(coordinates, coordinates), min_size=1, max_size=20).map(tuple)


@given(st.lists(strokes, min_size=1, max_size=4).map(tuple))
def test_packing_again_changes_nothing(
    drawing: Drawing,
) -> None:
    once = unpack_strokes(pack_strokes(drawing))
    assert len(once) == len(drawing)
    assert unpack_strokes(pack_strokes(once)) == once


@pytest.mark.parametrize("seed", range(20))
def test_what_is_left_out_is_what_scikit_image_leaves_out(seed: int) -> None:
    dice = np.random.default_rng(seed)
    points = np.cumsum(dice.normal(scale=0.01, size=(int(dice.integers(1, 200)), 2)), axis=0)
    points[-1] = points[0] if seed % 4 == 0 else points[-1]  # some lines are closed
    expected = approximate_polygon(points, tolerance=0.003)  # type: ignore[no-untyped-call]
    assert np.array_equal(simplify_line(points, tolerance=0.003), expected)


def test_a_corner_is_kept_to_a_four_thousandth() -> None:
    corner = ((0.1, 0.1), (0.9, 0.1), (0.9, 0.8))
    (found,) = unpack_strokes(pack_strokes((corner,)))
    assert [pytest.approx(point, abs=1 / 4095) for point in corner] == list(found)


def test_points_on_a_line_are_left_out_and_a_digit_fits_in_a_link() -> None:
    line = tuple((0.1 + 0.01 * step, 0.5) for step in range(60))
    assert len(pack_strokes((line,))) == 8  # two points
    assert max(len(pack_strokes(digit)) for digit in sample_digits()) < 600


@pytest.mark.parametrize("text", ["A", "AAA", "AAA!", "ABC$AAAA"])
def test_nonsense_is_refused(text: str) -> None:
    with pytest.raises((ValueError, DrawingError)):
        unpack_strokes(text)

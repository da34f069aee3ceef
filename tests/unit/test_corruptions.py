"""Pictures made hard on purpose, against answers worked out by hand and by scikit-image."""

import numpy as np
import pytest
from skimage.util import random_noise

from cnnviz.corruptions import STRENGTHS, Corruption, corrupt
from cnnviz.errors import ImageError


def numbered(height: int = 20, width: int = 20) -> np.ndarray:
    """A picture of many different pixels."""
    values = np.arange(height * width * 3, dtype=np.int64).reshape(height, width, 3)
    return (values * 7 % 256).astype(np.uint8)


@pytest.mark.parametrize("corruption", list(Corruption))
def test_strength_zero_changes_nothing_and_the_most_does(corruption: Corruption) -> None:
    pixels = numbered()
    assert corrupt(pixels, {corruption: 0}) is pixels
    changed = corrupt(pixels, {corruption: STRENGTHS[corruption].most})
    assert changed.dtype == np.uint8
    assert changed.shape != pixels.shape or not np.array_equal(changed, pixels)


def test_half_a_turn_puts_the_last_pixel_first() -> None:
    pixels = numbered()
    assert np.array_equal(corrupt(pixels, {Corruption.ROTATION: 180}), pixels[::-1, ::-1])


def test_a_quarter_turn_is_against_the_clock_and_fills_with_the_mean() -> None:
    pixels = np.full((9, 9, 3), 100, dtype=np.uint8)
    pixels[0, 8] = 255  # top right goes to the top left
    assert (corrupt(pixels, {Corruption.ROTATION: 90})[0, 0] == 255).all()
    wide = np.full((10, 30, 3), 80, dtype=np.uint8)
    assert (corrupt(wide, {Corruption.ROTATION: 90}) == 80).all()  # outside: the mean, 80


def test_a_crop_keeps_the_middle() -> None:
    pixels = numbered(20, 40)
    assert np.array_equal(corrupt(pixels, {Corruption.CROP: 50}), pixels[5:15, 10:30])


def test_without_colour_a_pixel_is_its_luma() -> None:
    red = np.zeros((2, 2, 3), dtype=np.uint8)
    red[:, :, 0] = 255
    # ITU-R 601: 0.299 of 255 is 76; half way there red is (255 + 76) / 2 and green 76 / 2.
    assert corrupt(red, {Corruption.GREY: 100}).tolist() == [[[76, 76, 76]] * 2] * 2
    half = corrupt(red, {Corruption.GREY: 50})[0, 0].astype(int)
    assert abs(half - [165, 38, 38]).max() <= 1


def test_without_contrast_all_is_the_mean_grey() -> None:
    pixels = np.zeros((2, 2, 3), dtype=np.uint8)
    pixels[0] = 200
    assert (corrupt(pixels, {Corruption.CONTRAST: 100}) == 100).all()
    half = corrupt(pixels, {Corruption.CONTRAST: 50})
    assert half[0, 0, 0] == 150
    assert half[1, 0, 0] == 50


def test_blur_spreads_an_edge_and_keeps_the_mean() -> None:
    pixels = np.zeros((100, 100, 3), dtype=np.uint8)
    pixels[:, 50:] = 200
    row = corrupt(pixels, {Corruption.BLUR: 4})[50, :, 0].astype(float)
    # A Gaussian of deviation 4 px over an edge is its normal distribution: 84 % one deviation on.
    assert row[53] + row[54] == pytest.approx(2 * 200 * 0.841, abs=8)
    assert row.mean() == pytest.approx(100, abs=1)
    flat = np.full((9, 9, 3), 77, dtype=np.uint8)
    assert np.array_equal(corrupt(flat, {Corruption.BLUR: 10}), flat)


def test_noise_is_scikit_images() -> None:
    pixels = np.full((30, 30, 3), 128, dtype=np.uint8)
    theirs = random_noise(  # type: ignore[no-untyped-call]
        pixels / 255, mode="gaussian", var=0.2**2, rng=2012, clip=True
    )
    assert np.abs(corrupt(pixels, {Corruption.NOISE: 20}) - theirs * 255).max() <= 0.5 + 1e-6


def test_several_are_done_in_their_order() -> None:
    pixels = numbered(20, 40)
    both = corrupt(pixels, {Corruption.NOISE: 30, Corruption.CROP: 50})
    one = corrupt(corrupt(pixels, {Corruption.CROP: 50}), {Corruption.NOISE: 30})
    assert np.array_equal(both, one)


@pytest.mark.parametrize("strength", [-1, 181, float("nan")])
def test_a_strength_out_of_range_is_refused(strength: float) -> None:
    with pytest.raises(ImageError, match=r"Rotation is .*; choose 0 to 180\."):
        corrupt(numbered(), {Corruption.ROTATION: strength})


def test_what_is_no_picture_is_refused() -> None:
    with pytest.raises(ImageError, match="give uint8"):
        corrupt(np.zeros((4, 4), dtype=np.uint8), {})

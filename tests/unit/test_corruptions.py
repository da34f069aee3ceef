"""Pictures made hard on purpose, against answers worked out by hand and by scikit-image."""

import numpy as np
import pytest
from skimage.util import random_noise

from cnnviz.errors import ImageError
from cnnviz.images.corruptions import STRENGTHS, Corruption, corrupt


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
    assert corrupt(red, {Corruption.GRAY: 100}).tolist() == [[[76, 76, 76]] * 2] * 2
    half = corrupt(red, {Corruption.GRAY: 50})[0, 0].astype(int)
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


def test_shuffled_patches_are_the_same_patches_elsewhere() -> None:
    pixels = numbered(20, 40)
    shuffled = corrupt(pixels, {Corruption.SHUFFLE: 4})
    assert shuffled.shape == pixels.shape

    def cut(picture: np.ndarray) -> list[bytes]:
        boxes = [(row, column) for row in range(0, 20, 5) for column in range(0, 40, 10)]
        return [picture[row : row + 5, column : column + 10].tobytes() for row, column in boxes]

    before, after = cut(pixels), cut(shuffled)
    assert before != after
    assert sorted(before) == sorted(after)
    assert np.array_equal(corrupt(pixels, {Corruption.SHUFFLE: 1}), pixels)
    assert corrupt(pixels, {Corruption.SHUFFLE: 3}).shape == (18, 39, 3)  # the middle


def test_too_small_a_picture_is_not_cut() -> None:
    with pytest.raises(ImageError, match="has no 16 patches"):
        corrupt(numbered(8, 8), {Corruption.SHUFFLE: 16})


def test_high_pass_takes_half_of_a_wave_at_its_cut_and_all_of_a_flat_picture() -> None:
    columns = np.arange(128)
    for waves, share in ((8, 0.5), (32, 1 - 0.5**16), (2, 1 - 0.5 ** (1 / 16))):
        wave = 128 + 100 * np.sin(2 * np.pi * waves * columns / 128)
        pixels = np.broadcast_to(np.rint(wave)[None, :, None], (128, 128, 3)).astype(np.uint8)
        row = corrupt(pixels, {Corruption.HIGH_PASS: 8})[64, 32:96, 0].astype(float) - 128
        # A Gaussian's gain at w waves is 2^−(w/8)²; what is left is one less it.
        assert np.abs(row).max() == pytest.approx(100 * share, abs=6)
    flat = np.full((16, 16, 3), 77, dtype=np.uint8)
    assert (corrupt(flat, {Corruption.HIGH_PASS: 4}) == 128).all()


def disc(side: int = 120) -> tuple[np.ndarray, np.ndarray]:
    """An orange disc on a blue ground that brightens to the right, and where the disc is."""
    rows, columns = np.indices((side, side))
    inside = (rows - side / 2) ** 2 + (columns - side / 2) ** 2 < (side / 4) ** 2
    ground = np.stack([columns // 4, columns // 3, 120 + columns // 2], axis=2)
    return np.where(inside[..., None], (230, 130, 40), ground).astype(np.uint8), inside


def test_a_discs_silhouette_is_the_disc() -> None:
    pixels, inside = disc()
    drawn = corrupt(pixels, {Corruption.SILHOUETTE: 100})
    assert set(np.unique(drawn)) == {0, 255}
    black = (drawn == 0).all(axis=2)
    assert (black & inside).sum() / (black | inside).sum() > 0.9
    half = corrupt(pixels, {Corruption.SILHOUETTE: 50}).astype(int)
    assert abs(half[60, 60] - [115, 65, 20]).max() <= 1  # half of the disc's own colour
    flat = np.full((20, 20, 3), 90, dtype=np.uint8)
    assert (corrupt(flat, {Corruption.SILHOUETTE: 100}) == 255).all()


def test_a_discs_edge_is_its_circle() -> None:
    pixels, _ = disc()
    lines = (corrupt(pixels, {Corruption.EDGES: 100}) == 0).all(axis=2)
    rows, columns = np.nonzero(lines)
    radii = np.hypot(rows - 60, columns - 60)
    assert len(radii) > 2 * np.pi * 30 * 0.9
    assert np.abs(radii - 30).max() <= 3

"""Images made hard on purpose: turned, blurred, noisy, compressed, gray; or robbed of a cue.

Shape goes when an image's patches change places; texture goes with its silhouette or its edges
alone. Source: Geirhos et al. 2019, "ImageNet-trained CNNs are biased towards texture", ICLR; for
the patches Brendel and Bethge 2019, "Approximating CNNs with bag-of-local-features models", ICLR.
"""

import io
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageEnhance, ImageFilter

from cnnviz.errors import ImageError
from cnnviz.images.image import Pixels
from cnnviz.images.outlines import find_edges, find_silhouette

_SEED = 2012  # the same noise for every network and every visitor


class Corruption(StrEnum):
    """What is done to an image, in the order in which it is done."""

    ROTATION = "Rotation"
    CROP = "Crop"
    GRAY = "Gray"
    CONTRAST = "Contrast lost"
    BLUR = "Blur"
    NOISE = "Noise"
    JPEG = "JPEG"
    HIGH_PASS = "High-pass"  # noqa: S105  (no password)
    SILHOUETTE = "Silhouette"
    EDGES = "Edges"
    SHUFFLE = "Patches shuffled"


@dataclass(frozen=True, slots=True)
class Strength:
    """The strengths of a corruption.

    Attributes:
        most: The strongest.
        step: Between two strengths to choose from.
        unit: What a strength is measured in.
        least: What leaves an image as it is, as 0 always does: one patch is the whole image.
    """

    most: int
    step: int
    unit: str
    least: int = 0


STRENGTHS: dict[Corruption, Strength] = {
    Corruption.ROTATION: Strength(180, 5, "degrees counterclockwise"),
    Corruption.CROP: Strength(90, 5, "% of each side cut away"),
    Corruption.GRAY: Strength(100, 10, "% of the color taken out"),
    Corruption.CONTRAST: Strength(100, 5, "% of the contrast taken out"),
    Corruption.BLUR: Strength(10, 1, "% of the shorter side, as the Gaussian’s deviation"),
    Corruption.NOISE: Strength(100, 5, "% of the range, as the Gaussian’s deviation"),
    Corruption.JPEG: Strength(99, 1, "% of the quality taken out"),
    Corruption.HIGH_PASS: Strength(16, 1, "waves a side, below which all is taken out"),
    Corruption.SILHOUETTE: Strength(100, 10, "% of the way to black on white"),
    Corruption.EDGES: Strength(100, 10, "% of the way to lines on white"),
    Corruption.SHUFFLE: Strength(16, 1, "patches a side, put in random places", 1),
}

# What changes how hard an image is, and what takes one of its two cues away.
DIFFICULTIES = tuple(list(Corruption)[:6])
CUES = (
    Corruption.SILHOUETTE,
    Corruption.EDGES,
    Corruption.GRAY,
    Corruption.SHUFFLE,
    Corruption.BLUR,
    Corruption.HIGH_PASS,
)


def corrupt(pixels: Pixels, strengths: Mapping[Corruption, float]) -> Pixels:
    """Make an image harder.

    Args:
        pixels: (H, W, 3) uint8.
        strengths: Of each corruption, 0 to its most; those not named are 0.

    Returns:
        (h, w, 3) uint8, smaller where it was cropped; the array itself where all are 0.

    Raises:
        ImageError: `pixels` is no such image, or a strength is out of range.
    """
    if pixels.dtype != np.uint8 or pixels.ndim != 3 or pixels.shape[2] != 3 or not pixels.size:
        raise ImageError(f"pixels is {pixels.dtype} of {pixels.shape}; give uint8 (H, W, 3).")
    for corruption, strength in strengths.items():
        most = STRENGTHS[corruption].most
        if not (math.isfinite(strength) and 0 <= strength <= most):
            raise ImageError(f"{corruption} is {strength}; choose 0 to {most}.")
    for corruption, apply in _OPERATIONS.items():
        strength = strengths.get(corruption, 0)
        if strength:
            pixels = apply(pixels, strength)
    return pixels


def _rotate(pixels: Pixels, degrees: float) -> Pixels:
    """Turn about the middle; corners that come from outside get the image's mean color."""
    red, green, blue = (round(float(value)) for value in pixels.mean(axis=(0, 1)))
    turned = Image.fromarray(pixels).rotate(
        degrees, resample=Image.Resampling.BICUBIC, fillcolor=(red, green, blue)
    )
    return np.array(turned)


def _crop(pixels: Pixels, percent: float) -> Pixels:
    """Keep the middle."""
    height, width = pixels.shape[:2]
    kept = 1 - percent / 100
    rows, columns = max(1, round(height * kept)), max(1, round(width * kept))
    top, left = (height - rows) // 2, (width - columns) // 2
    return pixels[top : top + rows, left : left + columns]


def _fade(pixels: Pixels, percent: float) -> Pixels:
    return np.array(ImageEnhance.Color(Image.fromarray(pixels)).enhance(1 - percent / 100))


def _flatten(pixels: Pixels, percent: float) -> Pixels:
    return np.array(ImageEnhance.Contrast(Image.fromarray(pixels)).enhance(1 - percent / 100))


def _blur(pixels: Pixels, percent: float) -> Pixels:
    deviation = percent / 100 * min(pixels.shape[:2])
    return np.array(Image.fromarray(pixels).filter(ImageFilter.GaussianBlur(deviation)))


def _add_noise(pixels: Pixels, percent: float) -> Pixels:
    noise = np.random.default_rng(_SEED).normal(0, 255 * percent / 100, pixels.shape)
    return np.clip(np.rint(pixels + noise), 0, 255).astype(np.uint8)


def compress(pixels: Pixels, quality: int) -> Pixels:
    """Write an image as a JPEG file of this quality, 1 to 100, and read it."""
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "JPEG", quality=quality)
    return np.array(Image.open(file, formats=["JPEG"]))


def _lose_quality(pixels: Pixels, percent: float) -> Pixels:
    return compress(pixels, round(100 - percent))


def _keep_fine(pixels: Pixels, waves: float) -> Pixels:
    """Take out, around middle gray, what a Gaussian leaves that halves amplitudes at `waves`."""
    side = min(pixels.shape[:2])
    deviation = side * math.sqrt(math.log(2) / 2) / (math.pi * waves)
    coarse = np.array(Image.fromarray(pixels).filter(ImageFilter.GaussianBlur(deviation)))
    fine: Pixels = np.clip(pixels.astype(np.int16) - coarse + 128, 0, 255).astype(np.uint8)
    return fine


def _fill_silhouette(pixels: Pixels, percent: float) -> Pixels:
    return _mix(pixels, np.where(find_silhouette(pixels), 0, 255), percent)


def _draw_edges(pixels: Pixels, percent: float) -> Pixels:
    return _mix(pixels, np.where(find_edges(pixels), 0, 255), percent)


def _mix(pixels: Pixels, drawing: npt.NDArray[np.int64], percent: float) -> Pixels:
    share = percent / 100
    mixed = (1 - share) * pixels + share * drawing[:, :, None]
    return np.rint(mixed).astype(np.uint8)


def _shuffle(pixels: Pixels, patches: float) -> Pixels:
    """Cut the middle into patches × patches equal ones and put each in a random place."""
    count = round(patches)
    rows, columns = pixels.shape[0] // count, pixels.shape[1] // count
    if not rows or not columns:
        raise ImageError(f"An image of {pixels.shape[1]}×{pixels.shape[0]} has no {count} patches.")
    top = (pixels.shape[0] - count * rows) // 2
    left = (pixels.shape[1] - count * columns) // 2
    whole = pixels[top : top + count * rows, left : left + count * columns]
    cut = whole.reshape(count, rows, count, columns, 3).swapaxes(1, 2)  # (k, k, h, w, 3)
    cut = cut.reshape(count * count, rows, columns, 3)
    order = np.random.default_rng(_SEED).permutation(count * count)
    mixed = cut[order].reshape(count, count, rows, columns, 3).swapaxes(1, 2)
    return np.ascontiguousarray(mixed.reshape(whole.shape))


_OPERATIONS: dict[Corruption, Callable[[Pixels, float], Pixels]] = {
    Corruption.ROTATION: _rotate,
    Corruption.CROP: _crop,
    Corruption.GRAY: _fade,
    Corruption.CONTRAST: _flatten,
    Corruption.BLUR: _blur,
    Corruption.NOISE: _add_noise,
    Corruption.JPEG: _lose_quality,
    Corruption.HIGH_PASS: _keep_fine,
    Corruption.SILHOUETTE: _fill_silhouette,
    Corruption.EDGES: _draw_edges,
    Corruption.SHUFFLE: _shuffle,
}

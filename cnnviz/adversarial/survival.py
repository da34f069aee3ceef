"""Does an adversarial image still fool after what happens to images: JPEG, resizing, noise?"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

import numpy as np
from PIL import Image

from cnnviz.adversarial.craft import AdversarialImage, has_fooled
from cnnviz.adversarial.pixel_space import LEVELS, score_pixels
from cnnviz.images.corruptions import compress
from cnnviz.images.image import Pixels
from cnnviz.networks.load import LoadedModel, Prediction, rank_logits

Process = Callable[[Pixels], Pixels]


@dataclass(frozen=True, slots=True, eq=False)
class Survival:
    """What is left of an attack after the image was processed.

    Attributes:
        group: The kind of processing.
        name: What was done, for people.
        clean: What the network says of the original, processed.
        adversarial: What it says of the adversarial image, processed.
        keeps: Whether the original, processed, is still called as before.
        fools: Whether the adversarial image still does what was wanted.
        pixels: The adversarial image, processed.
    """

    group: str
    name: str
    clean: Prediction
    adversarial: Prediction
    keeps: bool
    fools: bool
    pixels: Pixels


def measure_survival(
    model: LoadedModel, image: AdversarialImage
) -> Iterator[tuple[float, str, tuple[Survival, ...]]]:
    """Process an adversarial image and its original in many ways and ask the network again.

    Args:
        model: The network that the image was made for.
        image: The adversarial image.

    Yields:
        The share done, the step, and the answers so far.
    """
    answers: tuple[Survival, ...] = ()
    for place, (group, name, process) in enumerate(_PROCESSES):
        pixels = process(image.pixels)
        clean = rank_logits(score_pixels(model, process(image.original)))
        adversarial = rank_logits(score_pixels(model, pixels))
        answers += (
            Survival(
                group=group,
                name=name,
                clean=clean,
                adversarial=adversarial,
                keeps=clean.ranking[0] == image.label,
                fools=has_fooled(adversarial, label=image.label, target=image.options.target),
                pixels=pixels,
            ),
        )
        yield (place + 1) / len(_PROCESSES), name, answers


def _keep(pixels: Pixels) -> Pixels:
    return pixels


def _resize(share: float) -> Process:
    def process(pixels: Pixels) -> Pixels:
        image = Image.fromarray(pixels)
        small = (max(1, round(image.width * share)), max(1, round(image.height * share)))
        bicubic = Image.Resampling.BICUBIC
        return np.array(image.resize(small, bicubic).resize(image.size, bicubic))

    return process


def _add_noise(deviation: float) -> Process:
    def process(pixels: Pixels) -> Pixels:
        noise = np.random.default_rng(0).normal(scale=deviation, size=pixels.shape)
        return np.rint(pixels + noise).clip(0, LEVELS).astype(np.uint8)

    return process


def _rotate(degrees: float) -> Process:
    """Turn about the middle; what comes in from outside is the image mirrored at its edge."""

    def process(pixels: Pixels) -> Pixels:
        height, width = pixels.shape[:2]
        top, left = height // 2, width // 2
        margins = [(top, top), (left, left), (0, 0)][: pixels.ndim]
        image = Image.fromarray(np.pad(pixels, margins, mode="symmetric"))
        turned = np.array(image.rotate(degrees, Image.Resampling.BILINEAR))
        return turned[top : top + height, left : left + width]

    return process


_QUALITIES = (95, 75, 50, 25)
_PROCESSES: tuple[tuple[str, str, Process], ...] = (
    ("as it is", "saved as PNG", _keep),
    *(
        ("JPEG", f"JPEG, quality {quality}", partial(compress, quality=quality))
        for quality in _QUALITIES
    ),
    ("resizing", "to 3/4 and back", _resize(0.75)),
    ("resizing", "to 1/2 and back", _resize(0.5)),
    *(("noise", f"noise, σ = {deviation}/255", _add_noise(deviation)) for deviation in (4, 8, 16)),
    *(("rotation", f"rotated by {degrees}°", _rotate(degrees)) for degrees in (2, 5, 10)),
)

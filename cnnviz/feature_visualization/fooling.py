"""Fooling images by gradient: noise that a network is sure about and people see nothing in.

Source: Nguyen, Yosinski and Clune 2015, "Deep neural networks are easily fooled", section on
gradient ascent: no regulariser, until the network gives the class at least 99 %.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch

from cnnviz.errors import NetworkError
from cnnviz.feature_visualization.ascent import ascend
from cnnviz.feature_visualization.evolution import read_saved
from cnnviz.feature_visualization.growth import predict_pixels
from cnnviz.feature_visualization.pixel_scale import to_pixels
from cnnviz.feature_visualization.regularizers import Settings
from cnnviz.feature_visualization.targets import target_class
from cnnviz.images.image import Pixels
from cnnviz.networks.load import LoadedModel

_STEP = Settings(step_size=0.02)
_MAX_STEPS = 200
_MAX_NOISES = 3  # some lead up a hill that ends below
_BRIGHTEST = 0.8  # of 1: so dark that LeNet-5 takes the file's ground for paper, as it should


def spread(count: int, most: int) -> tuple[int, ...]:
    """Return all of so many indices, or at most `most` of them, evenly spread."""
    shown = min(count, most)
    return tuple(place * count // shown for place in range(shown))


@dataclass(frozen=True, slots=True, eq=False)
class FoolingImage:
    """Noise that is taken for a class.

    Attributes:
        index: The class.
        before: The noise, uint8 (H, W, 3).
        after: The changed noise, uint8 (H, W, 3).
        probability: That the network gives the class after, of the image saved as PNG and opened
            again, 0 to 1.
        first_guess: What it said of the noise, and how surely.
        steps: Steps that it took.
        change: Root mean square of the change, in units of 1/255.
    """

    index: int
    before: Pixels
    after: Pixels
    probability: float
    first_guess: tuple[int, float]
    steps: int
    change: float


def fool(
    model: LoadedModel, classes: Sequence[int], *, sure: float = 0.99, seed: int = 0
) -> Iterator[tuple[float, tuple[FoolingImage, ...]]]:
    """Turn noise into fooling images, class by class; yield the share done and those so far.

    Args:
        model: The network.
        classes: Which classes.
        sure: Probability at which an image is done, above 0 and below 1.
        seed: Of the noise, uniform from 0 to 0.8 and independent in every pixel and channel;
            where it leads nowhere in 200 steps, another is tried, three in all.

    Raises:
        NetworkError: There is no such class, or `sure` is out of range.
    """
    if not 0 < sure < 1:
        raise NetworkError(f"sure is {sure}; give a probability above 0 and below 1.")
    done: tuple[FoolingImage, ...] = ()
    for place, index in enumerate(classes):
        best: FoolingImage | None = None
        for noise in range(_MAX_NOISES):
            begun = seed + index + noise * len(model.spec.classes)
            for image in _maximize(model, index, sure=sure, seed=begun):
                share = (noise * _MAX_STEPS + image.steps) / (_MAX_NOISES * _MAX_STEPS)
                yield (place + share) / len(classes), done
            if best is None or image.probability > best.probability:
                best = image
            if best.probability >= sure:
                break
        done += () if best is None else (best,)
        yield (place + 1) / len(classes), done


def _maximize(model: LoadedModel, index: int, *, sure: float, seed: int) -> Iterator[FoolingImage]:
    """Change one noise until its file is taken for the class; yield the image at each step."""
    shape = model.spec.preprocessing.shape
    noise = _BRIGHTEST * torch.rand((1, *shape), generator=torch.Generator().manual_seed(seed))
    target = target_class(model.graph, index, probability=True)
    for moment in ascend(model, target, settings=_STEP, steps=_MAX_STEPS, seed=seed, start=noise):
        pixels = to_pixels(moment.images)
        (said,) = predict_pixels(model, pixels)
        probability = float(said.probabilities[index])
        if moment.step == 0:
            before, top = pixels[0], said.ranking[0]
            first = (top, float(said.probabilities[top]))
        if probability >= sure:
            probability = float(read_saved(model, pixels[0]).probabilities[index])
        difference = pixels[0].astype(np.float64) - before
        yield FoolingImage(
            index=index,
            before=before,
            after=pixels[0],
            probability=probability,
            first_guess=first,
            steps=moment.step,
            change=float(np.sqrt((difference**2).mean())),
        )
        if probability >= sure:
            return

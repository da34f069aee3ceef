"""DeepDream: a photograph is changed so that a layer sees more of what it sees in it already.

The score is the layer's mean square; its gradient is followed on the photograph itself, from a
small copy to the full size (octaves), the detail that was dreamt being carried to the next.

Source: Mordvintsev, Olah and Tyka 2015, "Inceptionism: going deeper into neural networks", Google
Research blog. The score's gradient there is the activation itself, as of half its square.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from PIL import Image
from torch import Tensor, fx
from torch.nn import functional

from cnnviz.activations.read import build_reader
from cnnviz.errors import NetworkError
from cnnviz.feature_visualization.pixel_scale import (
    PixelScale,
    find_pixel_scale,
    from_pixels,
    to_pixels,
)
from cnnviz.images.image import Pixels
from cnnviz.networks.graph.layers import Graph, Layer
from cnnviz.networks.load import LoadedModel

MAX_SIDE = 320


@dataclass(frozen=True, slots=True)
class DreamSettings:
    """How a dream is made.

    Attributes:
        side: Longer side of the dream, in pixels, at most 320.
        octaves: Sizes that are gone through, 1 or more.
        octave_scale: From one size to the next, above 1.
        steps: Steps in each size.
        rate: Mean change of a pixel in one step, 0 to 1.
        jitter: Each step's random shift, in pixels.
    """

    side: int = 224
    octaves: int = 3
    octave_scale: float = 1.4
    steps: int = 12
    rate: float = 0.008
    jitter: int = 8


@dataclass(frozen=True, slots=True, eq=False)
class Dream:
    """A dream so far.

    Attributes:
        octave: Number of the octave, from 1.
        step: Steps done in it.
        progress: Share of the work done, 0 to 1.
        curve: Score in each step done, of all octaves.
        original: The photograph at the size of the dream, uint8 (H, W, 3).
        pixels: The dream, uint8 (h, w, 3), smaller in the first octaves.
    """

    octave: int
    step: int
    progress: float
    curve: tuple[float, ...]
    original: Pixels
    pixels: Pixels


def list_dream_layers(graph: Graph) -> tuple[Layer, ...]:
    """Return the layers that an image of any size may be shown to: maps before any vector."""
    found = []
    for layer in graph.layers[1:]:
        if not layer.is_spatial:
            break
        if layer.shape[1] * layer.shape[2] > 1:
            found.append(layer)
    return tuple(found)


def dream(
    model: LoadedModel,
    pixels: Pixels,
    *,
    layer: str,
    channel: int | None = None,
    settings: DreamSettings | None = None,
    seed: int = 0,
) -> Iterator[Dream]:
    """Dream on a photograph, step by step.

    Args:
        model: The network; it is not touched.
        pixels: The photograph, uint8 (H, W, 3).
        layer: A layer of `list_dream_layers`.
        channel: The one channel to strengthen; None for all.
        settings: How.
        seed: Of the shifts.

    Raises:
        NetworkError: The layer or channel is not there, or cannot read an image of this size.
    """
    how = settings or DreamSettings()
    allowed = {entry.name: entry for entry in list_dream_layers(model.graph)}
    if layer not in allowed:
        raise NetworkError(f"A dream needs a layer of maps; “{layer}” is none.")
    if channel is not None and not 0 <= channel < allowed[layer].shape[0]:
        raise NetworkError(f"“{allowed[layer].title}” has no channel {channel}.")
    reader = build_reader(model.graph, (layer,))
    scale = find_pixel_scale(model)
    photo = _fit_photograph(pixels, side=how.side, channels=model.spec.preprocessing.shape[0])
    original = to_pixels(photo)[0]
    sizes = _list_sizes((photo.shape[2], photo.shape[3]), settings=how)
    generator = torch.Generator().manual_seed(seed)
    curve: list[float] = []
    detail = torch.zeros_like(photo)
    for octave, size in enumerate(sizes, start=1):
        base = _resize(photo, size)
        image = (base + _resize(detail, size)).clamp(0, 1)
        for step in range(1, how.steps + 1):
            image, score = _dream_once(
                image, reader=reader, scale=scale, channel=channel, how=how, generator=generator
            )
            curve.append(score)
            yield Dream(
                octave=octave,
                step=step,
                progress=len(curve) / (how.steps * len(sizes)),
                curve=tuple(curve),
                original=original,
                pixels=to_pixels(image)[0],
            )
        detail = image - base


def _fit_photograph(pixels: Pixels, *, side: int, channels: int) -> Tensor:
    image = Image.fromarray(pixels)
    factor = side / max(image.size)
    size = (max(8, round(image.width * factor)), max(8, round(image.height * factor)))
    image = image.resize(size, Image.Resampling.BICUBIC)
    if channels == 1:
        image = image.convert("L").convert("RGB")
    return from_pixels(np.array(image)[None], channels=channels)


def _list_sizes(size: tuple[int, int], *, settings: DreamSettings) -> list[tuple[int, int]]:
    """Heights and widths from the smallest octave to the full size."""
    factors = [settings.octave_scale**-place for place in range(settings.octaves)]
    return [
        (max(8, round(size[0] * factor)), max(8, round(size[1] * factor)))
        for factor in reversed(factors)
    ]


def _resize(image: Tensor, size: tuple[int, int]) -> Tensor:
    return functional.interpolate(
        image, size=size, mode="bilinear", align_corners=False, antialias=True
    )


def _dream_once(
    image: Tensor,
    *,
    reader: fx.GraphModule,
    scale: PixelScale,
    channel: int | None,
    how: DreamSettings,
    generator: torch.Generator,
) -> tuple[Tensor, float]:
    """One step along the gradient, its mean size brought to the rate; and the score before it."""
    reach = how.jitter
    shift = torch.randint(-reach, reach + 1, (2,), generator=generator).tolist()
    shown = image.roll(shift, dims=(2, 3)).requires_grad_()
    try:
        (activation,) = reader(scale.to_input(shown))
    except RuntimeError as error:
        raise NetworkError(
            "This layer only reads images of the network's own size; choose an earlier layer or "
            "another network."
        ) from error
    seen = activation if channel is None else activation[:, channel]
    score = seen.square().mean()
    (gradient,) = torch.autograd.grad(score, shown)
    gradient = gradient.roll([-move for move in shift], dims=(2, 3))
    size = gradient.abs().mean().clamp(min=1e-12)
    return (image + how.rate * gradient / size).clamp(0, 1), float(score.detach())

"""Between an image's values, 0 to 1, and the numbers that a network reads.

A network's preprocessing works on 8-bit images, through which no gradient passes. What it does
to the colour of one pixel is a straight line for each channel; here that line is read off it.
"""

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from cnnviz.errors import NetworkError
from cnnviz.images.image import Pixels
from cnnviz.networks.load import LoadedModel
from cnnviz.networks.zoo.registry import Preprocessing

_LOWEST, _HIGHEST = -8.0, 8.0
_ROUNDS = 4


@dataclass(frozen=True, slots=True, eq=False)
class PixelScale:
    """A straight line for each channel: input = black + (white − black) · image.

    Attributes:
        black: The input's value for 0, (C, 1, 1).
        white: The input's value for 1, (C, 1, 1).
    """

    black: Tensor
    white: Tensor

    def to_input(self, image: Tensor) -> Tensor:
        """Turn images (N, C, H, W), 0 to 1, into inputs; gradients pass."""
        return self.black + (self.white - self.black) * image

    def to_image(self, x: Tensor) -> Tensor:
        """Turn inputs (N, C, H, W) into images; values outside 0 to 1 are cut off."""
        return ((x - self.black) / (self.white - self.black)).clamp(0, 1)


def to_pixels(image: Tensor) -> Pixels:
    """Round images (N, C, H, W), 0 to 1, to uint8 (N, H, W, 3), grey ones in three channels."""
    rounded = (image.detach() * 255).round().to(torch.uint8)
    colored = rounded.expand(-1, 3, -1, -1)  # (N, 1 or 3, H, W) -> (N, 3, H, W)
    return np.ascontiguousarray(colored.permute(0, 2, 3, 1).numpy())  # (N, H, W, 3)


def from_pixels(pixels: Pixels, *, channels: int) -> Tensor:
    """Read images, uint8 (N, H, W, 3), as (N, C, H, W), 0 to 1; grey ones from their first."""
    values = torch.from_numpy(np.ascontiguousarray(pixels[..., :channels])).float() / 255
    return values.permute(0, 3, 1, 2).contiguous()  # (N, H, W, C) -> (N, C, H, W)


def find_pixel_scale(model: LoadedModel) -> PixelScale:
    """Read off a network's preprocessing what it does to black and to white.

    Raises:
        NetworkError: It does not change each colour along a straight line.
    """
    preprocessing = model.spec.preprocessing
    scale = _probe_prepare(preprocessing) or _probe_view(preprocessing)
    if scale is None:
        raise NetworkError(
            f"{model.spec.title} prepares its images in a way that no image can be made for; "
            "choose another network."
        )
    return scale


def _probe_prepare(preprocessing: Preprocessing) -> PixelScale | None:
    """The line through black and white, if plain grey images lie on it."""
    shape = (*preprocessing.shape[1:], 3)
    levels = [
        preprocessing.prepare(np.full(shape, level, dtype=np.uint8))[0] for level in (0, 102, 255)
    ]
    if any(
        float((level - level.mean((1, 2), keepdim=True)).abs().max()) > 1e-4 for level in levels
    ):
        return None
    black, middle, white = (level.mean((1, 2), keepdim=True) for level in levels)  # (C, 1, 1)
    if not torch.allclose(middle, black + 0.4 * (white - black), atol=1e-3):
        return None
    return PixelScale(black, white) if bool(((white - black).abs() > 1e-6).all()) else None


def _probe_view(preprocessing: Preprocessing) -> PixelScale | None:
    """Where the view turns from 0 to 1 and from 254 to 255, half a level from black and white."""
    first, last = (_find_step(preprocessing, level=level) for level in (1, 255))
    if first is None or last is None or bool(((last - first).abs() < 1e-6).any()):
        return None
    step = (last - first) / 254
    return PixelScale(black=first - step / 2, white=last + step / 2)


def _find_step(preprocessing: Preprocessing, *, level: int) -> Tensor | None:
    """The input value at which each channel's view first reaches a level, (C, 1, 1)."""
    channels, height, width = preprocessing.shape
    low = torch.full((channels, 1), _LOWEST)
    high = torch.full((channels, 1), _HIGHEST)
    count = height * width
    for _ in range(_ROUNDS):
        ramp = low + (high - low) * torch.linspace(0, 1, count)  # (C, H*W)
        shown = preprocessing.view(ramp.reshape(1, channels, height, width))
        seen = level <= torch.from_numpy(np.array(shown)).reshape(count, channels).T  # (C, H*W)
        reached = seen.int().argmax(dim=1, keepdim=True)
        if bool((reached == 0).any()):
            return None
        low, high = ramp.gather(1, reached - 1), ramp.gather(1, reached)
    return ((low + high) / 2).reshape(channels, 1, 1)

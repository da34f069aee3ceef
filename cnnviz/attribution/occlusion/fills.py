"""What stands where an image is covered, as a whole input of the network."""

import math
from enum import StrEnum

import torch
from torch import Tensor
from torch.nn import functional

from cnnviz.networks.zoo.registry import Preprocessing

_SEED = 0
# A value of the network's input that no image reaches, either way; and how often it is halved.
_FARTHEST, _HALVINGS = 512.0, 40


class Fill(StrEnum):
    """What stands on the covered square."""

    MEAN = "mean color"
    BLACK = "black"
    BLUR = "blur"
    NOISE = "noise"


def make_fill(fill: Fill, x: Tensor, *, preprocessing: Preprocessing, patch: int) -> Tensor:
    """Make the input that is seen through the covered square.

    Args:
        fill: The image's own mean color, black, the image itself blurred by a Gaussian of a
            third of the patch, or uniform noise from black to white, the same every time.
        x: The image as the network's input, (1, C, H, W).
        preprocessing: Of the network; its view tells which values are black and white.
        patch: Side of the covered square, in pixels.

    Returns:
        (1, C, H, W), float32.
    """
    if fill is Fill.MEAN:
        return x.mean(dim=(2, 3), keepdim=True).expand_as(x).contiguous()
    if fill is Fill.BLUR:
        return _blur(x, sigma=max(patch / 3, 0.5))
    black, scale = _find_range(preprocessing)
    if fill is Fill.BLACK:
        return black.expand_as(x).contiguous()
    generator = torch.Generator().manual_seed(_SEED)
    return black + scale * torch.rand(x.shape, generator=generator)


def _blur(x: Tensor, *, sigma: float) -> Tensor:
    reach = min(math.ceil(3 * sigma), min(x.shape[2:]) - 1)
    offsets = torch.arange(-reach, reach + 1, dtype=x.dtype)
    weights = torch.exp(-(offsets**2) / (2 * sigma**2))
    weights = (weights / weights.sum()).expand(x.shape[1], 1, -1)  # (C, 1, 2·reach + 1)
    rows = functional.conv2d(
        functional.pad(x, (0, 0, reach, reach), mode="replicate"),
        weights[..., None],
        groups=x.shape[1],
    )
    return functional.conv2d(
        functional.pad(rows, (reach, reach, 0, 0), mode="replicate"),
        weights[:, :, None],
        groups=x.shape[1],
    )


def _find_range(preprocessing: Preprocessing) -> tuple[Tensor, Tensor]:
    """The input value of black, and how far white lies above it, each (1, C, 1, 1).

    The view rounds to 256 steps, so it turns from 0 to 1 half a step above black and reaches 255
    half a step below white.
    """
    low = _find_step(preprocessing, level=1)
    high = _find_step(preprocessing, level=255)
    scale = (high - low) * 255 / 254
    return low - scale * 0.5 / 255, scale


def _find_step(preprocessing: Preprocessing, *, level: int) -> Tensor:
    """The least value of each channel that is shown at a level or above, (1, C, 1, 1)."""
    shape = preprocessing.shape
    below = torch.full((1, shape[0], 1, 1), -_FARTHEST, dtype=torch.float32)
    above = -below
    for _ in range(_HALVINGS):
        middle = (below + above) / 2
        shown = torch.from_numpy(preprocessing.view(middle.expand(1, *shape).contiguous())[0, 0:1])
        reaches = (shown.reshape(1, -1, 1, 1) >= level).expand_as(middle)
        above, below = torch.where(reaches, middle, above), torch.where(reaches, below, middle)
    return above

"""Images that say nothing, to compare an image with."""

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from cnnviz.attribution.options import Baseline
from cnnviz.errors import AttributionError
from cnnviz.networks.load import LoadedModel

# Of the side: ten pixels of 224, which leaves neither edges nor texture.
_BLUR = 10 / 224


def make_baseline(model: LoadedModel, x: Tensor, *, baseline: Baseline) -> Tensor:
    """Make the image without information for an image.

    Args:
        model: The network; its preprocessing knows what black is.
        x: The image as the network's input, (1, C, H, W).
        baseline: Which.

    Returns:
        (1, C, H, W).

    Raises:
        AttributionError: Black does not have the image's size.
    """
    if baseline is Baseline.MEAN:
        return x.mean(dim=(2, 3), keepdim=True).expand_as(x).contiguous()
    if baseline is Baseline.BLUR:
        return blur(x, deviation=_BLUR * max(x.shape[2:]))
    black = model.spec.preprocessing.prepare(np.zeros((*x.shape[2:], 3), dtype=np.uint8))
    if black.shape != x.shape:
        raise AttributionError(
            f"x is {tuple(x.shape)} and {model.spec.title} reads {tuple(black.shape)}; prepare the "
            "image with the network's own preprocessing."
        )
    return black


def blur(x: Tensor, *, deviation: float) -> Tensor:
    """Blur images, (N, C, H, W), with a normal distribution; the borders are mirrored.

    Args:
        x: The images.
        deviation: In pixels.
    """
    radius = min(max(1, round(3 * deviation)), min(x.shape[2:]) - 1)
    places = torch.arange(-radius, radius + 1, dtype=x.dtype)
    kernel = torch.exp(-0.5 * (places / deviation) ** 2)
    kernel /= kernel.sum()
    channels = x.shape[1]
    padded = functional.pad(x, (radius,) * 4, mode="reflect")
    rows = kernel.reshape(1, 1, -1, 1).repeat(channels, 1, 1, 1)  # (C, 1, 2r + 1, 1)
    columns = kernel.reshape(1, 1, 1, -1).repeat(channels, 1, 1, 1)  # (C, 1, 1, 2r + 1)
    return functional.conv2d(
        functional.conv2d(padded, rows, groups=channels), columns, groups=channels
    )

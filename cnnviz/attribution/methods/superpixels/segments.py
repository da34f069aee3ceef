"""Superpixels: an image cut into about so many regions of one color."""

import numpy as np
import torch
from torch import Tensor

from cnnviz.errors import AttributionError
from cnnviz.images.image import Pixels

# How much place weighs beside color. Noise has no regions of one color: there it must weigh more.
_PLACE_WEIGHTS = (10.0, 40.0, 160.0, 640.0)
_MIN_DIVISOR = 3  # at least a third of what was wanted


def find_superpixels(pixels: Pixels, *, count: int) -> Tensor:
    """Cut an image into superpixels by k-means over color and place.

    Args:
        pixels: What the network sees, uint8 (H, W) or (H, W, 3).
        count: About how many.

    Returns:
        Number of the superpixel of each pixel, from 0, int64 (H, W).

    Raises:
        AttributionError: The image is one region.

    Source:
        Achanta and others: SLIC Superpixels Compared to State-of-the-Art Superpixel Methods, PAMI
        2012.
    """
    from skimage.segmentation import slic

    values = pixels.astype(np.float64) / 255
    in_color = values.ndim == 3
    for weight in _PLACE_WEIGHTS:
        found = slic(
            values,
            n_segments=count,
            compactness=weight if in_color else weight / 100,  # CIELAB goes to 100, gray to 1
            channel_axis=-1 if in_color else None,
            start_label=0,
            enforce_connectivity=True,
        )
        if len(np.unique(found)) >= count / _MIN_DIVISOR:
            break
    _, numbers = np.unique(found, return_inverse=True)
    segments = torch.from_numpy(numbers.reshape(found.shape).astype(np.int64))
    if int(segments.max()) < 1:
        raise AttributionError(
            f"segments is {count}, and this image is a single superpixel then; choose more."
        )
    return segments

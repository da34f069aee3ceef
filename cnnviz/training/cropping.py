"""Photographs varied for training, a whole batch at once: a random part of each, or its mirror.

Source: Szegedy and others 2015, "Going deeper with convolutions", section 6, for the parts;
Krizhevsky, Sutskever and Hinton 2012, section 4.1, for the mirror.
"""

import torch
from torch import Generator, Tensor
from torch.nn import functional

from cnnviz.training.recipes import Cropping


def crop_photos(images: Tensor, cropping: Cropping, *, side: int, generator: Generator) -> Tensor:
    """Cut a random part out of each image, stretch it to a square, and mirror half of them.

    Args:
        images: uint8 (N, C, H, W), on any device.
        cropping: How small and how stretched a part may be.
        side: Height and width of the result.
        generator: Where the random amounts come from, on the CPU, so that they are the same on
            every device.

    Returns:
        float32 (N, C, side, side), 0 to 255, on the device of the images.
    """
    count = len(images)
    amounts = torch.rand(5, count, generator=generator).to(images.device, non_blocking=True)
    area, stretch, across, down, mirror = amounts
    area = cropping.area + (1 - cropping.area) * area
    ratio = torch.exp(cropping.stretch * (stretch - 0.5))  # square root of width to height
    width = (area.sqrt() * ratio).clamp(max=1)
    height = (area.sqrt() / ratio).clamp(max=1)
    # In grid_sample's coordinates the image reaches from −1 to 1.
    middle_x = (1 - width) * (2 * across - 1)
    middle_y = (1 - height) * (2 * down - 1)
    sign = torch.where(mirror < 0.5, -1.0, 1.0)
    place = (torch.arange(side, device=images.device) + 0.5) * (2 / side) - 1
    x = middle_x[:, None] + (width * sign)[:, None] * place  # (N, side)
    y = middle_y[:, None] + height[:, None] * place
    grid = torch.stack(
        [x[:, None, :].expand(-1, side, -1), y[:, :, None].expand(-1, -1, side)], dim=3
    )  # (N, side, side, 2)
    return functional.grid_sample(images.float(), grid, padding_mode="border", align_corners=False)

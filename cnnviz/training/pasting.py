"""A patch of another photograph pasted into one, with a target that names both.

Source: Yun and others 2019, "CutMix: Regularization strategy to train strong classifiers with
localizable features", section 3 (equations 1 and 2).
"""

import torch
from torch import Generator, Tensor
from torch.nn import functional


def paste_patches(
    images: Tensor, labels: Tensor, *, share: float, classes: int, generator: Generator
) -> tuple[Tensor, Tensor]:
    """Paste a patch of the image before it into some of the images of a batch.

    A patch covers from nothing to all of the image, uniformly in its area, about a point drawn
    uniformly; what would lie outside is cut off.

    Args:
        images: Float (N, C, H, W), on any device, in random order.
        labels: int64 (N,), there too.
        share: Of the images that get a patch, 0 to 1.
        classes: How many there are.
        generator: Where the random amounts come from, on the CPU, so that they are the same on
            every device.

    Returns:
        The images, and what they show as probabilities, float32 (N, classes): of each class the
        share of the image's area.
    """
    amounts = torch.rand(4, len(images), generator=generator).to(images.device, non_blocking=True)
    chosen, area, across, down = amounts
    reach = torch.where(chosen < share, area.sqrt() / 2, 0)  # (N,) half a side, in images
    inside_x, inside_y = (
        (_list_middles(side, like=images) - middle[:, None]).abs() < reach[:, None]
        for side, middle in ((images.shape[3], across), (images.shape[2], down))
    )
    patch = inside_y[:, :, None] & inside_x[:, None, :]  # (N, H, W)
    pasted = torch.where(patch[:, None], images.roll(1, dims=0), images)
    covered = patch.float().mean(dim=(1, 2))
    own = functional.one_hot(labels, classes).float()
    return pasted, torch.lerp(own, own.roll(1, dims=0), covered[:, None])


def _list_middles(count: int, *, like: Tensor) -> Tensor:
    """Middles of pixels in a row, 0 to 1."""
    return (torch.arange(count, device=like.device) + 0.5) / count

"""The image that a network sees, as values from 0 to 1, and the network as a function of it."""

from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from cnnviz.errors import AttackError
from cnnviz.images.image import Pixels, read_image, to_png
from cnnviz.networks.load import LoadedModel

LEVELS = 255

Logits = Callable[[Tensor], Tensor]


def see_image(model: LoadedModel, pixels: Pixels) -> Pixels:
    """Return what a network sees of an image as an 8-bit image.

    Args:
        model: The network.
        pixels: RGB, uint8 (H, W, 3).

    Returns:
        uint8 (H, W) or (H, W, 3), at the size of the network's input.
    """
    preprocessing = model.spec.preprocessing
    return preprocessing.view(preprocessing.prepare(pixels))


def to_values(seen: Pixels) -> Tensor:
    """Turn 8-bit pixels (H, W) or (H, W, C) into values from 0 to 1, float32 (1, C, H, W)."""
    values = torch.from_numpy(np.atleast_3d(seen).astype(np.float32) / np.float32(LEVELS))
    return values.permute(2, 0, 1)[None].contiguous()  # (H, W, C) -> (1, C, H, W)


def to_pixels(values: Tensor) -> Pixels:
    """Round values (1, C, H, W) from 0 to 1 to 8-bit pixels (H, W) or (H, W, C)."""
    levels = (values[0] * LEVELS).round().clamp(0, LEVELS).to(torch.uint8)
    pixels: Pixels = levels.permute(1, 2, 0).contiguous().numpy()  # (C, H, W) -> (H, W, C)
    return pixels[:, :, 0] if pixels.shape[2] == 1 else pixels


def make_logits(model: LoadedModel) -> Logits:
    """Make a network a function of values from 0 to 1: (N, C, H, W) to logits (N, K).

    Raises:
        AttackError: It is not known how the network's preprocessing scales values.
    """
    preprocessing = model.spec.preprocessing
    if preprocessing.mean is None or preprocessing.std is None:
        raise AttackError(
            f"The preprocessing of {model.spec.title} does not tell its mean and std, so no change "
            "of an image can be traced through it; give both, or choose another network."
        )
    mean = torch.tensor(preprocessing.mean).reshape(-1, 1, 1)
    std = torch.tensor(preprocessing.std).reshape(-1, 1, 1)

    def compute(values: Tensor) -> Tensor:
        logits: Tensor = model.graph.traced((values - mean) / std)
        return logits

    return compute


def compute_gradient(
    logits_of: Logits, values: Tensor, *, label: int, targeted: bool = False
) -> Tensor:
    """Compute in which direction of pixel space an attack goes uphill.

    Args:
        logits_of: The network.
        values: Images, (N, C, H, W), 0 to 1.
        label: The class to leave, or with `targeted` the class to reach.
        targeted: Whether the loss of `label` is to fall.

    Returns:
        Gradient of the cross-entropy with respect to the pixels, (N, C, H, W); negated where
        `targeted`.
    """
    private = values.detach().clone().requires_grad_()
    with torch.enable_grad():
        labels = torch.full((len(private),), label)
        loss = functional.cross_entropy(logits_of(private), labels, reduction="sum")
        (gradient,) = torch.autograd.grad(loss, private)
    return -gradient if targeted else gradient


def save_as_file(model: LoadedModel, seen: Pixels) -> bytes:
    """Write what the network sees as a PNG file that it sees again when the file is opened.

    A network that cuts out the middle gets a mirrored margin around it.
    """
    return to_png(model.spec.preprocessing.frame(seen))


def read_back(model: LoadedModel, file: bytes) -> Pixels:
    """Open an image file as an upload is opened, and return what the network sees of it."""
    return see_image(model, read_image(file, name="saved image").pixels)


def score_pixels(model: LoadedModel, seen: Pixels) -> Tensor:
    """Return the logits (K,) for 8-bit pixels at the size of the network's input."""
    with torch.no_grad():
        return make_logits(model)(to_values(seen))[0]

"""From an image to the input of a network that reads photographs, and back."""

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from cnnviz.digits import mnist
from cnnviz.errors import NetworkError
from cnnviz.networks.zoo.registry import Pixels, Preprocessing

# A thinner image would be enlarged to hundreds of megabytes before its middle is cut out.
_THINNEST = 4


def crop_thin_image(pixels: Pixels) -> Pixels:
    """Cut the ends off an image more than four times as long as wide; they are never seen."""
    height, width = pixels.shape[:2]
    longest = _THINNEST * min(height, width)
    top, left = max(0, height - longest) // 2, max(0, width - longest) // 2
    return pixels[top : height - top, left : width - left]


def to_view(x: Tensor, *, mean: tuple[float, ...], std: tuple[float, ...]) -> Pixels:
    """Turn a normalised input (1, C, H, W) back into an image (H, W) or (H, W, 3)."""
    scale = torch.tensor(std).reshape(-1, 1, 1)
    shift = torch.tensor(mean).reshape(-1, 1, 1)
    values = (x[0] * scale + shift).clamp(0, 1).permute(1, 2, 0)  # (C, H, W) -> (H, W, C)
    pixels: Pixels = (values * 255).round().to(torch.uint8).numpy()
    return pixels[:, :, 0] if pixels.shape[2] == 1 else pixels


def frame_middle(pixels: Pixels, *, side: int) -> Pixels:
    """Set an image into a square of this side, mirrored outwards, so that its middle is cut out.

    Args:
        pixels: (H, W) or (H, W, 3), no side longer than `side`.
        side: To which the preparation scales the shorter side before it cuts.
    """
    # Half of an odd rest is rounded to even, as torchvision does it.
    before = [round((side - length) / 2) for length in pixels.shape[:2]]
    rests = [side - length for length in pixels.shape[:2]]
    margins = [(first, rest - first) for first, rest in zip(before, rests, strict=True)]
    return np.pad(pixels, [*margins, *[(0, 0)] * (pixels.ndim - 2)], mode="symmetric")


def prepare_photographs(
    *,
    shape: tuple[int, int, int],
    mean: tuple[float, ...],
    std: tuple[float, ...],
    resize: int | None = None,
    filtering: Image.Resampling = Image.Resampling.BILINEAR,
) -> Preprocessing:
    """Make the usual preprocessing: shorter side scaled, middle cut out, mean and std taken off.

    Args:
        shape: Input of the network, (C, H, W), C being 1 for grey or 3.
        mean: Of each channel, of values from 0 to 1.
        std: Of each channel.
        resize: Length of the shorter side before the cut; None for the input's own.
        filtering: How pixels are scaled; each filter widens with the reduction.

    Raises:
        NetworkError: `shape`, `mean`, `std` and `resize` do not fit together.
    """
    channels, height, width = shape
    side = max(height, width) if resize is None else resize
    if channels not in (1, 3) or min(height, width) < 1:
        raise NetworkError(f"shape is {shape}; give (1 or 3, height, width).")
    if len(mean) != channels or len(std) != channels or min(std) <= 0:
        raise NetworkError(
            f"mean is {mean} and std {std}; give {channels} of each, std above zero."
        )
    if side < max(height, width):
        raise NetworkError(f"resize is {side}; give at least {max(height, width)}.")

    def prepare(pixels: Pixels) -> Tensor:
        image = Image.fromarray(crop_thin_image(pixels))
        if channels == 1:
            image = image.convert("L")
        scale = side / min(image.size)
        size = (
            max(width, round(image.width * scale)),
            max(height, round(image.height * scale)),
        )
        image = image.resize(size, filtering)
        left, top = round((image.width - width) / 2), round((image.height - height) / 2)
        image = image.crop((left, top, left + width, top + height))
        values = np.asarray(image, dtype=np.float32).reshape(height, width, channels) / 255
        normal = (torch.from_numpy(values) - torch.tensor(mean)) / torch.tensor(std)
        return normal.permute(2, 0, 1)[None].contiguous()  # (H, W, C) -> (1, C, H, W)

    start = "In gray, its" if channels == 1 else "Its"
    return Preprocessing(
        shape=shape,
        prepare=prepare,
        view=lambda x: to_view(x, mean=mean, std=std),
        description=(
            f"{start} shorter side scaled to {side} pixels, and its middle of {width}×{height} "
            "cut out."
        ),
        mean=tuple(mean),
        std=tuple(std),
        frame=lambda pixels: frame_middle(pixels, side=side),
    )


def prepare_digits(
    *, shape: tuple[int, int, int], mean: tuple[float, ...], std: tuple[float, ...]
) -> Preprocessing:
    """Make MNIST's preprocessing: cut to the ink, scaled to 20×20, its mass in the middle.

    Args:
        shape: Input of the network, (1, S, S) with S from 28.
        mean: Taken off the ink, which is 0 to 1; one number.
        std: What it is divided by then.

    Raises:
        NetworkError: `shape`, `mean` and `std` do not fit.
    """
    channels, side, width = shape
    if channels != 1 or side != width or side < mnist.FIELD_SIDE:
        raise NetworkError(f"shape is {shape}; with digits=True give (1, 28, 28) or larger.")
    if min(std) <= 0:
        raise NetworkError(f"std is {std}; give a number above zero.")

    def prepare(pixels: Pixels) -> Tensor:
        ink = torch.from_numpy(mnist.prepare_ink(pixels, side=side))
        return ((ink - mean[0]) / std[0])[None, None]  # (S, S) -> (1, 1, S, S)

    return Preprocessing(
        shape=shape,
        prepare=prepare,
        view=lambda x: to_view(x, mean=mean, std=std),
        description=(
            "In gray, with the ink bright on a dark ground; cut to the ink's box, scaled to fit "
            f"20×20, and its center of mass set in the middle of {side}×{side}, as MNIST does."
        ),
        mean=mean,
        std=std,
        find_fault=mnist.find_fault,
    )

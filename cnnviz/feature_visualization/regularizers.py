"""What keeps a made image from being noise: each on its own, and the settings of four papers.

Two act on the images' parameters after each step (they see the latent image z of `canvas`,
whose zero is mid-grey), the transformations on what the network is shown.

Sources: Simonyan, Vedaldi and Zisserman 2013, "Deep inside convolutional networks", section 2 (L2);
Yosinski, Clune, Nguyen, Fuchs and Lipson 2015, "Understanding neural networks through deep
visualization", section 3 (decay, blur, both clippings); Olah, Mordvintsev and Schubert 2017,
"Feature visualization", Distill (transformation robustness).
"""

import math
from dataclasses import dataclass
from enum import StrEnum

import torch
from torch import Tensor
from torch.nn import functional

from cnnviz.feature_visualization.canvas import Parametrization


@dataclass(frozen=True, slots=True)
class Settings:
    """How an image is made; what is 0 is off.

    Attributes:
        parametrization: What the ascent changes.
        decorrelate: Whether it changes independent colours, not red, green and blue.
        step_size: Learning rate of Adam, in the parameters' unit.
        decay: Share of z that each step takes away, 0 to 1: the L2 regulariser's gradient.
        blur: Standard deviation of the Gaussian blur, in pixels.
        blur_every: Steps from one blur to the next.
        clip_small: Share of the pixels, those of the smallest norm, that are set to grey each step.
        clip_contribution: Share of the pixels, those that contribute the least, set to grey.
        jitter: The image is moved by up to this many pixels before the network sees it.
        rotate: And turned by up to this many degrees.
        scale: And enlarged or reduced by up to this share.
        settle: In this many last steps it is shown as it is, so that what is saved fits as well.
    """

    parametrization: Parametrization = Parametrization.PIXELS
    decorrelate: bool = False
    step_size: float = 0.05
    decay: float = 0.0
    blur: float = 0.0
    blur_every: int = 4
    clip_small: float = 0.0
    clip_contribution: float = 0.0
    jitter: int = 0
    rotate: float = 0.0
    scale: float = 0.0
    settle: int = 0

    @property
    def changes_latent(self) -> bool:
        """Whether anything acts on z after a step."""
        return any((self.decay, self.blur, self.clip_small, self.clip_contribution))


class Preset(StrEnum):
    """Whose regularisers."""

    NONE = "all off (noise)"
    SIMONYAN = "Simonyan 2013"
    YOSINSKI = "Yosinski 2015"
    OLAH = "Olah 2017"


PRESETS: dict[Preset, Settings] = {
    Preset.NONE: Settings(),
    Preset.SIMONYAN: Settings(decay=0.05),
    Preset.YOSINSKI: Settings(
        decay=0.01, blur=0.6, blur_every=4, clip_small=0.2, clip_contribution=0.1
    ),
    Preset.OLAH: Settings(
        parametrization=Parametrization.FOURIER,
        decorrelate=True,
        step_size=0.05,
        jitter=4,
        rotate=10.0,
        scale=0.1,
        settle=32,
    ),
}


def decay_latent(latent: Tensor, *, share: float) -> Tensor:
    """Take a share of z away: a step along −λ‖z‖²'s gradient, with 2λ times the step = share."""
    return latent * (1 - share)


def blur_latent(latent: Tensor, *, deviation: float) -> Tensor:
    """Blur (N, C, H, W) with a Gaussian of this standard deviation in pixels, edges repeated."""
    reach = max(1, math.ceil(3 * deviation))
    places = torch.arange(-reach, reach + 1, dtype=latent.dtype)
    kernel = torch.exp(-(places**2) / (2 * deviation**2))
    kernel = kernel / kernel.sum()
    channels = latent.shape[1]
    padded = functional.pad(latent, (reach,) * 4, mode="replicate")
    rows = kernel.reshape(1, 1, 1, -1).expand(channels, 1, 1, -1)
    columns = kernel.reshape(1, 1, -1, 1).expand(channels, 1, -1, 1)
    blurred = functional.conv2d(padded, rows, groups=channels)
    return functional.conv2d(blurred, columns, groups=channels)


def clip_smallest(latent: Tensor, *, by: Tensor, share: float) -> Tensor:
    """Set the pixels of each image for which `by` is smallest to 0, in all channels.

    Args:
        latent: (N, C, H, W).
        by: (N, H, W), 0 or more: the pixel's norm, or what it contributes.
        share: Of the pixels, 0 to 1.
    """
    flat = by.flatten(1)  # (N, H*W)
    count = int(share * flat.shape[1])
    if count == 0:
        return latent
    smallest = flat.topk(count, dim=1, largest=False).indices
    kept = torch.ones_like(flat).scatter(1, smallest, 0.0).reshape(by.shape)
    return latent * kept[:, None]


def regularize_latent(latent: Tensor, *, gradient: Tensor, step: int, settings: Settings) -> Tensor:
    """Apply what acts on z after a step.

    Args:
        latent: z after the step, (N, C, H, W).
        gradient: The score's gradient with respect to z before the step, for the contributions:
            |Σ z · ∂score/∂z| over a pixel's channels, the linear estimate of what greying it costs.
        step: Number of the step, from 1.
        settings: What is on.
    """
    if settings.decay:
        latent = decay_latent(latent, share=settings.decay)
    if settings.blur and step % settings.blur_every == 0:
        latent = blur_latent(latent, deviation=settings.blur)
    if settings.clip_small:
        norm = latent.square().sum(dim=1).sqrt()
        latent = clip_smallest(latent, by=norm, share=settings.clip_small)
    if settings.clip_contribution:
        contribution = (latent * gradient).sum(dim=1).abs()
        latent = clip_smallest(latent, by=contribution, share=settings.clip_contribution)
    return latent


def transform_randomly(image: Tensor, *, settings: Settings, generator: torch.Generator) -> Tensor:
    """Move, turn and scale images (N, C, H, W) by random amounts; what comes in is mirrored.

    Each image gets its own. Moves are whole pixels, so that a move alone blurs nothing.
    """
    if not (settings.jitter or settings.rotate or settings.scale):
        return image
    count, _, height, width = image.shape
    moves = torch.randint(
        -settings.jitter, settings.jitter + 1, (count, 2), generator=generator
    ).float()
    turns = (2 * torch.rand(count, generator=generator) - 1) * math.radians(settings.rotate)
    factors = 1 + (2 * torch.rand(count, generator=generator) - 1) * settings.scale
    cosine, sine = turns.cos() / factors, turns.sin() / factors
    ratio = height / width
    theta = torch.stack(
        [
            torch.stack([cosine, -sine * ratio, -2 * moves[:, 0] / width], dim=1),
            torch.stack([sine / ratio, cosine, -2 * moves[:, 1] / height], dim=1),
        ],
        dim=1,
    )  # (N, 2, 3)
    grid = functional.affine_grid(theta, list(image.shape), align_corners=False)
    return functional.grid_sample(image, grid, padding_mode="reflection", align_corners=False)

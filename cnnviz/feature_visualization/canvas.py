"""How an image is written with the numbers that the ascent changes: pixels, or frequencies.

Whatever the parameters are, they stand for a latent image z, whose cells have the mean 0 and,
where they are as lively as a photograph's, the deviation 1; the image is sigmoid(4 B z), with B
the photographs' colour basis, or their deviation alone. The sigmoid's slope at 0 is ¼, so that a
faint z gives an image whose colours vary by B z around mid-grey, and none leaves 0 to 1.

Source: Olah, Mordvintsev and Schubert 2017, "Feature visualization", Distill.
"""

from dataclasses import dataclass
from enum import StrEnum

import torch
from torch import Tensor

from cnnviz.feature_visualization.colors import measure_colors

_SLOPE = 4.0


class Parametrization(StrEnum):
    """What the ascent changes."""

    PIXELS = "pixels"
    FOURIER = "Fourier"


@dataclass(frozen=True, slots=True, eq=False)
class Canvas:
    """Turns parameters into images and back.

    Attributes:
        parametrization: What the parameters are.
        shape: Of one image, (C, H, W).
        mix: Colours of the latent channels, (C, C): 4 B, or 4 times the deviation.
        spread: Weight of each frequency, (H, W // 2 + 1): 1 / max(f, 1 / longer side), scaled to
            the mean square 1 over the spectrum.
    """

    parametrization: Parametrization
    shape: tuple[int, int, int]
    mix: Tensor
    spread: Tensor

    def start(self, *, count: int, seed: int, contrast: float) -> Tensor:
        """Draw parameters of `count` faint random images whose latent deviation is `contrast`."""
        generator = torch.Generator().manual_seed(seed)
        if self.parametrization is Parametrization.PIXELS:
            return contrast * torch.randn((count, *self.shape), generator=generator)
        noise = torch.randn((count, *self.shape), generator=generator)
        white = torch.view_as_real(torch.fft.rfft2(noise, norm="ortho"))  # (N, C, H, W//2+1, 2)
        return contrast * white

    def to_latent(self, parameters: Tensor) -> Tensor:
        """Turn parameters into the latent images z, (N, C, H, W); gradients pass."""
        if self.parametrization is Parametrization.PIXELS:
            return parameters
        spectrum = torch.view_as_complex(parameters) * self.spread
        latent: Tensor = torch.fft.irfft2(spectrum, s=self.shape[1:], norm="ortho")
        return latent

    def from_latent(self, latent: Tensor) -> Tensor:
        """Turn latent images (N, C, H, W) into their parameters."""
        if self.parametrization is Parametrization.PIXELS:
            return latent
        return torch.view_as_real(torch.fft.rfft2(latent, norm="ortho") / self.spread)

    def to_image(self, latent: Tensor) -> Tensor:
        """Turn latent images into images (N, C, H, W), above 0 and below 1; gradients pass."""
        return torch.einsum("kc,nchw->nkhw", self.mix, latent).sigmoid()

    def from_image(self, image: Tensor) -> Tensor:
        """Turn images (N, C, H, W), 0 to 1, into latent images; the ends are drawn in a bit."""
        logits = image.clamp(1 / 512, 1 - 1 / 512).logit()
        return torch.einsum("kc,nchw->nkhw", torch.linalg.inv(self.mix), logits)


def make_canvas(
    parametrization: Parametrization, *, shape: tuple[int, int, int], decorrelate: bool
) -> Canvas:
    """Make a canvas for images (C, H, W).

    Args:
        parametrization: What the parameters are.
        shape: Of one image; C is 1 for grey or 3.
        decorrelate: Whether a latent channel is one of the photographs' independent colours, not
            red, green or blue; grey images have but one.
    """
    colors = measure_colors()
    own = torch.eye(shape[0]) * colors.deviation
    basis = colors.basis if decorrelate and shape[0] == 3 else own
    return Canvas(
        parametrization=parametrization,
        shape=shape,
        mix=_SLOPE * basis,
        spread=_weigh_frequencies(shape[1], shape[2]),
    )


def _weigh_frequencies(height: int, width: int) -> Tensor:
    """Photographs' amplitudes fall as 1 / f; the mean is finite, so f ends at one wave a side."""
    rows = torch.fft.fftfreq(height)[:, None]
    columns = torch.fft.rfftfreq(width)[None]
    frequency = (rows**2 + columns**2).sqrt()  # (H, W // 2 + 1), in waves a pixel
    spread = 1 / frequency.clamp(min=1 / max(height, width))
    # All but the first column, and the last of an even width, stand for two waves each.
    twice = torch.full((width // 2 + 1,), 2.0)
    twice[0] = 1.0
    if width % 2 == 0:
        twice[-1] = 1.0
    mean_square = (twice * spread**2).sum() / (height * width)
    weights: Tensor = spread / mean_square.sqrt()
    return weights

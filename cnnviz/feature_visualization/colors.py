"""How the colours of photographs hang together, measured on the sample gallery.

Red, green and blue of a photograph rise and fall together. In a basis in which they don't, every
direction is as likely as every other, and a step of gradient ascent changes the colours as
photographs do.

Source: Olah, Mordvintsev and Schubert 2017, "Feature visualization", Distill, section
"Preconditioning and parameterization".
"""

from dataclasses import dataclass
from functools import cache

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from cnnviz.images.image import resize_for_view
from cnnviz.images.samples import SampleKind, list_samples, load_sample

_SIDE = 96


@dataclass(frozen=True, slots=True, eq=False)
class ColorStatistics:
    """Mean and covariance of the pixels' colours, and the basis in which they are independent.

    Attributes:
        mean: Red, green and blue, (3,), 0 to 1.
        covariance: Of the three, (3, 3).
        basis: A matrix B with B Bᵀ = covariance, (3, 3): its columns are the covariance's
            eigenvectors times the square roots of their eigenvalues, the largest first.
        names: The photographs that were measured.
    """

    mean: Tensor
    covariance: Tensor
    basis: Tensor
    names: tuple[str, ...]

    @property
    def deviation(self) -> float:
        """Standard deviation of one channel, the three taken together."""
        return float((self.covariance.trace() / 3).sqrt())


@cache
def measure_colors() -> ColorStatistics:
    """Measure the packaged photographs of the gallery, each with the same weight.

    Raises:
        GalleryError: A photograph cannot be read.
    """
    samples = [sample for sample in list_samples() if sample.kind is SampleKind.PHOTOGRAPH]
    return describe_colors(
        [resize_for_view(load_sample(sample.key).pixels, max_side=_SIDE) for sample in samples],
        names=tuple(sample.title for sample in samples),
    )


def describe_colors(
    images: list[npt.NDArray[np.uint8]], *, names: tuple[str, ...]
) -> ColorStatistics:
    """Compute the statistics of images (H, W, 3); each counts alike, whatever its size."""
    colors = [image.reshape(-1, 3).astype(np.float64) / 255 for image in images]
    mean = np.mean([pixels.mean(axis=0) for pixels in colors], axis=0)
    covariance = np.mean(
        [(pixels - mean).T @ (pixels - mean) / len(pixels) for pixels in colors], 0
    )
    values, vectors = np.linalg.eigh(covariance)  # the smallest first
    basis = (vectors * np.sqrt(values.clip(0)))[:, ::-1]
    # An eigenvector's sign is free: let the first lighten, so that a run is the same everywhere.
    basis = basis * np.where(basis.sum(axis=0) < 0, -1, 1)
    return ColorStatistics(
        mean=torch.tensor(mean, dtype=torch.float32),
        covariance=torch.tensor(covariance, dtype=torch.float32),
        basis=torch.tensor(basis.copy(), dtype=torch.float32),
        names=names,
    )

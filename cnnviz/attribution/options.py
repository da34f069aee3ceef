"""What a visitor may choose about an attribution, checked."""

import math
from dataclasses import dataclass
from enum import StrEnum

from cnnviz.errors import AttributionError

MAX_STEPS = 1000
MAX_SAMPLES = 500
MAX_SEGMENTS = 200
MAX_PERMUTATIONS = 200
MAX_COVERS = 5000


class Baseline(StrEnum):
    """The image without information that integrated gradients starts from."""

    BLACK = "black"
    MEAN = "the image's mean color"
    BLUR = "the image, blurred"


class Tunnel(StrEnum):
    """How the maps of noisy images are drawn together."""

    NONE = "none"
    SMOOTHGRAD = "SmoothGrad"
    SQUARED = "SmoothGrad-Squared"
    VARGRAD = "VarGrad"


@dataclass(frozen=True, slots=True)
class Options:
    """Choices of the methods that have any.

    Attributes:
        steps: Points on the path of integrated gradients and of conductance.
        samples: Noisy images that SmoothGrad, noise tunnels and GradientSHAP average over.
        noise: Their standard deviation, as a share of the input's range.
        baseline: The image without information that methods compare with or cover with.
        seed: Of all random numbers.
        tunnel: How the maps of noisy images are drawn together; none for the image alone.
        segments: About how many superpixels an image is cut into.
        permutations: Orders in which Shapley sampling adds the superpixels.
        covers: Covered images that KernelSHAP and LIME fit a linear model to.

    Raises:
        AttributionError: One of them is out of range.
    """

    steps: int = 50
    samples: int = 25
    noise: float = 0.15
    baseline: Baseline = Baseline.BLACK
    seed: int = 0
    tunnel: Tunnel = Tunnel.NONE
    segments: int = 40
    permutations: int = 10
    covers: int = 300

    def __post_init__(self) -> None:
        if not 1 <= self.steps <= MAX_STEPS:
            raise AttributionError(f"steps is {self.steps}; choose 1 to {MAX_STEPS}.")
        if not 1 <= self.samples <= MAX_SAMPLES:
            raise AttributionError(f"samples is {self.samples}; choose 1 to {MAX_SAMPLES}.")
        if not (math.isfinite(self.noise) and 0 <= self.noise <= 1):
            raise AttributionError(f"noise is {self.noise}; choose 0 to 1.")
        if self.baseline not in tuple(Baseline):
            known = ", ".join(Baseline)
            raise AttributionError(f"baseline is “{self.baseline}”; choose one of: {known}.")
        if self.tunnel not in tuple(Tunnel):
            raise AttributionError(
                f"tunnel is “{self.tunnel}”; choose one of: {', '.join(Tunnel)}."
            )
        if not 2 <= self.segments <= MAX_SEGMENTS:
            raise AttributionError(f"segments is {self.segments}; choose 2 to {MAX_SEGMENTS}.")
        if not 1 <= self.permutations <= MAX_PERMUTATIONS:
            raise AttributionError(
                f"permutations is {self.permutations}; choose 1 to {MAX_PERMUTATIONS}."
            )
        if not 2 <= self.covers <= MAX_COVERS:
            raise AttributionError(f"covers is {self.covers}; choose 2 to {MAX_COVERS}.")
        if not 0 <= self.seed < 2**63:
            raise AttributionError(f"seed is {self.seed}; choose 0 or more.")

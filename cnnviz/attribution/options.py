"""What a visitor may choose about an attribution, checked."""

import math
from dataclasses import dataclass
from enum import StrEnum

from cnnviz.errors import AttributionError

MAX_STEPS = 1000
MAX_SAMPLES = 500


class Baseline(StrEnum):
    """The image without information that integrated gradients starts from."""

    BLACK = "black"
    MEAN = "the picture's mean colour"
    BLUR = "the picture, blurred"


@dataclass(frozen=True, slots=True)
class Options:
    """Choices of the methods that have any.

    Attributes:
        steps: Points on the path of integrated gradients.
        samples: Noisy images that SmoothGrad averages over.
        noise: SmoothGrad's standard deviation, as a share of the input's range.
        baseline: Where the path of integrated gradients begins.
        seed: Of SmoothGrad's noise.

    Raises:
        AttributionError: One of them is out of range.
    """

    steps: int = 50
    samples: int = 25
    noise: float = 0.15
    baseline: Baseline = Baseline.BLACK
    seed: int = 0

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
        if not 0 <= self.seed < 2**63:
            raise AttributionError(f"seed is {self.seed}; choose 0 or more.")

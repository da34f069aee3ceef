"""EfficientNet's compound scaling: depth α^φ, width β^φ and resolution γ^φ, alone and together.

Source: Tan and Le 2019, "EfficientNet: rethinking model scaling for convolutional neural networks",
equation 3: α·β²·γ² ≈ 2, so that φ doubles the multiply-adds φ times; section 5: α = 1.2, β = 1.1
and γ = 1.15, found by a grid search.
"""

from dataclasses import dataclass
from enum import StrEnum
from functools import partial

from cnnviz.costs.table import CostTable, compute_costs
from cnnviz.networks.zoo.efficientnet_lite import SCALINGS, Factors, efficientnet_lite

ALPHA, BETA, GAMMA = 1.2, 1.1, 1.15


class Growing(StrEnum):
    """What grows; the others stay as they are."""

    DEPTH = "depth"
    WIDTH = "width"
    RESOLUTION = "resolution"
    TOGETHER = "together"


@dataclass(frozen=True, slots=True, kw_only=True)
class Growth:
    """How much depth, width and resolution grow.

    Attributes:
        phi: How often.
        alpha: Factor on blocks each time.
        beta: Factor on channels each time.
        gamma: Factor on the side of the input each time.
    """

    phi: float
    alpha: float = ALPHA
    beta: float = BETA
    gamma: float = GAMMA

    def promise(self, growing: Growing = Growing.TOGETHER) -> float:
        """Return how many times the multiply-adds the paper's rule promises: (α·β²·γ²)^φ."""
        shares = {
            Growing.DEPTH: self.alpha,
            Growing.WIDTH: self.beta**2,
            Growing.RESOLUTION: self.gamma**2,
            Growing.TOGETHER: self.alpha * self.beta**2 * self.gamma**2,
        }
        growth: float = shares[growing] ** self.phi
        return growth

    def find_factors(self, growing: Growing = Growing.TOGETHER) -> Factors:
        """Return the factors on EfficientNet-Lite0, the side a whole number."""
        grows = {one: growing in (one, Growing.TOGETHER) for one in Growing}
        first = SCALINGS[0].side
        return Factors(
            depth=self.alpha**self.phi if grows[Growing.DEPTH] else 1.0,
            width=self.beta**self.phi if grows[Growing.WIDTH] else 1.0,
            side=round(first * self.gamma**self.phi) if grows[Growing.RESOLUTION] else first,
        )


def count_costs(factors: Factors) -> CostTable:
    """Build EfficientNet-Lite with these factors, without its weights, and count what it costs."""
    build = partial(efficientnet_lite, factors.side, scaling=factors)
    return compute_costs(build, input_shape=(3, factors.side, factors.side))

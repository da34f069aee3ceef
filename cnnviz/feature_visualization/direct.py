"""Images whose every value evolves by itself: the direct encoding.

Source: Nguyen, Yosinski and Clune 2015, "Deep neural networks are easily fooled", section 2.3;
Deb and Agrawal 1995, "Simulated binary crossover for continuous search space", and Deb 2001,
"Multi-objective optimization using evolutionary algorithms", for the polynomial mutation.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from cnnviz.images.image import Pixels

STRENGTH = 15.0
_FIRST_RATE = 0.1
_HALF_LIFE = 1000


def mutate_polynomially(
    values: npt.NDArray[np.float64], uniform: npt.NDArray[np.float64], *, strength: float
) -> npt.NDArray[np.float64]:
    """Move values from 0 to 1 by δ: (2u)^(1/(η+1)) − 1 below u = ½, 1 − (2 − 2u)^(1/(η+1)) above.

    Args:
        values: Of any shape.
        uniform: u, from 0 to 1, of the same shape.
        strength: η; the larger, the smaller the moves.

    Returns:
        values + δ, cut off at 0 and 1.
    """
    power = 1 / (strength + 1)
    below = (2 * uniform) ** power - 1
    above = 1 - (2 - 2 * uniform) ** power
    return (values + np.where(uniform < 0.5, below, above)).clip(0, 1)


def find_rate(generation: int) -> float:
    """Return which share of the values mutates: a tenth, halved after each thousand generations."""
    return _FIRST_RATE * 0.5 ** (generation // _HALF_LIFE)


@dataclass(frozen=True, slots=True)
class PixelGenomes:
    """8-bit images as what evolves.

    Attributes:
        shape: Of the images, (C, H, W).
    """

    shape: tuple[int, int, int]

    def draw(self, random: np.random.Generator) -> Pixels:
        """Draw uniform noise, uint8 (H, W, C)."""
        channels, height, width = self.shape
        return random.integers(0, 256, (height, width, channels), dtype=np.uint8)

    def mutate(self, genome: Pixels, random: np.random.Generator, *, generation: int) -> Pixels:
        """Move a tenth of the values, half as many after each thousand generations."""
        chosen = random.random(genome.shape) < find_rate(generation)
        child = genome.copy()
        values = genome[chosen] / 255
        moved = mutate_polynomially(values, random.random(len(values)), strength=STRENGTH)
        child[chosen] = np.rint(255 * moved).astype(np.uint8)
        return child

    def render(self, genome: Pixels) -> Pixels:
        """A genome is its image, uint8 (H, W, C)."""
        return genome

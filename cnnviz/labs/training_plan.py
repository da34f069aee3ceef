"""What a run of training depends on, and how its digits are varied."""

import math
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

from cnnviz.digits.mnist import PAPER_VALUE
from cnnviz.labs.digit_sets import DigitSource
from cnnviz.labs.optimizers import Optimizer, Schedule, Settings

MAX_EPOCHS = 100
# Of augmentation, either way: degrees, and shares of the field.
_TURN, _SHIFT, _STRETCH, _SLANT = 15.0, 0.1, 0.2, 0.25


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingPlan:
    """All that a run depends on.

    Attributes:
        layers: The network, in the notation of `network_builder`.
        source: Whose digits.
        optimizer: What turns gradients into steps.
        rate: Learning rate, before the schedule.
        schedule: How it changes.
        batch: Images in a step.
        decay: Weight decay.
        epochs: Passes over the training digits.
        is_augmented: Whether each training digit is turned, shifted, stretched and slanted a
            little, anew in each epoch.
        seed: Of weights, batches, dropout and augmentation.
    """

    layers: str
    source: DigitSource = DigitSource.WRITTEN
    optimizer: Optimizer = Optimizer.ADAM
    rate: float = 0.006
    schedule: Schedule = Schedule.ONE_CYCLE
    batch: int = 32
    decay: float = 0.0
    epochs: int = 25
    is_augmented: bool = True
    seed: int = 0

    def set_optimizer(self) -> Settings:
        """Return what the optimizer is told; momentum is 0.9 where there is one."""
        return Settings(rate=self.rate, adaptive_rate=self.rate, decay=self.decay)


def augment(images: Tensor, dice: torch.Generator) -> Tensor:
    """Turn, shift, stretch and slant each image a little, (N, 1, H, W)."""
    turn, across, down, wide, tall, slant = torch.rand(6, len(images), generator=dice) * 2 - 1
    angle = turn * _TURN * math.pi / 180
    matrix = torch.stack(
        (
            torch.cos(angle) * (1 + wide * _STRETCH),
            -torch.sin(angle) + slant * _SLANT,
            across * _SHIFT,
            torch.sin(angle) * (1 + tall * _STRETCH),
            torch.cos(angle) * (1 + tall * _STRETCH),
            down * _SHIFT,
        ),
        dim=1,
    ).reshape(-1, 2, 3)
    grid = functional.affine_grid(matrix, list(images.shape), align_corners=False)
    # Outside of the image lies paper.
    moved = functional.grid_sample(images - PAPER_VALUE, grid, align_corners=False)
    return moved + PAPER_VALUE

"""How a run of training learns: optimizer, schedule of the learning rate, and augmentation."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from functools import partial

import torch
from torch import Tensor, nn
from torch.nn import functional

from cnnviz.digits.mnist import PAPER_VALUE
from cnnviz.labs.digit_sets import DigitSource

MOMENTUM = 0.9
MAX_EPOCHS = 100
_WARM_UP, _ONE_CYCLE_RISE, _ONE_CYCLE_START, _ONE_CYCLE_END = 0.1, 0.3, 25.0, 1e4
# Of augmentation, either way: degrees, and shares of the field.
_TURN, _SHIFT, _STRETCH, _SLANT = 15.0, 0.1, 0.2, 0.25


class Optimizer(StrEnum):
    """torch.optim's optimizers; the values are those of the page's program."""

    SGD = "sgd"
    MOMENTUM = "momentum"
    NESTEROV = "nesterov"
    RMSPROP = "rmsprop"
    ADAM = "adam"
    ADAMW = "adamw"


class Schedule(StrEnum):
    """How the learning rate changes from the first step to the last."""

    CONSTANT = "constant"
    STEP = "step"
    COSINE = "cosine"
    ONE_CYCLE = "one_cycle"
    WARM_UP = "warm_up"


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


_OPTIMIZERS: dict[Optimizer, Callable[..., torch.optim.Optimizer]] = {
    Optimizer.SGD: torch.optim.SGD,
    Optimizer.MOMENTUM: partial(torch.optim.SGD, momentum=MOMENTUM),
    Optimizer.NESTEROV: partial(torch.optim.SGD, momentum=MOMENTUM, nesterov=True),
    Optimizer.RMSPROP: torch.optim.RMSprop,
    Optimizer.ADAM: torch.optim.Adam,
    Optimizer.ADAMW: torch.optim.AdamW,
}


def make_optimizer(module: nn.Module, plan: TrainingPlan) -> torch.optim.Optimizer:
    """Make torch's optimizer with its usual settings; momentum is 0.9 where there is one."""
    make = _OPTIMIZERS[plan.optimizer]
    return make(module.parameters(), lr=plan.rate, weight_decay=plan.decay)


def find_factor(schedule: Schedule, step: int, *, steps: int) -> float:
    """Return what the learning rate is multiplied by.

    Step: divided by ten after half and after three quarters. Cosine: from 1 to 0. One cycle: up
    from 1/25 in three tenths, then down to almost 0, both as half a cosine, as torch's OneCycleLR
    has it. Warm-up: up from 0 in the first tenth, then as cosine.

    Args:
        schedule: Which.
        step: Steps done.
        steps: In all.
    """
    share = step / steps
    match schedule:
        case Schedule.STEP:
            return 1.0 if share < 0.5 else 0.1 if share < 0.75 else 0.01
        case Schedule.COSINE:
            return _ease(1.0, 0.0, share)
        case Schedule.ONE_CYCLE:
            peak = _ONE_CYCLE_RISE * steps - 1
            start = 1 / _ONE_CYCLE_START
            if step <= peak:
                return _ease(start, 1.0, step / peak)
            return _ease(1.0, start / _ONE_CYCLE_END, (step - peak) / (steps - 1 - peak))
        case Schedule.WARM_UP:
            if share < _WARM_UP:
                return (step + 1) / (_WARM_UP * steps + 1)
            return _ease(1.0, 0.0, (share - _WARM_UP) / (1 - _WARM_UP))
        case _:
            return 1.0


def _ease(first: float, last: float, share: float) -> float:
    """From one number to another along half a cosine."""
    return last + (first - last) * (1 + math.cos(math.pi * share)) / 2


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

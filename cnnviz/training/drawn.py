"""Ones with a flag, drawn by program as a pen on the pad would draw them.

Most of the world writes a one with an upstroke, many with a foot; MNIST's writers, from the United
States, nearly always drew a bare bar. A network trained on MNIST alone takes such ones for sevens.
"""

import math

import numpy as np
import torch

from cnnviz.digits.mnist import Stroke, center_digit, rasterize_strokes
from cnnviz.training.labelled import LabelledImages

# A flag of 30° and less would make a seven of it.
_FLAG_ANGLE = (35, 65)
_FLAG_LENGTH = (0.15, 0.45)
_PEN = (0.04, 0.16)
_FOOT_SHARE = 0.3


def draw_flagged_ones(count: int, *, seed: int) -> LabelledImages:
    """Draw ones with a flag, each with its own pen and proportions.

    Args:
        count: How many.
        seed: Seed of the proportions.
    """
    random = np.random.default_rng(seed)
    images = torch.zeros(count, 28, 28, dtype=torch.uint8)
    for number in range(count):
        ink = rasterize_strokes(_draw_one(random), pen=random.uniform(*_PEN))
        images[number] = torch.from_numpy(np.rint(center_digit(ink) * 255).astype(np.uint8))
    return LabelledImages(images=images, labels=torch.ones(count, dtype=torch.int64))


def _draw_one(random: np.random.Generator) -> tuple[Stroke, ...]:
    height = random.uniform(0.45, 0.7)
    slant = random.uniform(-0.05, 0.2) * height
    top, bottom = (0.5 + slant / 2, 0.5 - height / 2), (0.5 - slant / 2, 0.5 + height / 2)
    angle = math.radians(random.uniform(*_FLAG_ANGLE))
    length = random.uniform(*_FLAG_LENGTH) * height
    flag = (top[0] - length * math.cos(angle), top[1] + length * math.sin(angle))
    one: Stroke = (flag, top, bottom)
    if random.random() >= _FOOT_SHARE:
        return (one,)
    left, right = random.uniform(0.1, 0.3, size=2) * height
    foot: Stroke = ((bottom[0] - left, bottom[1]), (bottom[0] + right, bottom[1]))
    return one, foot

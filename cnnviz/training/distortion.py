"""Digits varied as writers and pens vary, a whole batch at once.

Each digit is bent on a finer grid, its pen made thinner, thicker or softer, and the result brought
back to its place the way the drawing pad does it: the ink's box scaled to fit 20×20, the centre of
mass in the middle. That last step matters: the network then never meets a digit off its place.
"""

import math

import torch
from torch import Generator, Tensor
from torch.nn import functional

from cnnviz.digits.mnist import BOX_SIDE, FIELD_SIDE
from cnnviz.training.recipes import Distortion

# The bent digit lies on a grid of 42×42 pixels, 1.3 of them to one of MNIST's.
_FINE_SIDE = 42
_FINE_SCALE = 1.3
_PAPER = 0.1
_MIDDLE = FIELD_SIDE / 2
_WAVE_KNOTS = 5


def distort_digits(ink: Tensor, distortion: Distortion, *, generator: Generator) -> Tensor:
    """Vary a batch of digits.

    Args:
        ink: MNIST's digits, float32 (N, 28, 28), 0 to 1.
        distortion: How far.
        generator: Where the random amounts come from.

    Returns:
        Ink, (N, 28, 28), 0 to 1, every digit boxed and centred.
    """
    bent = _bend(ink, distortion, generator=generator)  # (N, 42, 42)
    inked = _change_pen(bent, distortion, generator=generator)  # (N, 42, 42)
    return _center(inked, generator=generator)  # (N, 28, 28)


def _uniform(count: int, low: float, high: float, *, generator: Generator) -> Tensor:
    return torch.rand(count, generator=generator) * (high - low) + low


def _bend(ink: Tensor, distortion: Distortion, *, generator: Generator) -> Tensor:
    """Turn, slant, stretch and wave: (N, 28, 28) to (N, 42, 42)."""
    count = len(ink)
    turn = math.radians(distortion.rotation)
    angle = _uniform(count, -turn, turn, generator=generator)
    shear = _uniform(count, -distortion.shear, distortion.shear, generator=generator)
    stretch = _uniform(count, -distortion.stretch, distortion.stretch, generator=generator).exp()
    cosine, sine = angle.cos(), angle.sin()
    # The grid reaches a little past the field, so that nothing is cut when the digit turns.
    reach = _FINE_SIDE / (_FINE_SCALE * FIELD_SIDE)
    place = ((torch.arange(_FINE_SIDE) + 0.5) * (2 / _FINE_SIDE) - 1) * reach
    # Rotation times shear times stretch, for grid_sample's coordinates of −1 to 1.
    x = _sum_outer(cosine * stretch, (cosine * shear - sine) / stretch, place)
    y = _sum_outer(sine * stretch, (sine * shear + cosine) / stretch, place)
    knots = torch.randn(count, 2, _WAVE_KNOTS, _WAVE_KNOTS, generator=generator)
    wave = functional.interpolate(
        knots * (distortion.wave * 2 / FIELD_SIDE),
        size=(_FINE_SIDE, _FINE_SIDE),
        mode="bilinear",
        align_corners=True,
    ).permute(0, 2, 3, 1)  # (N, 42, 42, 2)
    bent = functional.grid_sample(
        ink[:, None], torch.stack([x, y], dim=3) + wave, align_corners=False
    )
    return bent[:, 0]


def _sum_outer(across: Tensor, down: Tensor, place: Tensor) -> Tensor:
    """Weigh columns and rows of a grid, (N,), (N,) and (S,), and add them: (N, S, S)."""
    return (across[:, None] * place)[:, None, :] + (down[:, None] * place)[:, :, None]


def _change_pen(ink: Tensor, distortion: Distortion, *, generator: Generator) -> Tensor:
    """Mix each digit (N, H, W) with its thinner or thicker self, then blur it."""
    amount = _uniform(len(ink), -distortion.thinner, distortion.thicker, generator=generator)
    # The minimum is the maximum of the negative: one pass serves thinner and thicker alike.
    sign = amount.sign()[:, None, None]
    changed = sign * _maximum_3x3(sign * ink)
    inked = torch.lerp(ink, changed, amount.abs()[:, None, None])
    sigma = _uniform(len(ink), 0.05, distortion.blur * _FINE_SCALE, generator=generator)
    reach = torch.arange(-3.0, 4.0)
    kernel = torch.exp(-0.5 * (reach / sigma[:, None]) ** 2)  # (N, 7)
    kernel = kernel / kernel.sum(dim=1, keepdim=True)
    return _convolve_each(inked, kernel)


def _maximum_3x3(ink: Tensor) -> Tensor:
    """Largest value among each pixel and its eight neighbours, (N, H, W).

    Written as maxima of shifted copies, which is several times as fast on a CPU as max_pool2d.
    """
    result = ink.clone()
    torch.maximum(result[:, 1:], ink[:, :-1], out=result[:, 1:])
    torch.maximum(result[:, :-1], ink[:, 1:], out=result[:, :-1])
    down = result.clone()
    torch.maximum(result[:, :, 1:], down[:, :, :-1], out=result[:, :, 1:])
    torch.maximum(result[:, :, :-1], down[:, :, 1:], out=result[:, :, :-1])
    return result


def _convolve_each(ink: Tensor, kernel: Tensor) -> Tensor:
    """Convolve each digit (N, H, W) with its own symmetric kernel (N, K), down and across."""
    count, size = kernel.shape
    across = functional.conv2d(
        ink[None], kernel.reshape(count, 1, 1, size), padding=(0, size // 2), groups=count
    )
    down = functional.conv2d(
        across, kernel.reshape(count, 1, size, 1), padding=(size // 2, 0), groups=count
    )
    return down[0]


def _center(ink: Tensor, *, generator: Generator) -> Tensor:
    """Scale each digit's box (N, S, S) to fit 20×20 and centre its mass: (N, 28, 28)."""
    count, side = ink.shape[:2]
    extent = torch.maximum(_extent(ink.amax(dim=1)), _extent(ink.amax(dim=2)))  # (N,)
    place = torch.arange(side, dtype=torch.float32)
    mass = ink.sum(dim=(1, 2)).clamp(min=1e-6)
    x = (ink.sum(dim=1) @ place) / mass  # (N,), pixels
    y = (ink.sum(dim=2) @ place) / mass
    # The pad rounds the place to whole pixels; half a pixel either way stands for that.
    jitter = torch.rand(2, count, generator=generator) - 0.5
    step = extent / BOX_SIDE  # pixels of the fine grid for one of the field
    field = torch.arange(FIELD_SIDE, dtype=torch.float32) - _MIDDLE
    columns = x[:, None] + (field + jitter[0][:, None]) * step[:, None]  # (N, 28)
    rows = y[:, None] + (field + jitter[1][:, None]) * step[:, None]
    grid = torch.stack(
        [
            columns[:, None, :].expand(count, FIELD_SIDE, FIELD_SIDE),
            rows[:, :, None].expand(count, FIELD_SIDE, FIELD_SIDE),
        ],
        dim=3,
    )  # (N, 28, 28, 2)
    grid = (2 * grid + 1) / side - 1
    return functional.grid_sample(ink[:, None], grid, align_corners=False)[:, 0]


def _extent(profile: Tensor) -> Tensor:
    """Length from the first to the last inked place of each profile (N, S): (N,), at least 1."""
    inked = (profile > _PAPER).to(torch.uint8)
    first = inked.argmax(dim=1)
    last = inked.shape[1] - 1 - inked.flip(1).argmax(dim=1)
    return (last - first + 1).clamp(min=1).to(torch.float32)

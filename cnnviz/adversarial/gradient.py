"""Attacks that follow the gradient: in one step (FGSM), or in many that stay in a ball (PGD).

Sources: Goodfellow, Shlens and Szegedy 2015, "Explaining and harnessing adversarial examples",
section 4; Madry, Makelov, Schmidt, Tsipras and Vladu 2018, "Towards deep learning models resistant
to adversarial attacks", section 2.1.
"""

from enum import StrEnum

import torch
from torch import Tensor

from cnnviz.adversarial.pixel_space import Logits, compute_gradient
from cnnviz.errors import AttackError

# Madry's: together the steps could cross the ball, and have some left to turn.
_REACH = 2.5


class Norm(StrEnum):
    """How the size of a change is measured."""

    LINF = "L∞"
    L2 = "L2"


def attack_in_one_step(
    logits_of: Logits,
    start: Tensor,
    *,
    epsilon: float,
    label: int,
    targeted: bool = False,
    norm: Norm = Norm.LINF,
) -> Tensor:
    """Go one step of size epsilon along the gradient (the fast gradient sign method for L∞).

    Args:
        logits_of: The network.
        start: Images, (N, C, H, W), 0 to 1.
        epsilon: Size of the step, 0 or more, in units of the values.
        label: The class to leave, or with `targeted` the one to reach.
        targeted: Whether `label` is to be reached.
        norm: Whether the largest change of a value or the root of the sum of squares is epsilon.

    Returns:
        (N, C, H, W), 0 to 1.

    Raises:
        AttackError: `epsilon` is negative.
    """
    _check(epsilon=epsilon, steps=1)
    gradient = compute_gradient(logits_of, start, label=label, targeted=targeted)
    return take_step(start, gradient, size=epsilon, norm=norm)


def take_step(start: Tensor, gradient: Tensor, *, size: float, norm: Norm) -> Tensor:
    """Go along a gradient by a length of `size` in this norm, and stay within 0 and 1."""
    if norm is Norm.LINF:
        direction = gradient.sign()
    else:
        length = gradient.flatten(1).norm(dim=1).reshape(-1, 1, 1, 1)  # (N, 1, 1, 1)
        direction = gradient / length.clamp_min(torch.finfo(gradient.dtype).tiny)
    return (start + size * direction).clamp(0, 1)


def attack_in_steps(
    logits_of: Logits,
    start: Tensor,
    *,
    epsilon: float,
    label: int,
    targeted: bool = False,
    norm: Norm = Norm.LINF,
    steps: int = 20,
    step_size: float | None = None,
    random_start: bool = False,
    seed: int = 0,
) -> Tensor:
    """Follow the gradient in small steps and return to the ball after each (projected gradient).

    Args:
        logits_of: The network.
        start: Images, (N, C, H, W), 0 to 1: the middle of the ball.
        epsilon: Radius of the ball, 0 or more, in units of the values.
        label: The class to leave, or with `targeted` the one to reach.
        targeted: Whether `label` is to be reached.
        norm: Of the ball and of the steps.
        steps: How many, 1 or more.
        step_size: Of each; 2.5 epsilon / steps unless given.
        random_start: Whether to begin at a random point of the ball, not in its middle.
        seed: Of that point.

    Returns:
        (N, C, H, W), 0 to 1, no further from `start` than epsilon.

    Raises:
        AttackError: `epsilon` is negative or `steps` below 1.
    """
    _check(epsilon=epsilon, steps=steps)
    size = _REACH * epsilon / steps if step_size is None else step_size
    current = _draw_point(start, epsilon, norm=norm, seed=seed) if random_start else start
    for _ in range(steps):
        gradient = compute_gradient(logits_of, current, label=label, targeted=targeted)
        current = project(
            take_step(current, gradient, size=size, norm=norm), start, epsilon=epsilon, norm=norm
        )
    return current


def project(point: Tensor, center: Tensor, *, epsilon: float, norm: Norm) -> Tensor:
    """Bring a point of [0, 1] to the nearest of the ball around another, (N, C, H, W)."""
    change = point - center
    if norm is Norm.LINF:
        near = center + change.clamp(-epsilon, epsilon)
    else:
        near = center + torch.renorm(change, 2, 0, epsilon)
    return near.clamp(0, 1)  # a rounding error may lead out


def _draw_point(center: Tensor, radius: float, *, norm: Norm, seed: int) -> Tensor:
    """A point drawn evenly from the ball, cut to [0, 1]."""
    generator = torch.Generator().manual_seed(seed)
    if norm is Norm.LINF:
        change = torch.rand(center.shape, generator=generator) * radius * 2 - radius
    else:
        # A random direction, and a distance whose power by the dimension is even.
        direction = torch.randn(center.shape, generator=generator)
        direction = direction / direction.flatten(1).norm(dim=1).reshape(-1, 1, 1, 1)
        share = torch.rand(len(center), generator=generator) ** (1 / center[0].numel())
        change = direction * (share * radius).reshape(-1, 1, 1, 1)
    return (center + change).clamp(0, 1)


def _check(*, epsilon: float, steps: int) -> None:
    if not epsilon >= 0:
        raise AttackError(f"epsilon is {epsilon}; give 0 or more.")
    if steps < 1:
        raise AttackError(f"steps is {steps}; give at least 1.")

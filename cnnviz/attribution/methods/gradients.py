"""Gradients of a class towards private copies of the input."""

from collections.abc import Callable

import torch
from torch import Tensor, fx

from cnnviz.errors import AttributionError

Report = Callable[[float], None]
# Larger batches of large images take longer an image on a laptop's processor.
_PIXELS_AT_ONCE = 4 * 224 * 224
_MAX_AT_ONCE = 16


def ignore_progress(_share: float) -> None:
    """Take a share done, 0 to 1, and do nothing with it."""


def choose_batch(x: Tensor) -> int:
    """Return how many images of this size to compute at once."""
    return max(1, min(_MAX_AT_ONCE, _PIXELS_AT_ONCE // (x.shape[2] * x.shape[3])))


def differentiate_class(run: fx.GraphModule, x: Tensor, *, target: int) -> Tensor:
    """Differentiate a class's logit towards each input.

    Args:
        run: A network.
        x: Inputs, (N, C, H, W); not changed.
        target: Index of the class.

    Returns:
        Gradients, (N, C, H, W).

    Raises:
        AttributionError: The class does not depend on the input.
    """
    private = x.detach().clone().requires_grad_()
    with torch.enable_grad():
        # The sum's gradient towards one input is that of its own logit.
        total = run(private)[:, target].sum()
        if not total.requires_grad:
            raise AttributionError("Nothing leads from the input to this class; choose another.")
        (gradient,) = torch.autograd.grad(total, private)
    return gradient

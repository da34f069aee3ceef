"""Two numbers of a map by captum: how well it predicts the logit, and how far noise changes it.

Source: Yeh, Hsieh, Suggala, Inouye, Ravikumar: On the (In)fidelity and Sensitivity of Explanations,
NeurIPS 2019, definitions 2.1 and 3.1.
"""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from cnnviz.attribution.methods.gradients import choose_batch
from cnnviz.attribution.result import Attribution, Method, resize_to
from cnnviz.networks.load import LoadedModel

# What a square holds, times these, is what the logit loses; of all others it is added up.
_SLOPES = (
    Method.SALIENCY,
    Method.SMOOTHGRAD,
    Method.DECONVNET,
    Method.GUIDED_BACKPROP,
    Method.GUIDED_GRAD_CAM,
)
_SQUARES, _NOISES = 32, 4
_SIDES = (0.1, 0.4)  # of a square, as shares of the image's shorter side
_RADIUS = 0.02  # of the noise, as a share of the input's range


def measure_infidelity(
    model: LoadedModel,
    x: Tensor,
    found: Attribution,
    *,
    target: int,
    baseline: Tensor,
    seed: int = 0,
) -> float:
    """Return the mean squared error of what a map says that the logit loses with random squares.

    The map may be scaled by one number, the best one, since maps have units of their own.

    Args:
        model: The network.
        x: Input, (1, C, H, W).
        found: Its map.
        target: Index of the class.
        baseline: What stands in the squares, (1, C, H, W).
        seed: Of the squares.

    Returns:
        0 or more, in squared logits; small is good.
    """
    from captum.metrics import infidelity

    generator = torch.Generator().manual_seed(seed)
    is_slope = found.method in _SLOPES and found.pixels is not None

    def cover(inputs: Tensor, *_: Any) -> tuple[Tensor, Tensor]:
        inside = _draw_squares(inputs, generator)
        covered = torch.where(inside, baseline, inputs)
        return (inputs - covered if is_slope else inside.to(inputs.dtype)), covered

    error: Tensor = infidelity(
        model.graph.traced,
        cover,
        x,
        _spread(x, found),
        target=target,
        n_perturb_samples=_SQUARES,
        max_examples_per_batch=choose_batch(x),
        normalize=True,
    )
    return float(error)


def _spread(x: Tensor, found: Attribution) -> Tensor:
    """A map's values for each number of the input, (1, C, H, W)."""
    if found.pixels is not None:
        return found.pixels[None]
    values = resize_to(found, (int(x.shape[2]), int(x.shape[3])))
    if found.superpixels is not None:
        segments = found.superpixels.segments
        values = values / torch.bincount(segments.flatten())[segments]
    return (values / x.shape[1]).expand_as(x).contiguous()


def _draw_squares(x: Tensor, generator: torch.Generator) -> Tensor:
    """One square in each image, bool (N, 1, H, W) laid over all channels, (N, C, H, W)."""
    height, width = x.shape[2:]
    drawn = torch.rand(len(x), 3, generator=generator)
    low, high = (share * min(height, width) for share in _SIDES)
    sides = (low + drawn[:, 0] * (high - low)).round().clamp(min=1)
    tops, lefts = (drawn[:, 1] * (height - sides)), (drawn[:, 2] * (width - sides))
    rows, columns = torch.arange(height), torch.arange(width)

    def is_within(places: Tensor, starts: Tensor) -> Tensor:
        first = starts.round()[:, None]
        return (places >= first) & (places < first + sides[:, None])

    inside = is_within(rows, tops)[:, :, None] & is_within(columns, lefts)[:, None]  # (N, H, W)
    return inside[:, None].expand_as(x)


def measure_sensitivity(x: Tensor, explain: Callable[[Tensor], Tensor], *, seed: int = 0) -> float:
    """Return how far a map changes at most with noise that cannot be seen, by its own size.

    Args:
        x: Input, (1, C, H, W).
        explain: Makes the map (H, W) of an input, (1, C, H, W).
        seed: Of the noise.

    Returns:
        0 or more; 1 is as far as the map is long.
    """
    from captum.metrics import sensitivity_max

    generator = torch.Generator().manual_seed(seed)
    radius = _RADIUS * float(x.max() - x.min())

    def add_noise(inputs: Any, *_: Any) -> Any:
        (images,) = inputs if isinstance(inputs, tuple) else (inputs,)
        return (images + radius * (2 * torch.rand(images.shape, generator=generator) - 1),)

    def explain_each(inputs: Any, **_: Any) -> Any:
        (images,) = inputs if isinstance(inputs, tuple) else (inputs,)
        return (torch.stack([explain(image[None]) for image in images]),)

    change: Tensor = sensitivity_max(
        explain_each,
        x,
        perturb_func=add_noise,
        n_perturb_samples=_NOISES,
        max_examples_per_batch=1,
    )
    return float(change)

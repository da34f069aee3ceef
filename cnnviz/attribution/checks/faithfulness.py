"""Whether a map is faithful: how a class fares as the map's pixels go, or come, in its order.

Deletion takes the pixels that a map calls important from the image, the most important first: if
they are what the network looks at, the class falls soon and the area below its curve is small.
Insertion gives them back to an empty image: the class rises soon and the area is large. No one
needs to have marked the object.

Source: Petsiuk, Das and Saenko 2018, "RISE: Randomized input sampling for explanation of black-box
models", BMVC, section 3.3.
"""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from cnnviz.errors import AttributionError
from cnnviz.networks.load import LoadedModel

_BATCH = 4


@dataclass(frozen=True, slots=True, eq=False)
class Faithfulness:
    """The two curves of one map.

    Attributes:
        shares: Share of the pixels taken away or given back, (steps + 1,), from 0 to 1.
        deletion: The class's probability while they are taken away, (steps + 1,).
        insertion: Its probability while they are given back, (steps + 1,).
        infidelity: Squared error of the map as a prediction of the logit; None where not measured.
        sensitivity: How far the map changes with noise, by its own size; None where not measured.
    """

    shares: Tensor
    deletion: Tensor
    insertion: Tensor
    infidelity: float | None = None
    sensitivity: float | None = None

    @property
    def deletion_area(self) -> float:
        """Area below the deletion curve, 0 to 1; small is good."""
        return measure_area(self.shares, self.deletion)

    @property
    def insertion_area(self) -> float:
        """Area below the insertion curve, 0 to 1; large is good."""
        return measure_area(self.shares, self.insertion)


def measure_area(x: Tensor, y: Tensor) -> float:
    """Area below a curve by the trapezoid rule, x and y of shape (n,)."""
    return float(torch.trapezoid(y.double(), x.double()))


def measure_faithfulness(
    model: LoadedModel,
    x: Tensor,
    values: Tensor,
    *,
    target: int,
    baseline: Tensor,
    steps: int = 32,
    report: Callable[[float], None] | None = None,
) -> Faithfulness:
    """Take pixels away and give them back in a map's order, and watch a class's probability.

    Args:
        model: The network.
        x: Input, (1, C, H, W).
        values: How important each pixel is, (H, W); of equal ones the upper left goes first.
        target: Index of the class.
        baseline: What stands in for a missing pixel, (1, C, H, W).
        steps: How many equal lots of pixels go one after the other, 1 or more.
        report: Called after each batch with the share that is done; may raise to end the work.

    Raises:
        AttributionError: The shapes do not fit, there is no such class, or `steps` is below 1.
    """
    _check(model, x, values, target=target, baseline=baseline, steps=steps)
    size = values.numel()
    order = torch.argsort(values.flatten(), descending=True, stable=True)
    place = torch.empty_like(order)
    place[order] = torch.arange(size)
    place = place.reshape(values.shape)  # (H, W), 0 for the most important pixel
    counts = torch.arange(steps + 1) * size // steps
    curves = []
    for half, (before, after) in enumerate(((x, baseline), (baseline, x))):
        shares: list[Tensor] = []
        for batch in torch.split(counts, _BATCH):
            gone = place < batch.reshape(-1, 1, 1, 1)  # (n, 1, H, W)
            with torch.no_grad():
                logits = model.module(torch.where(gone, after, before))  # (n, classes)
            shares.append(logits.softmax(dim=1)[:, target])
            if report is not None:
                report((half + len(torch.cat(shares)) / len(counts)) / 2)
        curves.append(torch.cat(shares))
    return Faithfulness(shares=counts / size, deletion=curves[0], insertion=curves[1])


def _check(
    model: LoadedModel, x: Tensor, values: Tensor, *, target: int, baseline: Tensor, steps: int
) -> None:
    if values.shape != x.shape[2:] or baseline.shape != x.shape:
        raise AttributionError(
            f"values is {tuple(values.shape)} and baseline {tuple(baseline.shape)}; give the rows "
            f"and columns, and the shape, of the input {tuple(x.shape)}."
        )
    if not 0 <= target < len(model.spec.classes):
        raise AttributionError(
            f"target is {target}; the classes go from 0 to {len(model.spec.classes) - 1}."
        )
    if steps < 1:
        raise AttributionError(f"steps is {steps}; give 1 or more.")


def shuffle_pixels(shape: tuple[int, int], *, seed: int = 0) -> Tensor:
    """Make a map (H, W) that knows nothing: its order is that of dice, what others must beat."""
    return torch.rand(shape, generator=torch.Generator().manual_seed(seed))

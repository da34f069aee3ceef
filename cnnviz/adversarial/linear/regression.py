"""Softmax regression: one template a class, learnt by gradient descent on all images at once."""

from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

from cnnviz.adversarial.linear.data import PixelRows
from cnnviz.errors import DataError

_MOMENTUM = 0.9
_POWER_STEPS = 20
_POINTS = 40  # of the training curve


@dataclass(frozen=True, slots=True)
class TrainingPoint:
    """How good a classifier is after so many steps.

    Attributes:
        step: Steps done.
        loss: Mean cross-entropy on the training images.
        train: Share of them that it names right.
        test: Share of the held-out images that it names right.
    """

    step: int
    loss: float
    train: float
    test: float


@dataclass(frozen=True, slots=True, eq=False)
class LinearClassifier:
    """Scores are weights · x + bias.

    Attributes:
        weights: One template a class, (K, D).
        bias: (K,).
        rate: Step size of its training.
        curve: How its training went.
    """

    weights: Tensor
    bias: Tensor
    rate: float
    curve: tuple[TrainingPoint, ...]

    def score(self, rows: Tensor) -> Tensor:
        """Return the logits (N, K) of images (N, D)."""
        return rows @ self.weights.T + self.bias


def train_classifier(data: PixelRows, *, steps: int, decay: float) -> LinearClassifier:
    """Learn templates from zero by gradient descent with momentum; see `train_in_steps`."""
    *_, (_, _, classifier) = train_in_steps(data, steps=steps, decay=decay)
    return classifier


def train_in_steps(
    data: PixelRows, *, steps: int, decay: float
) -> Iterator[tuple[float, str, LinearClassifier]]:
    """Learn templates from zero by gradient descent with momentum.

    Pixels have their mean taken off while it learns, which the bias takes back in at the end. The
    step size follows from the data: it is the reciprocal of the loss's largest curvature.

    Args:
        data: Images with labels.
        steps: How many, 0 or more.
        decay: Of weights: what the sum of their squares costs, 0 or more.

    Yields:
        The share done, the step, and the classifier at that step; the trained one at the end.

    Raises:
        DataError: `steps` or `decay` is negative.
    """
    if steps < 0 or not decay >= 0:
        raise DataError(f"steps is {steps} and decay {decay}; give 0 or more of each.")
    mean = data.train.mean(dim=0)  # (D,)
    rows = data.train - mean
    truth = functional.one_hot(data.train_labels, len(data.classes)).to(rows.dtype)  # (N, K)
    weights = torch.zeros(len(data.classes), rows.shape[1])
    bias = torch.zeros(len(data.classes))
    moved, shifted = torch.zeros_like(weights), torch.zeros_like(bias)
    rate = (1 - _MOMENTUM) / (_measure_curvature(rows) + decay)
    curve: tuple[TrainingPoint, ...] = ()
    shown = {round(steps * part / _POINTS) for part in range(_POINTS + 1)}
    for step in range(steps + 1):
        if step in shown:
            moving = bias - weights @ mean
            curve += (_measure(data, weights, moving, step=step),)
            made = LinearClassifier(weights=weights, bias=moving, rate=rate, curve=curve)
            yield step / max(steps, 1), f"step {step}", made
        if step == steps:
            break
        error = ((rows @ weights.T + bias).softmax(dim=1) - truth) / len(rows)  # (N, K)
        moved = _MOMENTUM * moved - rate * (error.T @ rows + decay * weights)
        shifted = _MOMENTUM * shifted - rate * error.sum(dim=0)
        weights, bias = weights + moved, bias + shifted


def _measure_curvature(rows: Tensor) -> float:
    """Bound the curvature of the loss: half the largest eigenvalue of the pixels' covariance.

    Source: Böhning 1992, "Multinomial logistic regression algorithm", for the factor of a half.
    """
    direction = torch.ones(rows.shape[1]) / rows.shape[1] ** 0.5
    size = 1.0
    for _ in range(_POWER_STEPS):
        image = rows.T @ (rows @ direction) / len(rows)
        size = float(image.norm())
        direction = image / max(size, 1e-12)
    return 0.5 * max(size, 1.0)  # 1: the bias's own


def _measure(data: PixelRows, weights: Tensor, bias: Tensor, *, step: int) -> TrainingPoint:
    logits = data.train @ weights.T + bias
    test = data.test @ weights.T + bias
    return TrainingPoint(
        step=step,
        loss=float(functional.cross_entropy(logits, data.train_labels)),
        train=float((logits.argmax(dim=1) == data.train_labels).float().mean()),
        test=float((test.argmax(dim=1) == data.test_labels).float().mean()),
    )

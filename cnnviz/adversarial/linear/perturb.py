"""x + a·w: an image pushed along a template, and along LeNet's gradient.

A linear score w·x + b grows by exactly a·|w|² when a·w is added to x. A network's score is linear
only nearby, with its gradient for w.

Sources: Karpathy 2015, "Breaking linear classifiers on ImageNet"; Goodfellow, Shlens and Szegedy
2015, section 3.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from cnnviz.adversarial.linear.regression import LinearClassifier
from cnnviz.adversarial.pixel_space import LEVELS, make_logits, to_values
from cnnviz.errors import AttackError
from cnnviz.images.image import Pixels
from cnnviz.networks.load import LoadedModel, Prediction, rank_logits

_PARTS = 30
_BEYOND = 2.5  # how far past the place where the guess should turn

Scores = Callable[[Tensor], Tensor]


@dataclass(frozen=True, slots=True, eq=False)
class PerturbedImage:
    """An image with so much of a direction added.

    Attributes:
        amount: a.
        values: x + a·w, of the shape of x; not bounded to 0 and 1.
        change: a·w.
        prediction: What is said of it.
        score: The target's logit.
        predicted: What the logit would be if it were linear: w·x + b + a·|w|².
        saved: What is said of it when it is bounded and rounded to 8 bits.
    """

    amount: float
    values: Tensor
    change: Tensor
    prediction: Prediction
    score: float
    predicted: float
    saved: Prediction


@dataclass(frozen=True, slots=True, eq=False)
class Perturbation:
    """An image pushed towards a class by growing amounts.

    Attributes:
        target: The class.
        direction: w, the gradient of the target's logit, of the shape of the image.
        score: The target's logit at the start.
        square: |w|²: how fast the logit grows.
        images: One for each amount, from 0 up.
    """

    target: int
    direction: Tensor
    score: float
    square: float
    images: tuple[PerturbedImage, ...]


def perturb_row(classifier: LinearClassifier, row: Tensor, *, target: int) -> Perturbation:
    """Push an image (D,) along a class's template.

    Raises:
        AttackError: There is no such class, or its template is all zero.
    """
    if not 0 <= target < len(classifier.weights):
        raise AttackError(f"target is {target}; there are {len(classifier.weights)} classes.")
    weights, bias = classifier.weights.double(), classifier.bias.double()
    return _perturb(
        lambda values: weights @ values + bias,
        row.double(),
        direction=weights[target],
        slopes=weights,
        target=target,
    )


def perturb_image(model: LoadedModel, seen: Pixels, *, target: int) -> Perturbation:
    """Push what a network sees along the gradient of a class's logit.

    Args:
        model: The network.
        seen: uint8 (H, W) or (H, W, C).
        target: The class.

    Raises:
        AttackError: There is no such class, or no gradient reaches the image.
    """
    if not 0 <= target < len(model.spec.classes):
        raise AttackError(f"target is {target}; there are {len(model.spec.classes)} classes.")
    logits_of, start = make_logits(model), to_values(seen)
    values = start.clone().requires_grad_()
    with torch.enable_grad():
        logits = logits_of(values)[0]
        best = int(logits.argmax())
        slopes = [
            torch.autograd.grad(logits[index], values, retain_graph=True)[0]
            for index in (target, best)
        ]
    rates = torch.zeros(len(logits), start.numel(), dtype=torch.float64)
    rates[target], rates[best] = (slope.double().flatten() for slope in slopes)

    def score(image: Tensor) -> Tensor:
        with torch.no_grad():
            return logits_of(image.to(start.dtype))[0].double()

    return _perturb(
        score, start.double(), direction=slopes[0].double(), slopes=rates, target=target
    )


def _perturb(
    score: Scores, start: Tensor, *, direction: Tensor, slopes: Tensor, target: int
) -> Perturbation:
    """Push by amounts up to well past where the linear scores cross.

    Args:
        score: Values like `start` to logits (K,).
        start: The image.
        direction: w.
        slopes: Gradients of the logits, (K, D): at least of the target's and the largest.
        target: The class.
    """
    square = float((direction * direction).sum())
    if not square > 0:
        raise AttackError(
            "No pixel moves this class's score here; train for some steps, or choose another class."
        )
    logits = score(start)
    best = int(logits.argmax())
    gain = square - float(slopes[best] @ direction.flatten())
    gap = float(logits[best] - logits[target])
    # Of the first guess itself, what would double its lead over the average.
    most = _BEYOND * gap / gain if gap > 0 and gain > 0 else float(logits.std()) / square
    amounts = [float(f"{most * part / _PARTS:.3g}") for part in range(_PARTS + 1)]
    images = []
    for amount in amounts:
        change = amount * direction
        values = start + change
        scores = score(values)
        rounded = (values.clamp(0, 1) * LEVELS).round() / LEVELS
        images.append(
            PerturbedImage(
                amount=amount,
                values=values,
                change=change,
                prediction=rank_logits(scores),
                score=float(scores[target]),
                predicted=float(logits[target]) + amount * square,
                saved=rank_logits(score(rounded)),
            )
        )
    return Perturbation(
        target=target,
        direction=direction,
        score=float(logits[target]),
        square=square,
        images=tuple(images),
    )


def draw_values(values: Tensor, *, shape: tuple[int, ...]) -> Pixels:
    """Bound values to 0 and 1 and draw them, uint8 (H, W) or (H, W, 3).

    Args:
        values: A row (H·W·C,), or an image (1, C, H, W).
        shape: Of the result.
    """
    folded = values[0].permute(1, 2, 0) if values.ndim == 4 else values
    levels = (folded.clamp(0, 1) * LEVELS).round().to(torch.uint8)
    pixels: Pixels = np.ascontiguousarray(levels.numpy().reshape(shape))
    return pixels

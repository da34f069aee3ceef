"""Gradient ascent on an image: step by step, so that one can watch.

Each step shows the network the transformed image, reads the target's score in the traced graph
cut off at the target's layer, and lets Adam follow the score's gradient with respect to private
parameters. No hook, no gradient of any weight.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

import torch
from torch import Tensor

from cnnviz.activations.read import build_reader
from cnnviz.errors import NetworkError
from cnnviz.feature_visualization.canvas import Canvas, make_canvas
from cnnviz.feature_visualization.pixel_scale import find_pixel_scale
from cnnviz.feature_visualization.regularizers import (
    Settings,
    regularize_latent,
    transform_randomly,
)
from cnnviz.feature_visualization.targets import (
    Target,
    check_target,
    find_texture_layer,
    measure_likeness,
    score_target,
)
from cnnviz.networks.load import LoadedModel

_START_CONTRAST = 0.05
MAX_IMAGES = 16
_FAINT = 1e-6


@dataclass(frozen=True, slots=True, eq=False)
class Moment:
    """The ascent after some steps.

    Attributes:
        step: Steps done, from 0.
        scores: The target's score of each transformed image in the last step, (N,), in the
            target's own sign; for a probability its log-odds. At step 0 of the first images.
        images: The images, (N, C, H, W), 0 to 1.
    """

    step: int
    scores: Tensor
    images: Tensor


class _Adam:
    """Adam for one tensor: torch.optim's first use imports the compiler, which takes seconds.

    Source: Kingma and Ba 2015, "Adam: a method for stochastic optimization", algorithm 1.
    """

    def __init__(self, *, rate: float) -> None:
        self._rate, self._step = rate, 0
        self._mean: Tensor | float = 0.0
        self._square: Tensor | float = 0.0

    def maximize(self, parameters: Tensor, gradient: Tensor) -> Tensor:
        """Return the parameters a step up the gradient."""
        self._step += 1
        self._mean = 0.9 * self._mean + 0.1 * gradient
        self._square = 0.999 * self._square + 0.001 * gradient**2
        mean = self._mean / (1 - 0.9**self._step)
        square = self._square / (1 - 0.999**self._step)
        return parameters + self._rate * mean / (square.sqrt() + 1e-8)


def ascend(
    model: LoadedModel,
    target: Target,
    *,
    settings: Settings,
    steps: int = 128,
    seed: int = 0,
    count: int = 1,
    diversity: float = 0.0,
    start: Tensor | None = None,
) -> Iterator[Moment]:
    """Make images that excite a target, and yield them after each step.

    Args:
        model: The network; it is not touched.
        target: What is to be excited.
        settings: Parametrisation and regularisers.
        steps: Steps of the ascent, 1 or more.
        seed: Of the first image and the transformations.
        count: Images made at once, 1 to 16.
        diversity: Weight of the images' likeness, which is held against them, in shares of the
            mean score.
        start: Images to start from, (N, C, H, W), 0 to 1; None for faint noise.

    Yields:
        The images before the first step, then after each.

    Raises:
        NetworkError: The network has no such target, a number is out of range, or the layer does
            not depend on the input.
    """
    check_target(model.graph, target)
    yield from maximize(
        _Excitement(model, target, diversity=diversity),
        shape=model.spec.preprocessing.shape,
        settings=settings,
        steps=steps,
        seed=seed,
        count=count,
        start=start,
    )


def draw_start(
    shape: tuple[int, int, int], *, settings: Settings, seed: int = 0, count: int = 1
) -> Tensor:
    """Return the images before the first step, (N, C, H, W), 0 to 1, without a look by a network.

    Args:
        shape: (C, H, W).
        settings: As of `ascend`, like the others.
        seed: Of the images.
        count: How many.
    """
    canvas = _make_canvas(shape, settings)
    start = canvas.start(count=count, seed=seed, contrast=_START_CONTRAST)
    return canvas.to_image(canvas.to_latent(start))


def _make_canvas(shape: tuple[int, int, int], settings: Settings) -> Canvas:
    return make_canvas(settings.parametrization, shape=shape, decorrelate=settings.decorrelate)


class Objective(Protocol):
    """What images are changed for."""

    def score(self, shown: Tensor) -> tuple[Tensor, Tensor]:
        """Return what is climbed, a scalar, and each image's score, (N,), detached.

        Args:
            shown: Images as the network is to see them, (N, C, H, W), 0 to 1.
        """


def maximize(
    objective: Objective,
    *,
    shape: tuple[int, int, int],
    settings: Settings,
    steps: int,
    seed: int = 0,
    count: int = 1,
    start: Tensor | None = None,
) -> Iterator[Moment]:
    """Change images (C, H, W) so that an objective rises; the other arguments as of `ascend`.

    Raises:
        NetworkError: There are too few steps, or too few or many images.
    """
    if steps < 1 or not 1 <= count <= MAX_IMAGES:
        raise NetworkError(f"Give 1 step or more and 1 to {MAX_IMAGES} images.")
    canvas = _make_canvas(shape, settings)
    generator = torch.Generator().manual_seed(seed + 1)
    parameters = (
        canvas.start(count=count, seed=seed, contrast=_START_CONTRAST)
        if start is None
        else canvas.from_latent(canvas.from_image(start))
    )
    adam = _Adam(rate=settings.step_size)
    for step in range(1, steps + 1):
        parameters.requires_grad_()
        latent = canvas.to_latent(parameters)
        shown = image = canvas.to_image(latent)
        if step <= steps - settings.settle:
            shown = transform_randomly(image, settings=settings, generator=generator)
        value, scores = objective.score(shown)
        if step == 1:
            yield Moment(step=0, scores=scores, images=image.detach())
        ascent, slope = torch.autograd.grad(value, (parameters, latent))
        with torch.no_grad():
            parameters = adam.maximize(parameters.detach(), _wake(ascent, generator=generator))
            latent = canvas.to_latent(parameters)
            if settings.changes_latent:
                latent = regularize_latent(latent, gradient=slope, step=step, settings=settings)
                parameters = canvas.from_latent(latent)
            moment = Moment(step=step, scores=scores, images=canvas.to_image(latent))
        yield moment


def _wake(gradient: Tensor, *, generator: torch.Generator) -> Tensor:
    """Give an image without any slope a faint random one, (N, ...).

    A channel that its ReLU holds at zero everywhere has none; a random walk may wake it.
    """
    silent = gradient.flatten(1).abs().amax(dim=1) == 0
    if not bool(silent.any()):
        return gradient
    walk = _FAINT * torch.randn(gradient.shape, generator=generator)
    return torch.where(silent.reshape(-1, *[1] * (gradient.ndim - 1)), walk, gradient)


class _Excitement:
    """The sum of the images' scores, less their likeness."""

    def __init__(self, model: LoadedModel, target: Target, *, diversity: float) -> None:
        self._target, self._diversity = target, diversity
        self._layer = model.graph.find(target.layer)
        texture = find_texture_layer(model.graph, target.layer) if diversity else target.layer
        self._reader = build_reader(model.graph, (target.layer, texture))
        self._scale = find_pixel_scale(model)

    def score(self, shown: Tensor) -> tuple[Tensor, Tensor]:
        """Return what is climbed, a scalar, and each image's score, (N,), detached."""
        activation, texture = self._reader(self._scale.to_input(shown))
        scores = score_target(self._target, activation, layer=self._layer)
        value = -scores.sum() if self._target.negative else scores.sum()
        if self._diversity and len(shown) > 1:
            weight = self._diversity * scores.detach().abs().sum()
            value = value - weight * measure_likeness(texture)
        if not value.requires_grad:
            raise NetworkError(f"“{self._layer.title}” does not depend on the input.")
        return value, scores.detach()


def score_images(model: LoadedModel, target: Target, images: Tensor) -> Tensor:
    """Score images (N, C, H, W), 0 to 1, as they are; for a probability its log-odds, (N,)."""
    reader = build_reader(model.graph, (target.layer,))
    with torch.no_grad():
        (activation,) = reader(find_pixel_scale(model).to_input(images))
    return score_target(target, activation, layer=model.graph.find(target.layer))

"""An ascent kept for looking at: its score curve, its images on the way, what the network says.

Whatever is told of an image is told of the 8-bit image that is shown and saved.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import torch
from torch import Tensor

from cnnviz.feature_visualization.ascent import Moment, ascend, score_images
from cnnviz.feature_visualization.pixel_scale import find_pixel_scale, from_pixels, to_pixels
from cnnviz.feature_visualization.regularizers import Settings
from cnnviz.feature_visualization.targets import Target, TargetKind
from cnnviz.images.image import Pixels
from cnnviz.networks.load import LoadedModel, Prediction, rank_logits

_EVERY = 4
_MAX_FRAMES = 9


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """Images on the way.

    Attributes:
        step: Steps done.
        pixels: The images, uint8 (N, H, W, 3).
        scores: The target's score of each 8-bit image, untransformed; a probability as such.
        predictions: What the network says of each.
    """

    step: int
    pixels: Pixels
    scores: tuple[float, ...]
    predictions: tuple[Prediction, ...]

    @property
    def mean_score(self) -> float:
        """The mean of the scores."""
        return sum(self.scores) / len(self.scores)


@dataclass(frozen=True, slots=True, eq=False)
class Growth:
    """An ascent so far.

    Attributes:
        steps: Steps that it takes in all.
        curve: Mean score of the transformed images in each step done; of a probability the
            log-odds, which still tell steps apart where the probability is all but 1.
        first: Before the first step.
        last: The newest images.
        frames: Some on the way, evenly spread over the steps, the first among them.
    """

    steps: int
    curve: tuple[float, ...]
    first: Frame
    last: Frame
    frames: tuple[Frame, ...]


def grow(
    model: LoadedModel,
    target: Target,
    *,
    settings: Settings,
    steps: int = 128,
    seed: int = 0,
    count: int = 1,
    diversity: float = 0.0,
    start: Tensor | None = None,
    report: Callable[[int], None] = lambda _step: None,
) -> Iterator[Growth]:
    """Make images that excite a target, and tell of the first four steps and every fourth.

    The arguments are those of `ascend`, and `report` is called with the number of each other step;
    what it raises ends the computation.

    Raises:
        NetworkError: As `ascend`.
    """
    curve: list[float] = []
    frames: list[Frame] = []
    wanted = {round(steps * place / (_MAX_FRAMES - 1)) for place in range(_MAX_FRAMES)}
    first: Frame | None = None
    for moment in ascend(
        model,
        target,
        settings=settings,
        steps=steps,
        seed=seed,
        count=count,
        diversity=diversity,
        start=start,
    ):
        if moment.step:
            curve.append(float(moment.scores.mean()))
        keep = moment.step in wanted
        if not keep and moment.step > _EVERY and moment.step % _EVERY:
            report(moment.step)
            continue
        frame = look(model, target, moment)
        first = first or frame
        frames += [frame] if keep else []
        yield Growth(steps=steps, curve=tuple(curve), first=first, last=frame, frames=tuple(frames))


def look(model: LoadedModel, target: Target, moment: Moment) -> Frame:
    """Round images to 8 bits and let the network read them."""
    pixels = to_pixels(moment.images)
    channels = moment.images.shape[1]
    images = from_pixels(pixels, channels=channels)
    scores = score_images(model, target, images)
    if target.kind is TargetKind.PROBABILITY:
        scores = scores.sigmoid()
    return Frame(
        step=moment.step,
        pixels=pixels,
        scores=tuple(scores.tolist()),
        predictions=predict_pixels(model, pixels),
    )


def predict_pixels(model: LoadedModel, pixels: Pixels) -> tuple[Prediction, ...]:
    """Let a network read 8-bit images of its own input's size, uint8 (N, H, W, 3)."""
    images = from_pixels(pixels, channels=model.spec.preprocessing.shape[0])
    with torch.no_grad():
        logits = model.module(find_pixel_scale(model).to_input(images))
    return tuple(rank_logits(row) for row in logits)

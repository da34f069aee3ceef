"""What a visitor chooses on the comparison page, and the results that it asks for."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from cnnviz.cached import get_prediction
from cnnviz.comparison import Curve, follow_corruption, harden, measure_time, shrink
from cnnviz.corruptions import DIFFICULTIES, STRENGTHS, Corruption
from cnnviz.heavy import HeavyResult
from cnnviz.imaging import CheckedImage
from cnnviz.inference import LoadedModel, Prediction
from cnnviz.web.controls.kinds import choice, number
from cnnviz.web.controls.sets import images, networks

MAX_NETWORKS = 6
MAX_IMAGES = 8


def strength(corruption: Corruption) -> int:
    """Declare the strength of a corruption."""
    found = STRENGTHS[corruption]
    value: int = number(
        str(corruption), 0, found.most, step=found.step, help=f"Measured in {found.unit}."
    )
    return value


@dataclass(frozen=True)
class CompareControls:
    """The networks, what is done to the image, and what the curves and the table are about."""

    networks: tuple[str, ...] = networks(most=MAX_NETWORKS)
    rotation: int = strength(Corruption.ROTATION)
    crop: int = strength(Corruption.CROP)
    grey: int = strength(Corruption.GREY)
    contrast: int = strength(Corruption.CONTRAST)
    blur: int = strength(Corruption.BLUR)
    noise: int = strength(Corruption.NOISE)
    follow: Corruption = choice(DIFFICULTIES, "Corruption on the x-axis")
    images: tuple[str, ...] = images("Images", most=MAX_IMAGES)


FIELDS = {one.name.lower(): one for one in DIFFICULTIES}


def find_strengths(values: CompareControls) -> dict[Corruption, float]:
    """Return the strengths above zero."""
    found = {corruption: getattr(values, name) for name, corruption in FIELDS.items()}
    return {corruption: value for corruption, value in found.items() if value}


def request_curves(
    models: Sequence[LoadedModel], image: CheckedImage, corruption: Corruption
) -> HeavyResult[tuple[Curve, ...]]:
    """Declare each network's curve along one corruption of an image."""

    def run() -> Iterator[tuple[float, str, tuple[Curve, ...]]]:
        curves: tuple[Curve, ...] = ()
        for place, model in enumerate(models, start=1):
            curves = (*curves, follow_corruption(model, image, corruption))
            yield place / len(models), model.spec.title, curves

    return HeavyResult(
        key=f"compare curves {corruption} {image.digest} {_name(models)}",
        title="Curves",
        run=run,
        size=lambda curves: 1024 * len(curves),
    )


def request_times(models: Sequence[LoadedModel]) -> HeavyResult[dict[str, float]]:
    """Declare the time that each network takes on this machine, in milliseconds by name."""

    def run() -> Iterator[tuple[float, str, dict[str, float]]]:
        times: dict[str, float] = {}
        for place, model in enumerate(models, start=1):
            times = times | {model.spec.name: measure_time(model)}
            yield place / len(models), model.spec.title, times

    return HeavyResult(
        key=f"compare times {_name(models)}",
        title="Time per image",
        run=run,
        size=lambda times: 128 * len(times),
    )


def request_predictions(
    models: Sequence[LoadedModel], found: Sequence[CheckedImage], values: CompareControls
) -> HeavyResult[tuple[tuple[Prediction, ...], ...]]:
    """Declare every network's prediction on each of several images, a row an image."""
    strengths = find_strengths(values)

    def run() -> Iterator[tuple[float, str, tuple[tuple[Prediction, ...], ...]]]:
        rows: tuple[tuple[Prediction, ...], ...] = ()
        for place, image in enumerate(found, start=1):
            hard = harden(shrink(image), strengths)
            rows = (*rows, tuple(get_prediction(model.spec.name, hard) for model in models))
            yield place / len(found), f"{place} of {len(found)} images", rows

    digests = " ".join(image.digest for image in found)
    return HeavyResult(
        key=f"compare images {digests} {strengths} {_name(models)}",
        title="Predictions",
        run=run,
        size=lambda rows: sum(one.logits.nbytes * 3 for row in rows for one in row),
    )


def _name(models: Sequence[LoadedModel]) -> str:
    return " ".join(f"{model.spec.name}:{model.card.sha256}" for model in models)

"""What a visitor chooses on the comparison page, and the results that it asks for."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from operator import attrgetter

from cnnviz.comparison import Curve, measure_time
from cnnviz.heavy import HeavyResult, compute_each
from cnnviz.images.corruptions import DIFFICULTIES, STRENGTHS, Corruption
from cnnviz.images.image import CheckedImage
from cnnviz.networks.load import LoadedModel, Prediction
from cnnviz.runs.compare import follow_curve, predict_all
from cnnviz.web.controls.kinds import choice, number
from cnnviz.web.controls.sets import images, networks
from cnnviz.web.state import PageState

MAX_NETWORKS = 6
MAX_IMAGES = 8
# The years of the challenge at 64 pixels, and a network of a thousand classes at 224.
_FIRST = ("alexnet64", "vgg64", "googlenet64", "resnet64", "efficientnet_lite0")
_TITLE = attrgetter("spec.title")

Curves = tuple[Curve, ...]
Rows = tuple[tuple[Prediction, ...], ...]


def strength(corruption: Corruption) -> int:
    """Declare the strength of a corruption."""
    found, help_ = STRENGTHS[corruption], f"Measured in {STRENGTHS[corruption].unit}."
    value: int = number(str(corruption), 0, found.most, step=found.step, help=help_)
    return value


@dataclass(frozen=True)
class CompareControls:
    """The networks, what is done to the image, and what the curves and the table are about."""

    networks: tuple[str, ...] = networks(most=MAX_NETWORKS, first=_FIRST)
    rotation: int = strength(Corruption.ROTATION)
    crop: int = strength(Corruption.CROP)
    gray: int = strength(Corruption.GRAY)
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


Page = PageState[CompareControls]
Models = Sequence[LoadedModel]


def request_curves(page: Page, models: Models, image: CheckedImage) -> HeavyResult[Curves]:
    """Declare each network's curve along the chosen corruption of an image."""
    corruption = page.values.follow
    return HeavyResult(
        key=f"compare curves {corruption} {image.digest} {_name(models)}",
        title="Curves",
        run=compute_each(models, partial(follow_curve, image, corruption), name=_TITLE),
    )


def request_times(models: Models) -> HeavyResult[tuple[float, ...]]:
    """Declare the time that each network takes on this machine, in milliseconds."""
    return HeavyResult(
        key=f"compare times {_name(models)}",
        title="Time per image",
        run=compute_each(models, measure_time, name=_TITLE),
    )


def request_predictions(
    page: Page, models: Models, found: Sequence[CheckedImage]
) -> HeavyResult[Rows]:
    """Declare every network's prediction on each of several images, a row an image."""
    strengths = find_strengths(page.values)
    digests = " ".join(image.digest for image in found)
    return HeavyResult(
        key=f"compare images {digests} {strengths} {_name(models)}",
        title="Predictions",
        run=compute_each(found, partial(predict_all, models, strengths), name=attrgetter("name")),
    )


def _name(models: Models) -> str:
    return " ".join(f"{model.spec.name}:{model.card.sha256}" for model in models)

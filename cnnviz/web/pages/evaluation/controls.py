"""What a visitor chooses on the page of evaluation, and the results that it asks for."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from typing import Any

from cnnviz.evaluation.image_sets import (
    EvaluationImage,
    ImageSet,
    choose_images,
    list_set_titles,
    load_set,
)
from cnnviz.evaluation.run import (
    CORRUPTION_POINTS,
    AccuracyCurve,
    evaluate_networks,
    measure_robustness,
)
from cnnviz.evaluation.scores import Evaluation, NetworkScores
from cnnviz.images.corruptions import Corruption
from cnnviz.jobs.heavy import HeavyResult
from cnnviz.networks.load import LoadedModel
from cnnviz.networks.zoo import get_network
from cnnviz.networks.zoo.efficientnet_lite import SCALINGS
from cnnviz.runs.pairs import Pair, draw_mistakes
from cnnviz.web.controls.kinds import choice
from cnnviz.web.controls.sets import networks
from cnnviz.web.state import PageState

MAX_NETWORKS = 6
MAX_MISTAKES = 6
_SECONDS = 900.0
_SIZES = ("50", "100", "200", "500", "1000", "2000")


class View(StrEnum):
    """What the page shows."""

    ACCURACY = "Accuracy"
    CONFUSION = "Confusion matrix"
    MISTAKES = "Mistakes"
    CALIBRATION = "Calibration"
    ROBUSTNESS = "Robustness"


def _list_first(at: Any) -> tuple[str, ...]:
    return ("lenet5",) if at.images == "digits" else tuple(one.name for one in SCALINGS)


def _list_chosen(at: Any) -> dict[str, str]:
    return {name: get_network(name).title for name in at.networks} or {"": "–"}


@dataclass(frozen=True)
class EvaluationControls:
    """The set of images, the networks, and what is shown of them."""

    show: View = choice(View, "View")
    images: str = choice(lambda at: list_set_titles(), "Images", look="list")  # noqa: ARG005
    networks: tuple[str, ...] = networks(most=MAX_NETWORKS, first=_list_first, follows=("images",))
    most: str = choice(_SIZES, "Images, at most", default="200", look="slider")
    detail: str = choice(_list_chosen, "In detail", look="list", follows=("networks",))
    corruption: Corruption = choice(tuple(CORRUPTION_POINTS), "Corruption")


Page = PageState[EvaluationControls]
Models = tuple[LoadedModel, ...]


def read_set(page: Page) -> tuple[ImageSet, tuple[EvaluationImage, ...]]:
    """Return the chosen set, and those of its images that are evaluated.

    Raises:
        DataError: The folder cannot be read.
    """
    found = load_set(page.values.images)
    return found, choose_images(found.images, int(page.values.most))


def _write_key(page: Page, models: Models, found: ImageSet) -> str:
    names = " ".join(model.key for model in models)
    return f"{found.name} {found.key} {page.values.most} {names}"


def request_evaluation(
    page: Page, models: Models, found: ImageSet, images: tuple[EvaluationImage, ...]
) -> HeavyResult[Evaluation]:
    """Declare the networks' predictions of the chosen images."""
    return HeavyResult(
        key=f"evaluation {_write_key(page, models, found)}",
        title="Evaluation",
        run=partial(evaluate_networks, models, images, skipped=found.skipped),
        seconds=_SECONDS,
    )


def request_robustness(
    page: Page, models: Models, found: ImageSet, images: tuple[EvaluationImage, ...]
) -> HeavyResult[tuple[AccuracyCurve, ...]]:
    """Declare the networks' accuracy along the chosen corruption."""
    corruption = page.values.corruption
    return HeavyResult(
        key=f"robustness {corruption} {_write_key(page, models, found)}",
        title="Robustness",
        run=partial(measure_robustness, models, images, corruption),
        seconds=_SECONDS,
    )


def request_maps(
    page: Page, models: Models, found: ImageSet, scores: NetworkScores
) -> HeavyResult[tuple[Pair, ...]]:
    """Declare the image and Grad-CAM of the wrong class of each mistake."""
    return HeavyResult(
        key=f"mistakes {scores.spec.name} {_write_key(page, models, found)}",
        title="Maps of the mistakes",
        run=draw_mistakes(scores.spec.name, scores.list_mistakes(MAX_MISTAKES)),
    )


def find_detail(page: Page, known: Sequence[NetworkScores]) -> NetworkScores:
    """Return the network that is shown in detail; the first where the chosen one knows no class."""
    chosen = [one for one in known if one.spec.name == page.values.detail]
    return [*chosen, *known][0]

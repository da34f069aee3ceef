"""What a visitor chooses on the page of transfer learning, and the results that it asks for."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from operator import attrgetter
from typing import Any

import numpy as np
import numpy.typing as npt

from cnnviz.errors import CNNVizError, DataError
from cnnviz.jobs.heavy import HeavyResult, compute_each, compute_once
from cnnviz.labs.transfer.cases import Case, run_cases
from cnnviz.labs.transfer.embedding import Projection, project
from cnnviz.labs.transfer.features import (
    INPUT,
    FeatureSet,
    list_depths,
    read_features,
    title_depth,
)
from cnnviz.labs.transfer.fine_tuning import SHARE, Training, Transferred, fine_tune
from cnnviz.labs.transfer.head import (
    CurvePoint,
    DepthAccuracy,
    measure_curve,
    measure_depths,
)
from cnnviz.labs.transfer.sets import (
    MAX_CLASSES,
    MAX_IMAGES,
    TransferSet,
    list_built_in,
    list_folder_classes,
    load_transfer_set,
)
from cnnviz.runs.pairs import Pair, draw_pair
from cnnviz.web.controls.kinds import choice, number, several
from cnnviz.web.pages.transfer.own import NAME, TITLE, find_own
from cnnviz.web.state import PageState

MAX_MAPS = 6
_TEST = 10  # held-out images, of each class
_SECONDS = 1800.0
_RATES = ("0.0001", "0.0003", "0.001", "0.003", "0.01")
Places = npt.NDArray[np.float64]


class View(StrEnum):
    """What the page shows."""

    ACCURACY = "Accuracy"
    CURVE = "Learning curve"
    MAP = "Feature map"
    DEPTH = "Depth"
    CAM = "Grad-CAM"
    CASES = "Four cases"


def _list_depth_titles(at: Any) -> dict[str, str]:
    try:
        model = at.bench.model
        return {name: title_depth(model, name) for name in list_depths(model)}
    except CNNVizError:  # the page says what is wrong with the network
        return {INPUT: "Pixels"}


def _find_last(at: Any) -> str:
    return list(_list_depth_titles(at))[-1]


def _list_folder(at: Any) -> dict[str, str]:
    if at.images != "folder":
        return {"": "–"}
    try:
        return {name: name for name in list_folder_classes()}
    except DataError:  # the page says what is wrong with the folder
        return {"": "–"}


def _choose_folder(at: Any) -> tuple[str, ...]:
    return tuple(name for name in _list_folder(at) if name)[:5]


@dataclass(frozen=True)
class TransferControls:
    """The classes, what is trained, and what is shown of it."""

    show: View = choice(View, "View")
    images: str = choice(lambda _: list_built_in() | {NAME: TITLE}, "Images", look="list")
    classes: tuple[str, ...] = several(
        _list_folder, "Classes", most=MAX_CLASSES, default=_choose_folder, follows=("images",)
    )
    count: int = number("Images per class, at most", 1, MAX_IMAGES, default=10)
    training: Training = choice(Training, "Train", look="list")
    epochs: int = number("Epochs", 1, 20, default=5, look="box")
    rate: str = choice(_RATES, "Learning rate", default="0.001", look="list")
    depth: str = choice(
        _list_depth_titles, "Depth", default=_find_last, look="list", follows=("network",)
    )
    projection: Projection = choice(Projection, "Projection", look="list")
    picked: int = number("Image", 0, 10_000, default=0, follows=("images", "count"))


Page = PageState[TransferControls]


def read_set(page: Page) -> TransferSet:
    """Return the chosen classes.

    Raises:
        DataError: There are too few classes or images, or a folder cannot be read.
    """
    if page.values.images == NAME:
        return find_own().build_set()
    return load_transfer_set(page.values.images, classes=page.values.classes)


def write_key(page: Page, found: TransferSet) -> str:
    """Return all that the features depend on."""
    model = page.at.bench.model
    return f"{model.key} {found.key} {page.values.count}"


def request_features(page: Page, found: TransferSet) -> HeavyResult[FeatureSet]:
    """Declare the features of the chosen images."""
    model, count = page.at.bench.model, page.values.count
    return HeavyResult(
        key=f"transfer features {write_key(page, found)}",
        title="Features",
        run=partial(read_features, model, found, train=count, test=_TEST),
        seconds=_SECONDS,
    )


def request_training(
    page: Page, found: TransferSet, features: FeatureSet
) -> HeavyResult[Transferred]:
    """Declare the chosen training."""
    model, values = page.at.bench.model, page.values
    details = "" if values.training is Training.HEAD else f"{values.epochs} {values.rate}"
    return HeavyResult(
        key=f"transfer {values.training} {details} {write_key(page, found)}",
        title="Head" if values.training is Training.HEAD else "Fine-tuning",
        run=partial(
            fine_tune,
            model,
            features,
            training=values.training,
            epochs=values.epochs,
            rate=float(values.rate),
        ),
        seconds=_SECONDS,
    )


def request_curve(
    page: Page, found: TransferSet, features: FeatureSet
) -> HeavyResult[tuple[CurvePoint, ...]]:
    """Declare the learning curve."""
    return HeavyResult(
        key=f"transfer curve {write_key(page, found)}",
        title="Learning curve",
        run=partial(measure_curve, features),
    )


def request_depths(
    page: Page, found: TransferSet, features: FeatureSet
) -> HeavyResult[tuple[DepthAccuracy, ...]]:
    """Declare the accuracy by depth."""
    return HeavyResult(
        key=f"transfer depths {write_key(page, found)}",
        title="Depths",
        run=partial(measure_depths, features),
    )


def request_map(page: Page, found: TransferSet, features: FeatureSet) -> HeavyResult[Places]:
    """Declare the places of the images on the map."""
    depth, projection = page.values.depth, page.values.projection
    return HeavyResult(
        key=f"transfer map {depth} {projection} {write_key(page, found)}",
        title="Feature map",
        run=partial(compute_once, partial(project, features.vectors[depth], projection)),
    )


def request_maps(
    name: str, features: FeatureSet, rows: Sequence[int], *, key: str
) -> HeavyResult[tuple[Pair, ...]]:
    """Declare the image and Grad-CAM of held-out images.

    Args:
        name: The new network.
        features: The images.
        rows: Which.
        key: All that the network and the images depend on.
    """
    images = [features.images[row] for row in rows]
    return HeavyResult(
        key=f"transfer maps {name} {key}",
        title="Grad-CAM",
        run=compute_each(images, partial(draw_pair, name), name=attrgetter("name")),
    )


def request_cases(page: Page) -> HeavyResult[tuple[Case, ...]]:
    """Declare the table of the four cases."""
    model = page.at.bench.model
    return HeavyResult(
        key=f"transfer cases {model.key}",
        title="Comparison of the four cases",
        run=partial(run_cases, model),
        seconds=2 * _SECONDS,
    )


def find_answers(page: Page, features: FeatureSet | None) -> dict[str, float]:
    """Return the answers to the lesson's questions."""
    answers = {"rate": float(page.values.rate) * SHARE}
    if features is not None:
        classes = len(features.classes)
        answers |= {"chance": 100 / classes}
        answers["parameters"] = float(classes * (features.vectors[features.top].shape[1] + 1))
    return answers


def write_constants(page: Page) -> dict[str, object]:
    """Return the values of the page's program."""
    values = page.values
    return {
        "IMAGES": "classes.zip" if values.images == NAME else values.images,
        "CLASSES": list(values.classes),
        "COUNT": values.count,
        "TRAINING": values.training,
        "EPOCHS": values.epochs,
        "RATE": float(values.rate),
    }

"""Which classifier, how it is trained, and how its image is changed."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from cnnviz.errors import DataError
from cnnviz.inference import load_model
from cnnviz.linear.case import NETWORK, SECOND
from cnnviz.linear.data import (
    MAX_CLASSES,
    MAX_IMAGES,
    find_class_folder,
    list_photograph_classes,
    load_faces,
    load_written_digits,
)
from cnnviz.web.controls.kinds import choice, number
from cnnviz.web.controls.strength import strength
from cnnviz.web.state import PageState

_STEPS = ("0", "1", "2", "5", "10", "20", "50", "100", "200", "300", "500", "1000")
_DECAYS = ("0", "0.001", "0.01", "0.1", "1")


class Classifier(StrEnum):
    """What is fooled: softmax regression on one of these data sets, or LeNet-5."""

    FACES = "faces"
    DIGITS = "digits"
    PHOTOGRAPHS = "photographs"
    LENET = "lenet5"


_TITLES = {
    Classifier.FACES: "Linear, faces",
    Classifier.DIGITS: "Linear, digits",
    Classifier.PHOTOGRAPHS: "Linear, photographs",
    Classifier.LENET: "LeNet-5, digits",
}
_FIRST = {Classifier.FACES: 4, Classifier.LENET: 1}  # images that are easy to recognize
LOADERS = {Classifier.FACES: load_faces, Classifier.DIGITS: load_written_digits}


def _list_classifiers(at: Any) -> dict[Classifier, str]:  # noqa: ARG001  (what a control calls)
    """Those that this server has the data for."""
    missing = {Classifier.PHOTOGRAPHS} if find_class_folder() is None else set()
    return {one: title for one, title in _TITLES.items() if one not in missing}


def _list_classes(at: Any) -> tuple[str, ...]:
    """The classes of the chosen classifier, without training it."""
    if at.classifier == Classifier.LENET:
        return load_model(NETWORK).spec.classes
    if at.classifier in LOADERS:
        return LOADERS[at.classifier]().classes
    folder = find_class_folder()
    try:
        return () if folder is None else list_photograph_classes(folder)
    except DataError:
        return ()  # told where they are read


def _find_last(at: Any) -> int:
    if at.classifier == Classifier.LENET:
        return 9
    if at.classifier in LOADERS:
        return len(LOADERS[at.classifier]().test) - 1
    return MAX_CLASSES * MAX_IMAGES // 5 - 1  # one in five is held out


@dataclass(frozen=True)
class LinearControls:
    """The classifier, its training, the image, and how much of the template is added."""

    classifier: Classifier = choice(_list_classifiers, "Classifier", look="list")
    item: int = number(
        "Image",
        0,
        _find_last,
        default=lambda at: _FIRST.get(at.classifier, 0),
        look="box",
        follows=("classifier",),
    )
    goal: str = choice(
        lambda at: [SECOND, *_list_classes(at)],
        "Target class",
        look="list",
        follows=("classifier",),
    )
    steps: str = choice(_STEPS, "Training steps", default="300", look="slider")
    decay: str = choice(_DECAYS, "Weight decay", look="slider")
    amount: float | None = strength("a", follows=("classifier", "item", "goal", "steps", "decay"))


Page = PageState[LinearControls]

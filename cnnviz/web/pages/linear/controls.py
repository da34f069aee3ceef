"""Which classifier, how it is trained, and how its image is changed."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from cnnviz.errors import DataError
from cnnviz.inference import load_model
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

SECOND = "top-2 class"
NETWORK = "lenet5"
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


def list_classifiers(at: Any) -> list[Classifier]:  # noqa: ARG001  (what a control calls)
    """Return those that this server has the data for."""
    kinds = list(Classifier)
    if find_class_folder() is None:
        kinds.remove(Classifier.PHOTOGRAPHS)
    return kinds


def list_classes(at: Any) -> tuple[str, ...]:
    """Return the classes of the chosen classifier, without training it."""
    if at.classifier == Classifier.LENET:
        return load_model(NETWORK).spec.classes
    if at.classifier == Classifier.DIGITS:
        return load_written_digits().classes
    if at.classifier == Classifier.FACES:
        return load_faces().classes
    folder = find_class_folder()
    try:
        return () if folder is None else list_photograph_classes(folder)
    except DataError:
        return ()  # told where they are read


def _find_last(at: Any) -> int:
    if at.classifier == Classifier.LENET:
        return 9
    if at.classifier == Classifier.PHOTOGRAPHS:  # one in five is held out
        return MAX_CLASSES * MAX_IMAGES // 5 - 1
    data = load_written_digits() if at.classifier == Classifier.DIGITS else load_faces()
    return len(data.test) - 1


@dataclass(frozen=True)
class LinearControls:
    """The classifier, its training, the image, and how much of the template is added."""

    classifier: Classifier = choice(list_classifiers, "Classifier", titles=_TITLES, look="list")
    item: int = number(
        "Image",
        0,
        _find_last,
        default=lambda at: _FIRST.get(at.classifier, 0),
        look="box",
        follows=("classifier",),
        help="Held-out images: the classifier has not seen them in training.",
    )
    goal: str = choice(
        lambda at: [SECOND, *list_classes(at)],
        "Target class",
        look="list",
        follows=("classifier",),
        help="The class whose template is added.",
    )
    steps: str = choice(_STEPS, "Training steps", default="300", look="slider")
    decay: str = choice(_DECAYS, "Weight decay", look="slider")
    amount: float | None = strength("a", follows=("classifier", "item", "goal", "steps", "decay"))

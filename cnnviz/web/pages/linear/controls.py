"""Which classifier, how it is trained, and how its image is changed."""

from dataclasses import dataclass
from typing import Any

from cnnviz.adversarial.linear.case import SECOND, Classifier, count_images, list_classes
from cnnviz.environment import find_class_folder
from cnnviz.web.controls.kinds import choice, number
from cnnviz.web.controls.strength import strength
from cnnviz.web.state import PageState

_STEPS = ("0", "1", "2", "5", "10", "20", "50", "100", "200", "300", "500", "1000")
_DECAYS = ("0", "0.001", "0.01", "0.1", "1")


_TITLES = {
    Classifier.FACES: "Linear, faces",
    Classifier.DIGITS: "Linear, digits",
    Classifier.SAMPLES: "Linear, samples",
    Classifier.PHOTOGRAPHS: "Linear, photographs",
    Classifier.LENET: "LeNet-5, digits",
}
_FIRST = {Classifier.FACES: 4, Classifier.LENET: 1}  # images that are easy to recognize


def _list_classifiers(at: Any) -> dict[Classifier, str]:  # noqa: ARG001  (what a control calls)
    """Those that this server has the data for."""
    missing = {Classifier.PHOTOGRAPHS} if find_class_folder() is None else set()
    return {one: title for one, title in _TITLES.items() if one not in missing}


@dataclass(frozen=True)
class LinearControls:
    """The classifier, its training, the image, and how much of the template is added."""

    classifier: Classifier = choice(_list_classifiers, "Classifier", look="list")
    item: int = number(
        "Image",
        0,
        lambda at: count_images(at.classifier) - 1,
        default=lambda at: _FIRST.get(at.classifier, 0),
        look="box",
        follows=("classifier",),
    )
    goal: str = choice(
        lambda at: [SECOND, *list_classes(at.classifier)],
        "Target class",
        look="list",
        follows=("classifier",),
    )
    steps: str = choice(_STEPS, "Training steps", default="300", look="slider")
    decay: str = choice(_DECAYS, "Weight decay", look="slider")
    amount: float | None = strength("a", follows=("classifier", "item", "goal", "steps", "decay"))


Page = PageState[LinearControls]

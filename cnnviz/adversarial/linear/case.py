"""An image that is moved towards a class: by a trained template, or by LeNet-5's gradient."""

from dataclasses import dataclass
from enum import StrEnum

from cnnviz.adversarial.linear.data import (
    MAX_CLASSES,
    MAX_IMAGES,
    PixelRows,
    list_photograph_classes,
    load_faces,
    load_sample_parts,
    load_written_digits,
)
from cnnviz.adversarial.linear.perturb import Perturbation, draw_values, perturb_image, perturb_row
from cnnviz.adversarial.linear.regression import LinearClassifier
from cnnviz.adversarial.pixel_space import score_pixels, see_image
from cnnviz.environment import find_class_folder
from cnnviz.errors import DataError
from cnnviz.images.image import Pixels
from cnnviz.images.samples import load_image
from cnnviz.networks.load import load_model, rank_logits

NETWORK, SECOND = "lenet5", "top-2 class"
Trained = tuple[PixelRows, LinearClassifier]


class Classifier(StrEnum):
    """What is fooled: softmax regression on one of these data sets, or LeNet-5."""

    FACES = "faces"
    DIGITS = "digits"
    SAMPLES = "samples"
    PHOTOGRAPHS = "photographs"
    LENET = "lenet5"


LOADERS = {
    Classifier.FACES: load_faces,
    Classifier.DIGITS: load_written_digits,
    Classifier.SAMPLES: load_sample_parts,
}


def list_classes(classifier: Classifier) -> tuple[str, ...]:
    """Return a classifier's classes, without training it; none of a folder that cannot be read."""
    if classifier == Classifier.LENET:
        return load_model(NETWORK).spec.classes
    if classifier in LOADERS:
        return LOADERS[classifier]().classes
    folder = find_class_folder()
    try:
        return () if folder is None else list_photograph_classes(folder)
    except DataError:
        return ()  # told where they are read


def count_images(classifier: Classifier) -> int:
    """Return how many images a classifier has not seen in training; of a folder, the most."""
    if classifier == Classifier.LENET:
        return 10
    if classifier in LOADERS:
        return len(LOADERS[classifier]().test)
    return MAX_CLASSES * MAX_IMAGES // 5  # one in five is held out


@dataclass(frozen=True, slots=True, eq=False)
class Case:
    """An image that is moved towards a class.

    Attributes:
        perturbation: The image with growing amounts of the direction.
        seen: The image, uint8.
        classes: Class names.
        note: What it is an image of, and its size.
    """

    perturbation: Perturbation
    seen: Pixels
    classes: tuple[str, ...]
    note: str

    @property
    def target(self) -> str:
        """Name of the class that the image is moved towards."""
        return self.classes[self.perturbation.target]


def move_image(trained: Trained | None, item: int, goal: str) -> Case:
    """Move an image towards a class's template, or along a gradient.

    Args:
        trained: Data and classifier; None for LeNet-5.
        item: Place of the image among the held-out ones, or the written digit.
        goal: Name of the class, or `SECOND` for the second likeliest.

    Raises:
        AttackError: No pixel moves the score of the class.
    """
    if trained is None:
        model = load_model(NETWORK)
        seen = see_image(model, load_image(f"digit-{item}", strokes=[]).pixels)
        classes, ranking = model.spec.classes, rank_logits(score_pixels(model, seen)).ranking
        target = _find_target(goal, classes, ranking)
        return Case(perturb_image(model, seen, target=target), seen, classes, "input of LeNet-5")
    data, classifier = trained
    place = min(item, len(data.test) - 1)
    row, label = data.test[place], data.classes[int(data.test_labels[place])]
    target = _find_target(goal, data.classes, rank_logits(classifier.score(row[None])[0]).ranking)
    note = f"{label}, {data.shape[1]}×{data.shape[0]}"
    moved = perturb_row(classifier, row, target=target)
    return Case(moved, draw_values(row, shape=data.shape), data.classes, note)


def _find_target(goal: str, classes: tuple[str, ...], ranking: tuple[int, ...]) -> int:
    return ranking[1] if goal == SECOND or goal not in classes else classes.index(goal)

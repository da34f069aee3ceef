"""Networks evaluated image by image, and again on images made harder."""

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from cnnviz.comparison import shrink
from cnnviz.errors import DataError
from cnnviz.evaluation.image_sets import EvaluationImage, SkippedFile, open_image
from cnnviz.evaluation.scores import TOP, Evaluation, NetworkScores, Outcome
from cnnviz.images.corruptions import Corruption, corrupt
from cnnviz.images.image import CheckedImage, Pixels
from cnnviz.jobs.heavy import report_progress
from cnnviz.networks.class_names import match_classes
from cnnviz.networks.load import LoadedModel, predict
from cnnviz.networks.zoo.registry import NetworkSpec

_PARTS = 25  # intermediate results
Truths = Mapping[str, frozenset[int]]

# From the image as it is to one that people hardly name.
CORRUPTION_POINTS: dict[Corruption, tuple[float, ...]] = {
    Corruption.BLUR: (0, 0.5, 1, 2, 4, 8),
    Corruption.NOISE: (0, 5, 10, 20, 40, 80),
    Corruption.JPEG: (0, 50, 75, 90, 95, 99),
    Corruption.ROTATION: (0, 10, 20, 45, 90, 180),
}


def find_truths(spec: NetworkSpec, images: Sequence[EvaluationImage]) -> dict[str, frozenset[int]]:
    """Return a network's classes of every label of a set."""
    return {label: match_classes(spec, label) for label in {one.label for one in images}}


def _find_all_truths(
    models: Sequence[LoadedModel], images: Sequence[EvaluationImage]
) -> list[dict[str, frozenset[int]]]:
    if not models or not images:
        raise DataError("Choose a network and a set with at least one image.")
    return [find_truths(model.spec, images) for model in models]


def predict_outcome(
    model: LoadedModel, image: EvaluationImage, pixels: Pixels, truth: frozenset[int]
) -> Outcome:
    """Let a network name an image, uint8 (H, W, 3), through its own preprocessing."""
    prediction = predict(model, model.spec.preprocessing.prepare(pixels))
    ranking = prediction.ranking[:TOP]
    return Outcome(image, truth, ranking, float(prediction.probabilities[ranking[0]]))


def evaluate_networks(
    models: Sequence[LoadedModel],
    images: Sequence[EvaluationImage],
    *,
    skipped: Sequence[SkippedFile] = (),
) -> Iterator[tuple[float, str, Evaluation]]:
    """Let networks name every image whose label they know.

    Args:
        models: The networks.
        images: The images, in the order in which they are read.
        skipped: Files that were left out before.

    Yields:
        The share done, what is done, and the evaluation so far.

    Raises:
        DataError: There is no network or no image.
    """
    truths = _find_all_truths(models, images)
    outcomes: list[list[Outcome]] = [[] for _ in models]
    seconds, left_out = [0.0] * len(models), list(skipped)
    every = max(1, len(images) // _PARTS)
    for number, image in enumerate(images, start=1):
        if any(truth[image.label] for truth in truths):
            found = open_image(image)
            if isinstance(found, SkippedFile):
                left_out.append(found)
            else:
                for place, model in enumerate(models):
                    if truth := truths[place][image.label]:
                        start = time.perf_counter()
                        outcomes[place].append(predict_outcome(model, image, found.pixels, truth))
                        seconds[place] += time.perf_counter() - start
        step = f"image {number} of {len(images)}"
        if number % every and number < len(images):
            report_progress(number / len(images), step)
            continue
        networks = tuple(
            NetworkScores(model.spec, tuple(own), _list_unknown(known), spent)
            for model, own, known, spent in zip(models, outcomes, truths, seconds, strict=True)
        )
        evaluation = Evaluation(networks, number, len(images), tuple(left_out))
        yield number / len(images), step, evaluation


def _list_unknown(truths: Truths) -> tuple[str, ...]:
    unknown = (label.partition("|")[0] for label, truth in truths.items() if not truth)
    return tuple(sorted(unknown))


@dataclass(frozen=True, slots=True, eq=False)
class AccuracyCurve:
    """How many images a network names rightly while they get harder.

    Attributes:
        title: The network's title.
        total: Images whose label it knows, of those that are done.
        correct: Of these, those with the right top-1 class, one number a strength.
    """

    title: str
    total: int
    correct: tuple[int, ...]


def measure_robustness(
    models: Sequence[LoadedModel], images: Sequence[EvaluationImage], corruption: Corruption
) -> Iterator[tuple[float, str, tuple[AccuracyCurve, ...]]]:
    """Count the images that networks name rightly at each strength of a corruption.

    Images are reduced to 512 pixels first, so that a strength means the same for all of them. Each
    is opened once and meets all strengths before the next.

    Yields:
        The share done, what is done, and the curves so far.

    Raises:
        DataError: There is no network or no image.
    """
    truths = _find_all_truths(models, images)
    points = CORRUPTION_POINTS[corruption]
    totals, correct = [0] * len(models), [[0] * len(points) for _ in models]
    every = max(1, len(images) // _PARTS)
    for number, image in enumerate(images, start=1):
        judges = [place for place, truth in enumerate(truths) if truth[image.label]]
        found = open_image(image) if judges else None
        if isinstance(found, CheckedImage):
            small = shrink(found).pixels
            for judge in judges:
                totals[judge] += 1
            for place, strength in enumerate(points):
                done = (number - 1 + place / len(points)) / len(images)
                report_progress(done, f"image {number} of {len(images)}")
                pixels = corrupt(small, {corruption: strength})
                for judge in judges:
                    outcome = predict_outcome(
                        models[judge], image, pixels, truths[judge][image.label]
                    )
                    correct[judge][place] += outcome.is_correct
        if number % every == 0 or number == len(images):
            curves = tuple(
                AccuracyCurve(model.spec.title, total, tuple(counts))
                for model, total, counts in zip(models, totals, correct, strict=True)
            )
            yield number / len(images), f"image {number} of {len(images)}", curves

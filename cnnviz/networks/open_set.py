"""Whether an image may show something that a network has no class for: open-set recognition.

A softmax always names one of the network's classes. How large the logits are together tells
something about whether any of them fits: below a threshold, none may. The threshold and how often
it is right stand in the network's model card, where `python -m cnnviz.training.open_set` wrote
them; of a network without them nothing is claimed. LeNet-5 has none: what visitors draw in place
of digits (letters, houses) is in no data set here, so that no rate could be measured for it.

Source: Hendrycks and Gimpel 2017, "A baseline for detecting misclassified and out-of-distribution
examples in neural networks"; Liu, Wang, Owens and Li 2020, "Energy-based out-of-distribution
detection".
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from torch import Tensor

from cnnviz.networks.load import LoadedModel, Prediction
from cnnviz.networks.weights.files import ModelCard, write_fact

_FACT = "open_set"


class Score(StrEnum):
    """What is read from the logits; the larger, the more likely one of the classes fits."""

    MAX_PROBABILITY = "max_probability"
    ENERGY = "energy"


@dataclass(frozen=True, slots=True)
class PhotographCounts:
    """What a threshold does on separate photographs, some of classes that the network lacks.

    Attributes:
        known: Photographs of the network's classes.
        kept: Of these, not flagged.
        unknown: Photographs of classes it was not trained on.
        detected: Of these, flagged.
        auroc: Chance that a held-out image scores higher than a photograph of an unknown class,
            0 to 1; 0.5 is guessing.
    """

    known: int
    kept: int
    unknown: int
    detected: int
    auroc: float


@dataclass(frozen=True, slots=True)
class Separation:
    """How well a score tells images of known classes from images of unknown ones.

    Attributes:
        threshold: Below it, none of the classes may fit.
        kept: Share of held-out images of known classes that are not flagged, 0 to 1.
        kept_correct: The same of those whose top-1 class is correct.
        left_out_auroc: Like the photographs' AUROC, with classes whose logits are left out as
            unknown ones; too high, since the other layers were trained on them.
        left_out_detected: Share of images of left-out classes that are flagged; too high as well.
        photographs: Counts on photographs of really unknown classes; None where none were given.
    """

    threshold: float
    kept: float
    kept_correct: float
    left_out_auroc: float
    left_out_detected: float
    photographs: PhotographCounts | None = None


@dataclass(frozen=True, slots=True)
class OpenSetCalibration:
    """A network's threshold and what was measured of it.

    Attributes:
        score: The score that is used: the one with the higher AUROC on left-out classes.
        separations: Both scores, measured.
        images: Held-out images of the known classes.
        folds: Parts of the classes that were left out in turn.
    """

    score: Score
    separations: Mapping[Score, Separation]
    images: int
    folds: int


@dataclass(frozen=True, slots=True)
class ClassFit:
    """Whether any class of a network fits an image.

    Attributes:
        score: Which score was read.
        value: The image's.
        separation: The threshold and how often it is right.
        classes: How many classes the network has.
    """

    score: Score
    value: float
    separation: Separation
    classes: int

    @property
    def none_may_fit(self) -> bool:
        """Whether the image scores below the threshold."""
        return self.value < self.separation.threshold

    @property
    def detected(self) -> float | None:
        """Share of photographs of unknown classes that are flagged; None where none were given."""
        counts = self.separation.photographs
        return counts.detected / counts.unknown if counts and counts.unknown else None

    @property
    def precision(self) -> float | None:
        """Share of flagged images that show an unknown class, where half of all images do."""
        flagged = (self.detected or 0) + 1 - self.separation.kept
        return self.detected / flagged if self.detected is not None and flagged else None


def measure_energy(logits: Tensor) -> Tensor:
    """Return the energy of each image, (N,): low where the logits are large.

    Args:
        logits: (N, classes).

    Source:
        Liu et al. 2020, equation 4, at temperature 1.
    """
    return -logits.logsumexp(dim=1)


def score_logits(logits: Tensor, score: Score) -> Tensor:
    """Return a score of each image, (N,): the maximum softmax probability or minus the energy.

    Args:
        logits: (N, classes).
        score: Which.
    """
    if score is Score.ENERGY:
        return -measure_energy(logits)
    return logits.softmax(dim=1).amax(dim=1)


def describe_fit(model: LoadedModel, prediction: Prediction) -> ClassFit | None:
    """Tell whether any class of a network fits an image; None where that was not calibrated.

    Args:
        model: The network.
        prediction: What it says of the image.
    """
    calibration = read_calibration(model.card)
    return None if calibration is None else judge_fit(prediction.logits, calibration)


def judge_fit(logits: Tensor, calibration: OpenSetCalibration) -> ClassFit:
    """Compare an image's score with a network's threshold.

    Args:
        logits: The image's, (classes,).
        calibration: The network's.
    """
    return ClassFit(
        score=calibration.score,
        value=float(score_logits(logits[None], calibration.score)[0]),
        separation=calibration.separations[calibration.score],
        classes=len(logits),
    )


def read_calibration(card: ModelCard) -> OpenSetCalibration | None:
    """Return what a network's card says of its threshold; None where it says nothing."""
    told: Any = card.facts.get(_FACT)
    try:
        return OpenSetCalibration(
            score=Score(told["score"]),
            separations={score: _read_separation(told["separations"][score]) for score in Score},
            images=int(told["images"]),
            folds=int(told["folds"]),
        )
    except (KeyError, TypeError, ValueError):
        return None


def _read_separation(told: dict[str, Any]) -> Separation:
    counts = told["photographs"]
    photographs = None if counts is None else PhotographCounts(**counts)
    return Separation(**{**told, "photographs": photographs})


def write_calibration(
    card: ModelCard, calibration: OpenSetCalibration, *, measured: str, command: str
) -> Path:
    """Write a threshold into the file of a network's card, and return the file.

    Args:
        card: The network's card.
        calibration: What was measured.
        measured: How, in words.
        command: What measures it again.

    Raises:
        WeightsError: The weights have no card, or it cannot be written.
    """
    return write_fact(
        card, _FACT, {**asdict(calibration), "measured": measured, "command": command}
    )

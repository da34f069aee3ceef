"""What networks predict of labelled images, and what is counted in it."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch

from cnnviz.evaluation.calibration import Bin, sort_into_bins
from cnnviz.evaluation.image_sets import EvaluationImage, SkippedFile
from cnnviz.networks.class_names import title_classes
from cnnviz.networks.zoo.registry import NetworkSpec
from cnnviz.training.measure import Score

TOP = 5


@dataclass(frozen=True, slots=True, eq=False)
class Outcome:
    """What one network predicts of one image.

    Attributes:
        image: The image.
        truth: The network's classes that it shows, one or more.
        ranking: The most probable five classes, the first one first.
        confidence: Probability of the first, 0 to 1.
    """

    image: EvaluationImage
    truth: frozenset[int]
    ranking: tuple[int, ...]
    confidence: float

    @property
    def is_correct(self) -> bool:
        """Whether the top-1 class is right."""
        return self.ranking[0] in self.truth

    @property
    def is_in_top5(self) -> bool:
        """Whether one of the top-5 classes is right."""
        return not self.truth.isdisjoint(self.ranking[:TOP])


@dataclass(frozen=True, slots=True, eq=False)
class NetworkScores:
    """What one network predicts of a set.

    Attributes:
        spec: The network's row in the registry.
        outcomes: One for each image whose label the network knows.
        unknown: Labels that name none of its classes.
        seconds: For all of them: preprocessing and prediction.
    """

    spec: NetworkSpec
    outcomes: tuple[Outcome, ...]
    unknown: tuple[str, ...]
    seconds: float

    @property
    def top1(self) -> Score:
        """Images whose top-1 class is right."""
        return Score(sum(one.is_correct for one in self.outcomes), len(self.outcomes))

    @property
    def top5(self) -> Score:
        """Images with the right class among the top-5."""
        return Score(sum(one.is_in_top5 for one in self.outcomes), len(self.outcomes))

    def name_label(self, label: str, truth: frozenset[int]) -> str:
        """Return what a label is called: the network's own class where it is one."""
        if len(truth) == 1:
            return title_classes(self.spec.classes)[min(truth)]
        return label.partition("|")[0]

    def name_class(self, index: int) -> str:
        """Return what a class is called."""
        return title_classes(self.spec.classes)[index]

    def find_bins(self) -> tuple[Bin, ...]:
        """Return the images by their confidence."""
        confidence = torch.tensor([one.confidence for one in self.outcomes], dtype=torch.float64)
        return sort_into_bins(confidence, torch.tensor([one.is_correct for one in self.outcomes]))

    def list_mistakes(self, most: int) -> tuple[Outcome, ...]:
        """Return the images whose top-1 class is wrong, the most confident first."""
        wrong = [one for one in self.outcomes if not one.is_correct]
        return tuple(sorted(wrong, key=lambda one: -one.confidence)[:most])


@dataclass(frozen=True, slots=True, eq=False)
class Evaluation:
    """Networks on a set of images, so far.

    Attributes:
        networks: What each predicts.
        done: Images that were read.
        total: Images of the set.
        skipped: Files that could not be opened, and those left out before.
    """

    networks: tuple[NetworkScores, ...]
    done: int
    total: int
    skipped: tuple[SkippedFile, ...]

    def list_known(self) -> list[NetworkScores]:
        """Return those that know any of the labels."""
        return [one for one in self.networks if one.outcomes]


@dataclass(frozen=True, slots=True)
class ClassScore:
    """One network on the images of one label.

    Attributes:
        name: What the label is called.
        top1: Images whose top-1 class is right.
        top5: Images with the right class among the top-5.
        mistaken: The most frequent wrong top-1 class; empty where there is none.
    """

    name: str
    top1: Score
    top5: Score
    mistaken: str


def group_outcomes(scores: NetworkScores) -> dict[str, list[Outcome]]:
    """Return a network's outcomes by what their label is called."""
    groups: dict[str, list[Outcome]] = {}
    for one in scores.outcomes:
        groups.setdefault(scores.name_label(one.image.label, one.truth), []).append(one)
    return dict(sorted(groups.items()))


def score_classes(scores: NetworkScores) -> tuple[ClassScore, ...]:
    """Count each label's images, the least accurate label first."""
    found = []
    for name, outcomes in group_outcomes(scores).items():
        wrong = Counter(one.ranking[0] for one in outcomes if not one.is_correct)
        total = len(outcomes)
        found.append(
            ClassScore(
                name=name,
                top1=Score(sum(one.is_correct for one in outcomes), total),
                top5=Score(sum(one.is_in_top5 for one in outcomes), total),
                mistaken=scores.name_class(wrong.most_common(1)[0][0]) if wrong else "",
            )
        )
    return tuple(sorted(found, key=lambda one: one.top1.percent))


@dataclass(frozen=True, slots=True, eq=False)
class Confusion:
    """How often the images of one label get the class of another.

    Attributes:
        names: Labels, the rows and the first columns.
        counts: (n, n + 1); the last column is every class that no label names. (n, n) where there
            is none.
    """

    names: tuple[str, ...]
    counts: npt.NDArray[np.int64]

    def select(self, most: int) -> "Confusion":
        """Keep the labels with most mistakes; the other labels' columns join the last."""
        size = len(self.names)
        if size <= most:
            return self
        wrong = self.counts.sum(axis=1) - self.counts[:, :size].diagonal()
        kept = np.sort(np.argsort(-wrong, kind="stable")[:most])
        inside = self.counts[np.ix_(kept, kept)]
        rest = self.counts[kept].sum(axis=1) - inside.sum(axis=1)
        return Confusion(
            tuple(self.names[place] for place in kept), np.column_stack((inside, rest))
        )


def count_confusion(scores: NetworkScores) -> Confusion:
    """Count a network's top-1 classes by what the images show."""
    groups = group_outcomes(scores)
    names = tuple(groups)
    counts = np.zeros((len(names), len(names) + 1), dtype=np.int64)
    columns: dict[int, int] = {}
    for place, outcomes in enumerate(groups.values()):
        columns |= dict.fromkeys(sorted(outcomes[0].truth), place)
    for row, outcomes in enumerate(groups.values()):
        for one in outcomes:
            column = row if one.is_correct else columns.get(one.ranking[0], len(names))
            counts[row, column] += 1
    return Confusion(names, counts)


def list_predictions(networks: Sequence[NetworkScores]) -> list[dict[str, object]]:
    """Return a row for every network and image: what it shows and what is predicted."""
    return [
        {
            "network": scores.spec.title,
            "image": one.image.name,
            "label": scores.name_label(one.image.label, one.truth),
            "top-1": scores.name_class(one.ranking[0]),
            "confidence": round(one.confidence, 6),
            "top-1 correct": one.is_correct,
            "top-5 correct": one.is_in_top5,
        }
        for scores in networks
        for one in scores.outcomes
    ]

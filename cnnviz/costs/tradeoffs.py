"""Accuracy against what it costs: which networks give most for least, and which fit a budget.

Source: A. Canziani, A. Paszke, E. Culurciello: An analysis of deep neural network models for
practical applications, 2016. S. Bianco, R. Cadene, L. Celona, P. Napoletano: Benchmark analysis of
representative deep neural network architectures, IEEE Access, 2018.
"""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cache
from typing import Any

from cnnviz.errors import WeightsError
from cnnviz.networks.weights.files import BUNDLED, list_weights, read_card
from cnnviz.networks.zoo import get_network
from cnnviz.networks.zoo.architecture import Architecture
from cnnviz.networks.zoo.architectures import list_architectures
from cnnviz.networks.zoo.torchvision_list import read_reported


class Quantity(StrEnum):
    """What a network costs."""

    MULTIPLY_ADDS = "Multiply-adds"
    PARAMETERS = "Parameters"
    FILE = "File size"
    MEMORY = "Activation memory"
    TIME = "Time measured here"
    PEAK = "Peak memory measured here"


class Score(StrEnum):
    """What a network gives."""

    TOP1 = "Top-1"
    TOP5 = "Top-5"
    DENSITY = "Top-1 per million parameters"


class Recipe(StrEnum):
    """Which of a network's trained weights are shown."""

    FIRST = "first recipe"
    BEST = "best of each"
    ALL = "all"


@dataclass(frozen=True, slots=True, eq=False)
class Candidate:
    """A network with one set of weights.

    Attributes:
        name: Key in the list of architectures or in the registry.
        title: Name as the field writes it.
        family: The line of networks that it belongs to.
        year: Of publication.
        weights: Name of the weights.
        input_size: Height and width that the weights were evaluated at.
        top1: Accuracy of the first guess, in percent.
        top5: Accuracy of the first five guesses, in percent; None where nobody measured it.
        costs: What is known of its costs: multiply-adds and parameters as counts, file,
            activation and peak memory in bytes, time in milliseconds.
    """

    name: str
    title: str
    family: str
    year: int
    weights: str
    input_size: int
    top1: float
    top5: float | None
    costs: Mapping[Quantity, float]

    @property
    def key(self) -> str:
        """What tells this candidate from all others."""
        return f"{self.name}:{self.weights}"

    def score(self, score: Score) -> float | None:
        """Return one of its scores; None where it is not known."""
        if score is Score.DENSITY:
            return self.top1 / (self.costs[Quantity.PARAMETERS] / 1e6)
        return self.top1 if score is Score.TOP1 else self.top5


@cache
def list_reported() -> tuple[Candidate, ...]:
    """Return torchvision's classifiers with every set of weights, as its metadata reports them.

    Accuracy is on ImageNet's 50,000 validation images, one central crop each. Parameters and
    multiply-adds are the same as in our own cost tables, to every printed digit.
    """
    return tuple(
        candidate
        for network in list_architectures()
        if network.torchvision_name
        for candidate in _read_candidates(network, network.torchvision_name)
    )


def list_families(candidates: Iterable[Candidate]) -> tuple[str, ...]:
    """Return the lines of networks, the oldest first."""
    by_year = sorted(candidates, key=lambda candidate: candidate.year)
    return tuple(dict.fromkeys(candidate.family for candidate in by_year))


def _read_candidates(network: Architecture, name: str) -> list[Candidate]:
    return [
        Candidate(
            name=network.name,
            title=network.title.removesuffix(" (torchvision)"),  # all are torchvision's here
            family=network.family,
            year=network.year,
            weights=found.weights,
            input_size=found.input_size,
            top1=found.top1,
            top5=found.top5,
            costs={
                Quantity.MULTIPLY_ADDS: found.gmacs * 1e9,
                Quantity.PARAMETERS: found.parameters,
                Quantity.FILE: found.file_megabytes * 2**20,
            },
        )
        for found in read_reported(name)
    ]


def read_card_candidate(
    *, name: str, title: str, family: str, year: int, input_size: int, card: Mapping[str, Any]
) -> Candidate | None:
    """Make a candidate of a bundled network's model card; None if the card has no top-5.

    Args:
        name: Key in the registry.
        title: Name as the field writes it.
        family: What colours it.
        year: Of the network's model.
        input_size: Height and width of its input.
        card: As the training wrote it.
    """
    accuracy = card["accuracy"]
    if "top1" not in accuracy:
        return None
    return Candidate(
        name=name,
        title=title,
        family=family,
        year=year,
        weights="bundled",
        input_size=input_size,
        top1=accuracy["top1"]["percent"],
        top5=accuracy["top5"]["percent"],
        costs={
            Quantity.MULTIPLY_ADDS: card["multiply_adds"],
            Quantity.PARAMETERS: card["parameters"],
        },
    )


def list_bundled() -> tuple[Candidate, ...]:
    """Return the bundled networks whose cards hold a top-1 and top-5 accuracy, and costs."""
    found = []
    for file in list_weights().values():
        if file.path.parent != BUNDLED:
            continue
        spec, candidate = get_network(file.name), None
        # A missing or broken card is told on the page of networks.
        with suppress(WeightsError, KeyError, TypeError):
            candidate = read_card_candidate(
                name=spec.name,
                title=spec.title,
                family=spec.title,
                year=spec.year,
                input_size=spec.preprocessing.shape[1],
                card=read_card(spec.name, folder=BUNDLED).facts,
            )
        if candidate:
            size = {Quantity.FILE: file.path.stat().st_size}
            found.append(replace(candidate, costs={**candidate.costs, **size}))
    return tuple(found)


def choose_weights(candidates: Iterable[Candidate], recipe: Recipe) -> tuple[Candidate, ...]:
    """Keep each network's best weights, its first ones, or all."""
    if recipe is Recipe.ALL:
        return tuple(candidates)
    kept: dict[str, Candidate] = {}
    for candidate in candidates:
        other = kept.setdefault(candidate.name, candidate)
        if recipe is Recipe.BEST and candidate.top1 > other.top1:
            kept[candidate.name] = candidate
    return tuple(kept.values())


def find_front(
    candidates: Sequence[Candidate], *, cost: Quantity, score: Score
) -> tuple[Candidate, ...]:
    """Find the Pareto front: no other network scores as high at no higher cost.

    Returns:
        From the cheapest to the dearest.
    """
    front: list[Candidate] = []
    highest = float("-inf")
    known = [one for one in candidates if cost in one.costs and one.score(score) is not None]
    for candidate in sorted(known, key=lambda one: (one.costs[cost], -(one.score(score) or 0))):
        value = candidate.score(score)
        if value is not None and value > highest:
            front.append(candidate)
            highest = value
    return tuple(front)


def fits(candidate: Candidate, budget: Mapping[Quantity, float]) -> bool:
    """Whether no cost is over its budget; a cost that is not known does not fit one."""
    return all(candidate.costs.get(cost, float("inf")) <= most for cost, most in budget.items())


def choose_best(
    candidates: Iterable[Candidate], *, budget: Mapping[Quantity, float]
) -> Candidate | None:
    """Return the most accurate network that fits; None if none does."""
    return max(
        (candidate for candidate in candidates if fits(candidate, budget)),
        key=lambda candidate: candidate.top1,
        default=None,
    )

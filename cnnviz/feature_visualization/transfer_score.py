"""What other networks saw on a network's made images, in its model card."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from cnnviz.errors import WeightsError
from cnnviz.networks.weights.files import ModelCard, read_card, write_fact
from cnnviz.networks.zoo.lineage import MEMBERS

_FACT = "transfer"
SURE = 0.99


class Counted(StrEnum):
    """When a network counts as naming a class."""

    TOP_5 = "top-5"
    TOP_1 = "top-1"


@dataclass(frozen=True, slots=True)
class Reading:
    """How often a network names the class for which another's image was made.

    Attributes:
        images: Images shown to it, one a class.
        first: Of these, named at the first guess.
        among_five: Named among the first five.
    """

    images: int
    first: int
    among_five: int


@dataclass(frozen=True, slots=True)
class TransferScore:
    """How real a network's class images are.

    Attributes:
        steps: Of each image.
        seed: Of all.
        preset: Whose regularisers.
        images: Images made, one a class.
        sure: Of which the network itself is at least 99 % sure.
        least: The smallest probability that it gives one, 0 to 1.
        others: What other networks say, by name.
    """

    steps: int
    seed: int
    preset: str
    images: int
    sure: int
    least: float
    others: dict[str, Reading]


def read_score(card: ModelCard) -> TransferScore | None:
    """Return what a network's card says of its images; None where nobody was asked."""
    told: Any = card.facts.get(_FACT)
    try:
        score = TransferScore(
            steps=int(told["steps"]),
            seed=int(told["seed"]),
            preset=str(told["preset"]),
            images=int(told["images"]),
            sure=int(told["sure"]),
            least=float(told["least"]),
            others={str(name): _read_reading(one) for name, one in told["others"].items()},
        )
    except (AttributeError, KeyError, TypeError, ValueError):
        return None
    return score if score.images > 0 else None


def list_scores(classes: Sequence[str]) -> dict[str, TransferScore]:
    """Return the scores of the bundled networks of these classes that were measured, by year."""
    scores = {}
    for spec in sorted(MEMBERS, key=lambda spec: (spec.year, spec.name)):
        if tuple(spec.classes) == tuple(classes):
            with suppress(WeightsError):  # not trained yet
                scores[spec.name] = read_score(read_card(spec.name))
    return {name: score for name, score in scores.items() if score is not None}


def _read_reading(told: dict[str, int]) -> Reading:
    return Reading(
        images=int(told["images"]),
        first=int(told["first"]),
        among_five=int(told["among_five"]),
    )


def write_score(card: ModelCard, score: TransferScore) -> Path:
    """Write a score into the file of a network's card, and return the file.

    Raises:
        WeightsError: The weights have no card, or it cannot be written.
    """
    fact = {
        **asdict(score),
        "command": f"python -m cnnviz.feature_visualization.transfer {card.name} "
        f"{' '.join(score.others)} --steps {score.steps} --seed {score.seed} --write-card",
    }
    return write_fact(card, _FACT, fact)

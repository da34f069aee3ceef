"""What the pointing game found of a network, in its model card."""

from dataclasses import asdict, dataclass
from pathlib import Path

from cnnviz.networks.weights.files import ModelCard, write_fact

_FACT = "pointing"


@dataclass(frozen=True, slots=True)
class PointingScore:
    """How often Grad-CAM pointed at the right image.

    Attributes:
        pairs: Pairs of images.
        both: Pairs of which both classes' maps peaked on their own half.
        single: Classes whose map peaked on its own half, of twice as many.
        seed: Of the choice of pairs.
    """

    pairs: int
    both: int
    single: int
    seed: int

    def write_summary(self) -> str:
        """Say both shares in a line."""
        return (
            f"Both classes on their own half in {self.both / self.pairs:.1%} of {self.pairs:,} "
            f"pairs; {self.single / (2 * self.pairs):.1%} of the {2 * self.pairs:,} maps "
            "(chance: 25% and 50%)"
        )


def read_score(card: ModelCard) -> PointingScore | None:
    """Return what a network's card says of the game; None where it was not played."""
    told = card.facts.get(_FACT)
    keys = ("pairs", "both", "single", "seed")
    if not isinstance(told, dict) or not all(type(told.get(key)) is int for key in keys):
        return None
    return PointingScore(**{key: told[key] for key in keys}) if told["pairs"] > 0 else None


def write_score(card: ModelCard, score: PointingScore) -> Path:
    """Write a score into the file of a network's card, and return the file.

    Raises:
        WeightsError: The weights have no card, or it cannot be written.
    """
    fact = {
        **asdict(score),
        "command": f"python -m cnnviz.attribution.checks.pointing {card.name} --data DIR "
        f"--pairs {score.pairs} --seed {score.seed} --write-card",
    }
    return write_fact(card, _FACT, fact)

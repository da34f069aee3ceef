"""What a visitor chooses on the trade-off page."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from cnnviz.costs.tradeoffs import (
    Candidate,
    Quantity,
    Recipe,
    Score,
    choose_weights,
    list_bundled,
    list_families,
    list_reported,
)
from cnnviz.figures.tradeoffs import list_budgets
from cnnviz.web.controls.kinds import choice, flag, several
from cnnviz.web.state import PageState


class NetworkSet(StrEnum):
    """What can be compared: accuracies on the same images."""

    REPORTED = "torchvision on ImageNet"
    OWN = "CNNViz at 64×64"


def list_networks(at: Any) -> Sequence[Candidate]:
    """Return all networks of the chosen set, whose cards are read once a run."""
    if at.set is not NetworkSet.OWN:
        return list_reported()
    bundled: Sequence[Candidate] = vars(at).get("bundled") or list_bundled()
    at.bundled = bundled
    return bundled


def has_recipes(at: Any) -> bool:
    """Say whether a network of the set has several weights."""
    networks = list_networks(at)
    return len({one.name for one in networks}) < len(networks)


def list_candidates(at: Any) -> tuple[Candidate, ...]:
    """Return the networks of the chosen weights and families."""
    recipe = at.weights if has_recipes(at) else Recipe.ALL
    kept = choose_weights(list_networks(at), recipe)
    return tuple(one for one in kept if not at.families or one.family in at.families)


def _budget(cost: Quantity) -> Any:
    steps = list(list_budgets(cost))
    return choice(steps, f"Max. {str(cost).lower()}", default=steps[-1], look="slider")


def _list_titles(at: Any) -> dict[str, str]:
    return {one.key: f"{one.title} · {one.weights}" for one in list_candidates(at)} or {"": ""}


@dataclass(frozen=True)
class TradeoffControls:
    """What is drawn against what, which networks, the budget, and the one that is looked at."""

    set: NetworkSet = choice(NetworkSet, "Networks", look="list")
    cost: Quantity = choice(Quantity, "Cost", look="list")
    score: Score = choice(Score, "Score", look="list")
    area: Quantity = choice(list(Quantity)[1:3], "Bubble area", look="list")
    weights: Recipe = choice(Recipe, "Weights", look="list")
    log: bool = flag("Logarithmic", default=True)
    families: tuple[str, ...] = several(
        lambda at: list_families(list_networks(at)),
        "Families",
        most=60,
        default=(),
        follows=("set",),
    )
    max_multiply_adds: str = _budget(Quantity.MULTIPLY_ADDS)
    max_parameters: str = _budget(Quantity.PARAMETERS)
    max_file: str = _budget(Quantity.FILE)
    max_memory: str = _budget(Quantity.MEMORY)
    max_time: str = _budget(Quantity.TIME)
    max_peak: str = _budget(Quantity.PEAK)
    network: str = choice(_list_titles, "Network", look="list")
    format: str = choice(["PNG", "SVG"], "Saved chart")


def name_budget(cost: Quantity) -> str:
    """Return the field that holds the most of a cost."""
    return f"max_{cost.name.lower()}"


def read_budget(at: Any, known: Sequence[Quantity]) -> dict[Quantity, float]:
    """Return the limits that are set, of the costs that are known."""
    most = {cost: list_budgets(cost)[getattr(at, name_budget(cost))] for cost in known}
    return {cost: value for cost, value in most.items() if value < math.inf}


Page = PageState[TradeoffControls]


def find_chosen(page: Page, candidates: Sequence[Candidate]) -> Candidate | None:
    """Return the network that is looked at; None where it is not among these."""
    return next((one for one in candidates if one.key == page.values.network), None)

"""What a visitor chooses on the trade-off page."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from cnnviz.figures.format import format_setting
from cnnviz.tradeoffs import (
    Candidate,
    Quantity,
    Recipe,
    Score,
    choose_weights,
    list_families,
    list_reported,
    read_card_candidate,
)
from cnnviz.web.controls.kinds import choice, flag, several
from cnnviz.weights import BUNDLED, list_weights, read_card
from cnnviz.zoo import get_network

_ANY = "any"
# Steps of the budgets: unit, scale, and the values, each about twice the one before.
_STEPS: dict[Quantity, tuple[str, float, tuple[float, ...]]] = {
    Quantity.MULTIPLY_ADDS: (
        "G",
        1e9,
        (0.02, 0.04, 0.08, 0.15, 0.3, 0.6, 1.2, 2.5, 5, 10, 20, 40, 100),
    ),
    Quantity.PARAMETERS: ("M", 1e6, (1, 1.5, 2.5, 3.1, 5, 10, 20, 40, 80, 150, 300)),
    Quantity.FILE: ("MB", 2**20, (2, 3, 6, 12, 25, 50, 100, 200, 400, 800)),
    Quantity.MEMORY: ("MB", 2**20, (0.2, 0.5, 1, 2, 5, 10, 20, 40, 80, 160, 320)),
    Quantity.TIME: ("ms", 1.0, (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000)),
    Quantity.PEAK: ("MB", 2**20, (0.2, 0.5, 1, 2, 5, 10, 20, 40, 80, 160, 320)),
}


class NetworkSet(StrEnum):
    """What can be compared: accuracies on the same images."""

    REPORTED = "torchvision on ImageNet"
    OWN = "CNNViz at 64×64"


def list_bundled() -> tuple[Candidate, ...]:
    """Return the bundled networks whose cards hold a top-1 and top-5 accuracy."""
    found = []
    for file in list_weights().values():
        if file.path.parent != BUNDLED:
            continue
        spec = get_network(file.name)
        candidate = read_card_candidate(
            name=spec.name,
            title=spec.title,
            family=spec.title,
            year=spec.year,
            input_size=spec.preprocessing.shape[1],
            card=read_card(spec.name).facts,
        )
        if candidate:
            size = {Quantity.FILE: file.path.stat().st_size}
            found.append(replace(candidate, costs={**candidate.costs, **size}))
    return tuple(found)


def list_networks(at: Any) -> Sequence[Candidate]:
    """Return all networks of the chosen set, whose cards are read once a run."""
    kept: dict[NetworkSet, Sequence[Candidate]] = vars(at).setdefault("networks_of_sets", {})
    if at.set not in kept:
        kept[at.set] = list_bundled() if at.set is NetworkSet.OWN else list_reported()
    return kept[at.set]


def has_recipes(at: Any) -> bool:
    """Say whether a network of the set has several weights."""
    networks = list_networks(at)
    return len({one.name for one in networks}) < len(networks)


def list_candidates(at: Any) -> tuple[Candidate, ...]:
    """Return the networks of the chosen weights and families."""
    recipe = at.weights if has_recipes(at) else Recipe.ALL
    kept = choose_weights(list_networks(at), recipe)
    return tuple(one for one in kept if not at.families or one.family in at.families)


def _list_steps(cost: Quantity) -> list[str]:
    unit, _, steps = _STEPS[cost]
    return [*(f"{format_setting(step)} {unit}" for step in steps), _ANY]


def _budget(cost: Quantity) -> Any:
    return choice(_list_steps(cost), f"Max. {str(cost).lower()}", default=_ANY, look="slider")


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
        help="All, unless some are chosen.",
    )
    max_multiply_adds: str = _budget(Quantity.MULTIPLY_ADDS)
    max_parameters: str = _budget(Quantity.PARAMETERS)
    max_file: str = _budget(Quantity.FILE)
    max_memory: str = _budget(Quantity.MEMORY)
    max_time: str = _budget(Quantity.TIME)
    max_peak: str = _budget(Quantity.PEAK)
    network: str = choice(
        lambda at: [one.key for one in list_candidates(at)] or [""],
        "Network",
        titles=lambda at: {one.key: f"{one.title} · {one.weights}" for one in list_candidates(at)},
        look="list",
        help="Or click a bubble.",
    )
    format: str = choice(["PNG", "SVG"], "Saved chart")


def name_budget(cost: Quantity) -> str:
    """Return the field that holds the most of a cost."""
    return f"max_{cost.name.lower()}"


def read_budget(at: Any, known: Sequence[Quantity]) -> dict[Quantity, float]:
    """Return the limits that are set, of the costs that are known."""
    budget = {}
    for cost in known:
        most = getattr(at, name_budget(cost))
        if most != _ANY:
            _, scale, steps = _STEPS[cost]
            budget[cost] = steps[_list_steps(cost).index(most)] * scale
    return budget

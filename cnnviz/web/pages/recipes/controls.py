"""Which part is shown, and what each part is told."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from cnnviz.figures.recipes import STEPS
from cnnviz.labs.architecture_search import MAX_TRIALS, MAX_UPDATES
from cnnviz.labs.compound_scaling import ALPHA, BETA, GAMMA
from cnnviz.networks.weights.files import read_cards
from cnnviz.networks.zoo import get_network
from cnnviz.networks.zoo.published_recipes import PUBLISHED_RECIPES
from cnnviz.training.history import find_histories
from cnnviz.web.controls.kinds import choice, number, several
from cnnviz.web.state import PageState

_MAX_RECIPES = 4
_OWN = "resnet64"
PHIS = [step / 2 for step in range(9)]
_RATES = ("0", "0.3", "1", "3", "10")


class Part(StrEnum):
    """What the stage shows."""

    RECIPES = "recipes"
    LADDER = "ladder"
    SEARCH = "search"
    SCALING = "scaling"


PARTS = {
    Part.RECIPES: "Recipes",
    Part.LADDER: "ResNet-RS, step by step",
    Part.SEARCH: "Architecture search",
    Part.SCALING: "Compound scaling",
}


def list_titles(at: Any) -> dict[str, str]:  # noqa: ARG001  (of every page state alike)
    """Return the recipes that there are: the published ones, and those of this machine's cards."""
    own = find_histories(read_cards()[0])
    published = {one.name: one.title for one in PUBLISHED_RECIPES}
    return published | {name: f"{get_network(name).title}, ours" for name in own}


def _choose_recipes(at: Any) -> tuple[str, ...]:
    usual = (*(one.name for one in PUBLISHED_RECIPES), _OWN)
    return tuple(name for name in usual if name in list_titles(at))


@dataclass(frozen=True)
class RecipesControls:
    """The part, the recipes, the step of the ladder, the search, and the factors of scaling."""

    part: Part = choice(Part, "Part", titles=PARTS)
    recipes: tuple[str, ...] = several(
        list_titles, "Recipes", most=_MAX_RECIPES, default=_choose_recipes
    )
    step: str = choice(STEPS, "Step", look="list")
    trials: int = number("Networks each", 5, MAX_TRIALS, default=20, step=5)
    updates: int = number("Updates a network", 10, MAX_UPDATES, default=40, step=10)
    rate: str = choice(_RATES, "Controller’s rate", default="3", look="slider")
    seed: int = number("Seed", 0, 99, default=0, look="box")
    network: int = number(
        "Network", 0, lambda at: 2 * at.trials, default=0, look="box",
        follows=("trials", "updates", "rate", "seed"),
    )  # fmt: skip
    phi: float = number("φ", PHIS[0], PHIS[-1], default=1.0, step=PHIS[1])
    alpha: float = number("α, depth", 1.0, 1.5, default=ALPHA, step=0.05)
    beta: float = number("β, width", 1.0, 1.5, default=BETA, step=0.05)
    gamma: float = number("γ, resolution", 1.0, 1.5, default=GAMMA, step=0.05)


Page = PageState[RecipesControls]

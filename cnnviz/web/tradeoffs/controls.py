"""The bubble charts' controls, each bound to the URL."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import streamlit as st

from cnnviz.figures.format import format_setting
from cnnviz.tradeoffs import Candidate, Quantity, Recipe, Score, list_families
from cnnviz.web.option_chooser import choose_segment

_ANY = "any"
# Steps of the budgets: (value, as shown), each about twice the one before.
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
# What can be compared: accuracies on the same pictures.
REPORTED, OWN = "torchvision’s, on ImageNet", "ours at 64×64, on a hundred classes"
_KEYS = {cost: f"most_{cost.name.lower()}" for cost in Quantity}


@dataclass(frozen=True, slots=True, eq=False)
class Choices:
    """What the visitor chose.

    Attributes:
        cost: From left to right.
        score: From below to above.
        area: What a bubble's area shows.
        logarithmic: Whether the cost axis is.
        recipe: Which of each network's weights.
        families: Lines of networks to show; empty for all.
    """

    cost: Quantity
    score: Score
    area: Quantity
    logarithmic: bool
    recipe: Recipe
    families: tuple[str, ...]


def choose_set() -> str:
    """Choose whose networks are compared, REPORTED or OWN."""
    return choose_segment(
        "Networks", (REPORTED, OWN), key="set", noun="set of networks", aliases={"own": OWN}
    )


def read_choices(candidates: Sequence[Candidate]) -> Choices:
    """Show the controls of the chart and return what they say."""
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        cost = _choose("To the right: cost", list(Quantity), key="cost")
        score = _choose("Upwards: score", list(Score), key="score")
        area = _choose("Bubble’s area", list(Quantity)[1:3], key="area")
        several = len({one.name for one in candidates}) < len(candidates)
        recipe = _choose("Weights", list(Recipe), key="weights") if several else Recipe.ALL
        logarithmic = st.toggle("Logarithmic", value=True, key="log", bind="query-params")
    offered = list_families(candidates)
    if "families" in st.session_state:  # chosen among another set's, perhaps
        kept = [family for family in st.session_state["families"] if family in offered]
        st.session_state["families"] = kept
    families = st.pills(
        "Families (all, unless some are chosen)",
        offered,
        selection_mode="multi",
        wrap=True,
        key="families",
        bind="query-params",
    )
    return Choices(
        cost=Quantity(cost),
        score=Score(score),
        area=Quantity(area),
        logarithmic=logarithmic,
        recipe=Recipe(recipe),
        families=tuple(families),
    )


def _choose(label: str, options: Sequence[str], *, key: str) -> str:
    return st.selectbox(label, options, width=165, key=key, bind="query-params")


def read_budget(known: Sequence[Quantity]) -> Mapping[Quantity, float]:
    """Show a slider for each cost that is known, and return the limits that were set."""
    budget = {}
    across = min(len(known), 3)
    places = [place for _ in known[::across] for place in st.columns(across, gap="large")]
    for place, cost in zip(places, known, strict=False):
        unit, scale, steps = _STEPS[cost]
        shown = [*(f"{format_setting(step)} {unit}" for step in steps), _ANY]
        most = place.select_slider(
            f"{cost} at most", shown, value=_ANY, key=_KEYS[cost], bind="query-params"
        )
        if most != _ANY:
            budget[cost] = steps[shown.index(most)] * scale
    return budget

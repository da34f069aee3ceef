"""The bubble charts' parts: the chart, the choice within a budget, one network's card."""

from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from cnnviz.figures.format import format_latex, format_number, format_percent
from cnnviz.figures.tradeoffs import draw_bubbles, write_accuracy, write_cost, write_csv
from cnnviz.tradeoffs import (
    Candidate,
    Quantity,
    Score,
    choose_best,
    find_front,
    fits,
    list_families,
)
from cnnviz.web.files import offer_file
from cnnviz.web.page import link_to
from cnnviz.web.pages.tradeoffs.controls import TradeoffControls, list_networks
from cnnviz.web.state import PageState
from cnnviz.weights import list_weights

_CHART = "tradeoffs.bubbles"
_HEIGHT = 600


def show_chart(
    page: PageState[TradeoffControls],
    candidates: Sequence[Candidate],
    *,
    budget: Mapping[Quantity, float],
) -> None:
    """Show the bubbles; a click on one opens its card.

    Args:
        page: What is drawn against what.
        candidates: The networks.
        budget: Networks over it are faint.
    """
    values = page.values
    figure = draw_bubbles(
        candidates,
        cost=values.cost,
        score=values.score,
        area=values.area,
        budget=budget,
        logarithmic=values.log,
        selected=values.network or None,
        families=list_families(list_networks(page.at)),
    )
    figure.update_layout(height=_HEIGHT)

    def take_click() -> None:
        points: list[dict[str, Any]] = st.session_state[_CHART]["selection"]["points"]
        if points and "customdata" in points[0]:
            page.keep(network=points[0]["customdata"][0])

    st.plotly_chart(
        figure,
        key=_CHART,
        on_select=take_click,
        selection_mode="points",
        config=_configure(values.format, f"cnnviz-{values.score}-{values.cost}"),
        alt=(
            f"A bubble for each network: {values.score} on the y-axis, {values.cost} on the "
            f"x-axis, {values.area} as area. The table below holds the same numbers."
        ),
    )


def _configure(kind: str, name: str) -> dict[str, Any]:
    """The chart's own button saves it, in the format that the visitor chose."""
    options = {"format": kind.lower(), "filename": name.lower().replace(" ", "-"), "scale": 2}
    return {"displaylogo": False, "toImageButtonOptions": options, "displayModeBar": True}


def show_card(page: PageState[TradeoffControls], candidates: Sequence[Candidate]) -> None:
    """Show the facts of one network, with the way to its table."""
    one = next((one for one in candidates if one.key == page.values.network), None)
    if one is None:
        return
    page.draw("network")
    facts = {"Top-1": format_percent(one.top1 / 100)}
    if one.top5 is not None:
        facts["Top-5"] = format_percent(one.top5 / 100)
    facts |= {str(cost): write_cost(cost, value) for cost, value in one.costs.items()}
    st.markdown(
        "\n".join(["| | |", "|---|---|", *(f"| {k} | **{v}** |" for k, v in facts.items())])
    )
    density = one.score(Score.DENSITY) or 0
    st.markdown(
        "Accuracy density "
        rf"$\frac{{{format_latex(format_percent(one.top1 / 100))}}}"
        rf"{{{format_latex(format_number(one.costs[Quantity.PARAMETERS] / 1e6))}\text{{ M}}}} "
        rf"= {format_latex(format_number(density))}$"
    )
    with st.container(horizontal=True, gap="medium"):
        _link_pages(one)


def _link_pages(one: Candidate) -> None:
    arrow = ":material/arrow_forward:"
    if one.name in list_weights():
        link_to("activations", "Activation maps", icon=arrow, network=one.name)
    link_to("costs", "Layer by layer", icon=arrow, architecture=one.name, size=str(one.input_size))


def show_advice(
    page: PageState[TradeoffControls],
    candidates: Sequence[Candidate],
    *,
    budget: Mapping[Quantity, float],
) -> None:
    """Say what fits the budget, and which of it is the most accurate."""
    best = choose_best(candidates, budget=budget)
    fitting = sum(fits(one, budget) for one in candidates)
    if best is None:
        st.warning(
            "No network fits all of these limits; raise one of them, or choose more families.",
            icon=":material/warning:",
        )
        return
    costs = ", ".join(
        f"{write_cost(cost, value)} {_UNITS[cost]}" for cost, value in best.costs.items()
    )
    begin = f"All {fitting} fit" if not budget else f"{fitting} of {len(candidates)} fit"
    st.markdown(
        f"{begin}. The most accurate of them is **{best.title}** ({best.weights}): "
        f"{write_accuracy(best)}, with {costs}."
    )
    front = find_front(candidates, cost=page.values.cost, score=page.values.score)
    names = ", ".join(one.title for one in front)
    st.caption(
        f"On the Pareto front, where more {page.values.score.lower()} costs more "
        f"{page.values.cost.lower()}: {names}."
    )


_UNITS = {
    Quantity.MULTIPLY_ADDS: "multiply-adds",
    Quantity.PARAMETERS: "parameters",
    Quantity.FILE: "on disk",
    Quantity.MEMORY: "of activations",
    Quantity.TIME: "an image here",
    Quantity.PEAK: "held at once here",
}


# Columns of the costs that are not known of every network: title and unit.
_COLUMNS = {
    Quantity.FILE: ("File MB", 2**20),
    Quantity.MEMORY: ("Activations MB", 2**20),
    Quantity.TIME: ("Time ms", 1),
    Quantity.PEAK: ("Peak memory MB", 2**20),
}


def _divide(value: float | None, scale: float) -> float | None:
    return None if value is None else value / scale


def show_table(candidates: Sequence[Candidate], *, budget: Mapping[Quantity, float]) -> None:
    """Show all numbers, and offer them to take away."""
    rows = sorted(candidates, key=lambda one: -one.top1)
    columns: dict[str, list[Any]] = {
        "Network": [one.title for one in rows],
        "Weights": [one.weights for one in rows],
        "Year": [one.year for one in rows],
        "Input": [one.input_size for one in rows],
        "Top-1 %": [one.top1 for one in rows],
        "Top-5 %": [one.top5 for one in rows],
        "Multiply-adds G": [one.costs[Quantity.MULTIPLY_ADDS] / 1e9 for one in rows],
        "Parameters M": [one.costs[Quantity.PARAMETERS] / 1e6 for one in rows],
        **{
            name: [_divide(one.costs.get(cost), scale) for one in rows]
            for cost, (name, scale) in _COLUMNS.items()
            if any(cost in one.costs for one in rows)
        },
        "Density": [one.score(Score.DENSITY) for one in rows],
        "Fits": [fits(one, budget) for one in rows],
    }
    number = st.column_config.NumberColumn
    st.dataframe(
        columns,
        hide_index=True,
        height=min(400, 36 * (len(rows) + 1)),
        column_config={
            "Network": st.column_config.TextColumn(pinned=True),
            "Year": number(format="%d"),
            "Top-1 %": number(format="%.1f"),
            "Top-5 %": number(format="%.1f"),
            "Multiply-adds G": number(format="%.2f"),
            "Parameters M": number(format="%.1f"),
            "Density": number(format="%.2f"),
            **{name: number(format="%.1f") for name, _ in _COLUMNS.values()},
        },
        key="tradeoffs.table",
    )
    offer_file(
        "Table as CSV", lambda: write_csv(rows, budget=budget), "networks.csv", key="tradeoffs.csv"
    )


def find_answers(
    page: PageState[TradeoffControls], candidates: Sequence[Candidate]
) -> dict[str, float]:
    """Return the answers to the lesson's questions, of the network that is looked at."""
    one = next((one for one in candidates if one.key == page.values.network), None)
    return {} if one is None else {"density": one.score(Score.DENSITY) or 0.0}


def write_program(
    page: PageState[TradeoffControls], budget: Mapping[Quantity, float]
) -> dict[str, object]:
    """Return the constants of the page's program, which knows torchvision's networks."""
    values = page.values
    return {
        "COST": values.cost,
        "SCORE": values.score,
        "RECIPE": values.weights,
        "FAMILIES": list(values.families),
        "MOST_MULTIPLY_ADDS": budget.get(Quantity.MULTIPLY_ADDS),
        "MOST_PARAMETERS": budget.get(Quantity.PARAMETERS),
    }

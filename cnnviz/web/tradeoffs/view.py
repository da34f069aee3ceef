"""The bubble charts' parts: the chart, the choice within a budget, one network's card."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import streamlit as st

from cnnviz.figures.format import format_latex, format_number, format_percent
from cnnviz.figures.tradeoffs import draw_bubbles, write_accuracy, write_cost, write_csv
from cnnviz.tradeoffs import (
    Candidate,
    Quantity,
    Score,
    choose_best,
    choose_weights,
    find_front,
    fits,
    read_card_candidate,
)
from cnnviz.web.chrome import declare_page
from cnnviz.web.sitemap import ACTIVATIONS, COSTS
from cnnviz.web.tradeoffs.controls import Choices
from cnnviz.weights import BUNDLED, list_weights, read_card
from cnnviz.zoo import get_network

_CHOSEN = "chosen"
_CHART = "bubbles"
_FORMAT = "format"
_FORMATS = ("PNG", "SVG")


def select_candidates(candidates: Sequence[Candidate], choices: Choices) -> tuple[Candidate, ...]:
    """Keep the weights and families that were chosen."""
    kept = choose_weights(candidates, choices.recipe)
    return tuple(one for one in kept if not choices.families or one.family in choices.families)


def show_chart(
    candidates: Sequence[Candidate],
    choices: Choices,
    *,
    budget: Mapping[Quantity, float],
    families: Sequence[str],
) -> None:
    """Show the bubbles; a click on one opens its card.

    Args:
        candidates: The networks.
        choices: What is drawn against what.
        budget: Networks over it are faint.
        families: All there are, chosen or not, so that each keeps its colour.
    """
    keys = {candidate.key for candidate in candidates}
    chosen = st.session_state.get(_CHOSEN)
    figure = draw_bubbles(
        candidates,
        cost=choices.cost,
        score=choices.score,
        area=choices.area,
        budget=budget,
        logarithmic=choices.logarithmic,
        selected=chosen if chosen in keys else None,
        families=families,
    )
    chart_place = st.container()
    # Drawn below the chart, read before it: the chart's camera needs the choice.
    st.segmented_control(
        "The chart’s camera saves",
        _FORMATS,
        default=_FORMATS[0],
        required=True,
        key=_FORMAT,
        bind="query-params",
    )
    chart_place.plotly_chart(
        figure,
        key=_CHART,
        on_select=_take_click,
        selection_mode="points",
        config=_camera(f"cnnviz-{choices.score}-{choices.cost}"),
        alt=(
            f"A bubble for each network: {choices.score} upwards, {choices.cost} to the right, "
            f"{choices.area} as area. The table below holds the same numbers."
        ),
    )


def _camera(name: str) -> dict[str, Any]:
    """The chart's camera, in the format that the visitor chose."""
    chosen = st.session_state[_FORMAT]
    options = {"format": chosen.lower(), "filename": name.lower().replace(" ", "-"), "scale": 2}
    return {"displaylogo": False, "toImageButtonOptions": options, "displayModeBar": True}


def _take_click() -> None:
    points: list[dict[str, Any]] = st.session_state[_CHART]["selection"]["points"]
    if points and "customdata" in points[0]:
        st.session_state[_CHOSEN] = points[0]["customdata"][0]


def show_card(candidates: Sequence[Candidate]) -> None:
    """Show the facts of one candidate, with the way to its table."""
    titles = {one.key: f"{one.title} · {one.weights}" for one in candidates}
    if st.session_state.get(_CHOSEN, next(iter(titles))) not in titles:
        st.session_state[_CHOSEN] = next(iter(titles))
    key = st.selectbox(
        "Network (or click a bubble)",
        list(titles),
        format_func=titles.__getitem__,
        key=_CHOSEN,
        bind="query-params",
    )
    one = next(candidate for candidate in candidates if candidate.key == key)
    with st.container(horizontal=True, gap="small"):
        st.metric("Top-1", format_percent(one.top1 / 100), border=True)
        if one.top5 is not None:
            st.metric("Top-5", format_percent(one.top5 / 100), border=True)
        for cost, value in one.costs.items():
            st.metric(cost, write_cost(cost, value), border=True)
    density = one.score(Score.DENSITY) or 0
    st.latex(
        r"\begin{aligned} \text{accuracy density} &= "
        rf"\frac{{{format_latex(format_percent(one.top1 / 100))}}}"
        rf"{{{format_latex(format_number(one.costs[Quantity.PARAMETERS] / 1e6))}\text{{ M "
        rf"parameters}}}} \\ "
        rf"&= {format_latex(format_number(density))} \end{{aligned}}"
    )
    with st.container(horizontal=True, gap="medium"):
        _link_pages(one)


def _link_pages(one: Candidate) -> None:
    if one.name in list_weights():
        st.page_link(
            declare_page(ACTIVATIONS),
            label=f"Look inside {one.title}",
            icon=":material/arrow_forward:",
            query_params={"network": one.name},
        )
    st.page_link(
        declare_page(COSTS),
        label=f"Open {one.title} layer by layer",
        icon=":material/arrow_forward:",
        query_params={"network": one.name, "size": str(one.input_size)},
    )


def show_advice(
    candidates: Sequence[Candidate], choices: Choices, *, budget: Mapping[Quantity, float]
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
    front = find_front(candidates, cost=choices.cost, score=choices.score)
    names = ", ".join(one.title for one in front)
    st.caption(
        f"On the Pareto front, where more {choices.score.lower()} costs more "
        f"{choices.cost.lower()}: {names}."
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
        key="table",
    )
    st.download_button(
        "Table as CSV",
        write_csv(rows, budget=budget),
        file_name="networks.csv",
        mime="text/csv",
        icon=":material/download:",
        on_click="ignore",
        key="csv",
    )


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

"""The bubble charts' parts: the chart, the choice within a budget, one network's card."""

from collections.abc import Mapping, Sequence

import streamlit as st

from cnnviz.costs.tradeoffs import Candidate, Quantity, find_front, list_families
from cnnviz.figures import tradeoffs as figures
from cnnviz.figures.format import format_number
from cnnviz.networks.weights.files import list_weights
from cnnviz.web.charts import show_chart, show_table
from cnnviz.web.files import offer_file
from cnnviz.web.page import link_to
from cnnviz.web.pages.tradeoffs.controls import Page, find_chosen, list_networks

_MIN_POINTS = 3
Candidates = Sequence[Candidate]
Budget = Mapping[Quantity, float]


def show_bubbles(page: Page, candidates: Candidates, budget: Budget) -> None:
    """Show the bubbles, faint where they are over the budget; a click on one opens its card."""
    values = page.values
    figure = figures.draw_bubbles(
        candidates,
        cost=values.cost,
        score=values.score,
        area=values.area,
        budget=budget,
        logarithmic=values.log,
        selected=values.network or None,
        families=list_families(list_networks(page.at)),
    )
    show_chart(
        figure,
        key="tradeoffs.bubbles",
        alt=page.text("bubbles", score=values.score, cost=values.cost, area=values.area),
        height=600,
        file=f"cnnviz-{values.score}-{values.cost}.{values.format}",
        on_pick=lambda key: page.keep(network=key),
    )


def show_card(page: Page, candidates: Candidates) -> None:
    """Show the facts of one network, with the way to its table."""
    one = find_chosen(page, candidates)
    if one is None:
        return
    page.draw("network")
    st.markdown(figures.write_card(one))
    arrow = ":material/arrow_forward:"
    with st.container(horizontal=True, gap="medium"):
        if one.name in list_weights():
            link_to("activations", "Activation maps", icon=arrow, network=one.name)
        size = str(one.input_size)
        link_to("costs", "Layer by layer", icon=arrow, architecture=one.name, size=size)


def show_advice(page: Page, candidates: Candidates, budget: Budget) -> None:
    """Say what fits the budget, and which of it is the most accurate."""
    advice = figures.write_advice(candidates, budget=budget)
    if not advice:
        st.warning(page.text("nothing"), icon=":material/warning:")
        return
    st.markdown(advice)
    cost, score = page.values.cost, page.values.score
    names = ", ".join(one.title for one in find_front(candidates, cost=cost, score=score))
    st.caption(page.text("front", score=score.lower(), cost=cost.lower(), names=names))


def show_numbers(candidates: Candidates, budget: Budget) -> None:
    """Show all numbers, and offer them to take away."""
    rows = sorted(candidates, key=lambda one: -one.top1)
    show_table(
        figures.tabulate(rows, budget=budget),
        formats=figures.FORMATS,
        pinned="Network",
        max_height=400,
        key="tradeoffs.table",
    )
    offer_file("Table as CSV", lambda: figures.write_csv(rows, budget=budget), "networks.csv")


def show_memory(page: Page, candidates: Candidates) -> None:
    """Show memory against parameters, where the memory of three networks or more is known."""
    known = [one for one in candidates if Quantity.MEMORY in one.costs]
    if len(known) < _MIN_POINTS:
        return
    st.subheader("Memory against parameters", anchor=False)
    figure, correlation = figures.draw_memory(known)
    show_chart(
        figure,
        key="tradeoffs.memory",
        alt=f"Memory of {len(known)} networks against parameters, with a line through them",
        file="memory",
    )
    st.caption(page.text("memory", correlation=format_number(correlation), count=len(known)))

"""Accuracy against cost: every network as a bubble."""

import streamlit as st

from cnnviz.costs.machine_costs import fill_costs
from cnnviz.costs.tradeoffs import Quantity, Score
from cnnviz.web.bench import Uses
from cnnviz.web.page import begin_page, end_page, stage
from cnnviz.web.pages.tradeoffs.controls import (
    TradeoffControls,
    find_chosen,
    has_recipes,
    list_candidates,
    name_budget,
    read_budget,
)
from cnnviz.web.pages.tradeoffs.costs import offer_costs
from cnnviz.web.pages.tradeoffs.view import (
    show_advice,
    show_bubbles,
    show_card,
    show_memory,
    show_numbers,
)

page = begin_page("tradeoffs", TradeoffControls, uses=Uses(image=False, network=False))
candidates = fill_costs(list_candidates(page.at))
known = [cost for cost in Quantity if any(cost in one.costs for one in candidates)]
budget = read_budget(page.at, known)
with stage():
    chart, beside = st.columns([3, 1], gap="medium")
    with chart:
        show_bubbles(page, candidates, budget)
    with beside:
        page.draw("set", "cost", "score", *(["weights"] if has_recipes(page.at) else []))
        with st.popover("Settings", icon=":material/tune:"):
            page.draw("families", "area", "log", "format")
        with st.popover("Budget", icon=":material/savings:"):
            page.draw(*(name_budget(cost) for cost in known))
        show_card(page, candidates)
offer_costs(candidates, page.values.cost)
st.subheader("Which network for a budget?", anchor=False)
show_advice(page, candidates, budget)
show_numbers(candidates, budget)
show_memory(page, candidates)
one, values = find_chosen(page, candidates), page.values
end_page(
    page,
    answers={} if one is None else {"density": one.score(Score.DENSITY) or 0.0},
    # The program knows torchvision's networks.
    program={
        "COST": values.cost,
        "SCORE": values.score,
        "RECIPE": values.weights,
        "FAMILIES": list(values.families),
        "MAX_MULTIPLY_ADDS": budget.get(Quantity.MULTIPLY_ADDS),
        "MAX_PARAMETERS": budget.get(Quantity.PARAMETERS),
    },
)

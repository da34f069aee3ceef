"""Accuracy against cost: every network as a bubble."""

import streamlit as st

from cnnviz.tradeoffs import Quantity, list_families, list_reported
from cnnviz.web.tradeoffs.controls import OWN, choose_set, read_budget, read_choices
from cnnviz.web.tradeoffs.costs import fill_costs
from cnnviz.web.tradeoffs.lesson import show_lesson, show_sources
from cnnviz.web.tradeoffs.view import (
    list_bundled,
    select_candidates,
    show_advice,
    show_card,
    show_chart,
    show_table,
)

st.title("Accuracy against cost", anchor=False)
st.markdown(
    "Every network is a bubble: how often it is right, against what it costs, and how large it is. "
    "The dotted line joins those that nothing cheaper beats."
)
networks = list_bundled() if choose_set() == OWN else list_reported()
choices = read_choices(networks)
candidates = fill_costs(select_candidates(networks, choices), {choices.cost})
chart_place = st.container()
st.header("Which should I choose?", anchor=False)
known = [cost for cost in Quantity if any(cost in one.costs for one in candidates)]
budget = read_budget(known)
show_advice(candidates, choices, budget=budget)
with chart_place:
    show_chart(candidates, choices, budget=budget, families=list_families(networks))
st.header("One network", anchor=False)
show_card(candidates)
st.header("All numbers", anchor=False)
show_table(candidates, budget=budget)
show_lesson()
show_sources()

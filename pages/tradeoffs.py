"""Accuracy against cost: every network as a bubble."""

import streamlit as st

from cnnviz.tradeoffs import Quantity, list_reported
from cnnviz.web.tradeoffs.controls import read_budget, read_choices
from cnnviz.web.tradeoffs.costs import fill_costs
from cnnviz.web.tradeoffs.lesson import show_lesson, show_sources
from cnnviz.web.tradeoffs.view import (
    list_bundled,
    select_candidates,
    show_advice,
    show_bundled,
    show_card,
    show_chart,
    show_table,
)

st.title("Accuracy against cost", anchor=False)
st.markdown(
    "Every network is a bubble: how often it is right on ImageNet, against what it costs, and how "
    "large it is. The dotted line joins those that nothing cheaper beats."
)
reported = list_reported()
choices = read_choices(reported)
candidates = fill_costs(select_candidates(reported, choices), {choices.cost})
chart_place = st.container()
st.header("Which should I choose?", anchor=False)
known = [cost for cost in Quantity if any(cost in one.costs for one in candidates)]
budget = read_budget(known)
show_advice(candidates, choices, budget=budget)
with chart_place:
    show_chart(candidates, choices, budget=budget)
st.header("One network", anchor=False)
show_card(candidates)
st.header("All numbers", anchor=False)
show_table(candidates, budget=budget)
if bundled := list_bundled():
    st.header("Our own networks at 64×64", anchor=False)
    st.markdown(
        "The same picture for networks that we trained alike, on a hundred everyday classes, and "
        "whose accuracy we measured on photographs that they had never seen."
    )
    show_bundled(bundled)
show_lesson()
show_sources()

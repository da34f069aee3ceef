"""What each architecture costs: memory, parameters and work, layer by layer."""

import streamlit as st

from cnnviz.web.costs.controls import read_choices, read_fold
from cnnviz.web.costs.lesson import show_lesson, show_sources
from cnnviz.web.costs.measured import show_measured
from cnnviz.web.costs.view import (
    measure,
    show_conventions,
    show_layer,
    show_networks,
    show_notes,
    show_table,
)

st.title("What a network costs", anchor=False)
st.markdown(
    "Every layer of an architecture with its shape, memory, parameters and multiply-adds: where a "
    "network keeps its numbers, and where it does its work."
)
choices = read_choices()
measured = measure(choices)
if measured:
    networks_place = st.container()
    st.header("One layer worked out", anchor=False)
    selected = show_layer(measured[0])
    with networks_place:
        show_networks(measured, choices.convention, selected=selected)

    st.header("Layer by layer", anchor=False)
    fold = read_fold()
    for item in measured:
        if len(measured) > 1:
            st.subheader(item.network.title, anchor=False)
        show_table(item, fold=fold, convention=choices.convention)

    show_measured(measured)

    st.header("One network, five numbers", anchor=False)
    st.markdown(
        "Papers and programs print different numbers for one network, because each decides for "
        "itself whether a multiplication with its addition is one operation or two, and whether "
        "the small operations count."
    )
    show_conventions(measured)

    for item in measured:
        show_notes(item)
show_lesson()
show_sources()

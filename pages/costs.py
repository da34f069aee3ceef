"""What each architecture costs: memory, parameters and multiply-adds, layer by layer."""

import streamlit as st

from cnnviz.web.bench import Uses
from cnnviz.web.page import begin_page, end_page, stage
from cnnviz.web.pages.costs.controls import CostControls, make_convention
from cnnviz.web.pages.costs.measured import show_measured
from cnnviz.web.pages.costs.view import (
    find_answers,
    measure,
    show_conventions,
    show_layer,
    show_networks,
    show_notes,
    show_table,
    show_totals,
    step_layer,
    write_program,
)

page = begin_page("costs", CostControls, uses=Uses(image=False, network=False))
with stage():
    chart, beside = st.columns([3, 2], gap="medium")
    with beside:
        left, right = st.columns(2, gap="small")
        with left:
            page.draw("architecture")
        with right:
            page.draw("beside")
    with chart:
        measured = measure(page.at)
        if measured:
            show_networks(page, measured)
    with beside:
        for item in measured:
            show_totals(item, make_convention(page.at))
        if measured and measured[0].network.name == page.values.architecture:
            show_layer(page, measured[0])
        with st.popover("Input and counting", icon=":material/tune:"):
            page.draw("size", "unit", "also")
if measured:
    st.subheader("Layer by layer", anchor=False)
    page.draw("fold")
    for item in measured:
        show_table(item, fold=page.values.fold, convention=make_convention(page.at))
    show_measured(measured)
    st.subheader("One network, five numbers", anchor=False)
    st.markdown(
        "Papers and programs print different numbers for one network. Some count a multiply-add as "
        "one operation, some as two. Some count the small operations too."
    )
    show_conventions(measured)
    for item in measured:
        show_notes(item)
end_page(
    page,
    answers=find_answers(page.at),
    program=write_program(page.at),
    on_step=lambda by: step_layer(page, by),
)

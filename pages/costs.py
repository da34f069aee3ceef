"""What each architecture costs: memory, parameters and multiply-adds, layer by layer."""

import streamlit as st

from cnnviz.web.bench import Uses
from cnnviz.web.page import begin_page, end_page, stage
from cnnviz.web.pages.costs.controls import EXTRAS, CostControls, Unit
from cnnviz.web.pages.costs.measured import show_measured
from cnnviz.web.pages.costs.view import (
    find_answers,
    measure,
    show_counting,
    show_layer,
    show_layers,
    show_networks,
    show_totals,
    step_layer,
)

page = begin_page("costs", CostControls, uses=Uses(image=False, network=False))
with stage():
    chart, beside = st.columns([3, 2], gap="medium")
    with beside:
        page.draw_row("architecture", "beside")
    with chart:
        measured = measure(page.at)
        if measured:
            show_networks(page, measured)
    with beside:
        for item in measured:
            show_totals(page, item)
        if measured and measured[0].network.name == page.values.architecture:
            show_layer(page, measured[0])
        with st.popover("Input and counting", icon=":material/tune:"):
            page.draw("size", "unit", "also")
if measured:
    st.subheader("Layer by layer", anchor=False)
    page.draw("fold")
    for item in measured:
        show_layers(page, item)
    show_measured(page, measured)
    show_counting(page, measured)
values = page.values
end_page(
    page,
    answers=find_answers(page),
    program={
        "NETWORK": values.architecture,
        "SIZE": values.size or None,
        "FOLD": values.fold,
        "TWICE": values.unit is Unit.TWO,
        **{name.upper(): name in values.also for name in EXTRAS},
    },
    on_step=lambda by: step_layer(page, by),
)

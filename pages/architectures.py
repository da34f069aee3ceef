"""Architectures by year: the block of each, its costs, and what it replaced."""

import streamlit as st

from cnnviz.web.bench import Uses
from cnnviz.web.chrome import showing_errors
from cnnviz.web.page import begin_page, end_page, stage
from cnnviz.web.pages.architectures.below import (
    find_scaling,
    find_sides,
    show_findings,
    show_pair,
    show_ratios,
    show_rules,
    show_scaling,
    show_winners,
)
from cnnviz.web.pages.architectures.controls import ArchitectureControls, draw_block
from cnnviz.web.pages.architectures.view import (
    show_graph,
    show_layer,
    show_more,
    show_words,
    show_years,
    step_block,
)

page = begin_page("architectures", ArchitectureControls, uses=Uses(image=False, network=False))
values, drawn = page.values, None
with stage():
    show_years(page)
    graph, beside = st.columns([11, 9], gap="medium")
    with beside:
        show_words(page)
    with graph:
        with showing_errors():  # where a kernel does not fit
            drawn = draw_block(page.at)
        if drawn is not None:
            show_graph(page, drawn)
    if drawn is not None:
        with beside:
            show_layer(page, drawn)
page.draw("block", width=320)
show_more(page, drawn)
show_pair(page)
show_rules(page)
show_scaling(page)
show_findings(page)
show_ratios(page)
show_winners()
pair, sides = find_sides(page)
scaled = [table.multiply_adds for table in find_scaling()]
first, second = (side.table.multiply_adds for side in sides)
end_page(
    page,
    words={"first": pair.sides[0].title, "second": pair.sides[1].title, "c": values.c},
    answers={
        "ratio": first / second,
        "weights": 2 * 9 * values.c**2,
        "growth": scaled[2] / scaled[0],
    },
    program={
        "BLOCK": values.block,
        "CHANNELS": int(values.channels),
        "SIZE": int(values.size),
        "PAIR": values.pair,
    },
    on_step=lambda by: step_block(page, by),
)

"""Train a network: put it together from layers, and watch it learn."""

import streamlit as st

from cnnviz.web.bench import Uses
from cnnviz.web.page import begin_page, end_page, stage
from cnnviz.web.pages.train.controls import TrainControls
from cnnviz.web.pages.train.view import (
    find_answers,
    find_chosen,
    list_runs,
    show_controls,
    show_layers,
    show_runs,
    show_use,
    write_constants,
)

page = begin_page("train", TrainControls, uses=Uses(image=False, network=False))
runs = list_runs(page)
with stage():
    figure, beside = st.columns([3, 1], gap="medium")
    with beside:
        show_controls(page)
    with figure:
        show_runs(runs)
show_layers(page)
chosen = find_chosen(runs)
if chosen is not None:
    show_use(page, chosen)
values = page.values
end_page(
    page,
    words={"batch": values.batch, "rate": values.rate},
    answers=find_answers(page),
    program=write_constants(page),
)

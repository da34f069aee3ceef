"""Normalization: which values share a mean, and what that does to a network."""

import streamlit as st

from cnnviz.web.bench import Uses
from cnnviz.web.page import begin_page, end_page, stage
from cnnviz.web.pages.normalization.controls import NormalizationControls
from cnnviz.web.pages.normalization.view import (
    find_answers,
    list_batch,
    normalize_batch,
    show_controls,
    show_figure,
    show_formula,
    show_fusing,
    show_race,
    show_training,
)

page = begin_page("normalization", NormalizationControls, uses=Uses())
if page.at.bench.image is None:
    st.stop()
found = normalize_batch(page)
with stage():
    figure, beside = st.columns([3, 1], gap="medium")
    with beside:
        show_controls(page, found)
    with figure:
        page.draw("kind", label_visibility="collapsed")
        show_figure(page, found)
    show_formula(page, found)
show_training(page)
fusing, race = st.columns(2, gap="large")
with fusing:
    show_fusing(page)
with race:
    show_race(page)
values = page.values
end_page(
    page,
    words={"channels": found.values.shape[1]},
    answers=find_answers(found),
    program={
        "LAYER": values.layer,
        "KIND": str(values.kind),
        "GROUPS": int(values.groups),
        "BATCH": list_batch(page)[1 : values.batch],
        "CHANNEL": values.channel,
    },
    on_step=lambda by: page.step("channel", range(found.values.shape[1]), by),
)

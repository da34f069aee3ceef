"""Optimizers: how each of them goes down a surface, step by step."""

import streamlit as st

from cnnviz.labs.optimizers import STEPS, find_answers
from cnnviz.web.bench import Uses
from cnnviz.web.page import begin_page, end_page, stage
from cnnviz.web.pages.optimizers.controls import ALL, OptimizersControls
from cnnviz.web.pages.optimizers.view import (
    run_descents,
    show_controls,
    show_curves,
    show_noise,
    show_race,
    show_ways,
)

page = begin_page("optimizers", OptimizersControls, uses=Uses(image=False, network=False))
values = page.values
descents = run_descents(page)
with stage():
    figure, beside = st.columns([4, 1], gap="medium")
    with beside:
        show_controls(page)
    with figure:
        page.draw("surface", label_visibility="collapsed")
        show_ways(page, descents)
show_curves(page, descents)
show_race(page)
show_noise(page)
end_page(
    page,
    words={"condition": values.condition, "adaptive": values.adaptive_rate},
    answers=find_answers(values.condition),
    program={
        "SURFACE": str(values.surface),
        "OPTIMIZER": str(values.focus),
        "CONDITION": values.condition,
        "START": values.start,
        "RATE": float(values.rate),
        "ADAPTIVE_RATE": float(values.adaptive_rate),
        "MOMENTUM": values.momentum,
        "DECAY": float(values.decay),
        "SCHEDULE": str(values.schedule),
        "BATCH": None if values.batch == ALL else int(values.batch),
    },
    on_step=lambda by: page.step("step", range(STEPS + 1), by),
)

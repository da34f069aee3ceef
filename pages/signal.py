"""Activation functions and initialization: what survives many layers."""

import streamlit as st

from cnnviz.labs.signal import find_answers
from cnnviz.web.bench import Uses
from cnnviz.web.page import begin_page, end_page, stage
from cnnviz.web.pages.signal.controls import SignalControls
from cnnviz.web.pages.signal.view import (
    send_signals,
    show_bowls,
    show_controls,
    show_function,
    show_race,
    show_signals,
)

page = begin_page("signal", SignalControls, uses=Uses(image=False, network=False))
values = page.values
signals = send_signals(page)
signal = signals[values.initialization]
with stage():
    figure, beside = st.columns([3, 1], gap="medium")
    with beside:
        show_controls(page, signal)
    with figure:
        page.draw("function", label_visibility="collapsed")
        show_signals(page, signals)
        show_function(page, signal)
show_bowls(page)
show_race(page)
end_page(
    page,
    words={"layers": values.depth, "layer": values.layer},
    answers=find_answers(values.depth),
    program={
        "FUNCTION": str(values.function),
        "INITIALIZATION": str(values.initialization),
        "SCALING": str(values.scaling),
        "DEPTH": values.depth,
    },
    on_step=lambda by: page.step("layer", range(1, values.depth + 1), by),
)

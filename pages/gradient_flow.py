"""Gradient flow and shortcuts: what a shortcut carries, forward and back."""

import streamlit as st

from cnnviz.labs.gradient_flow import MAX_BLOCKS
from cnnviz.labs.lesions import BLOCKS
from cnnviz.labs.stochastic_depth import list_survival
from cnnviz.web.bench import Uses
from cnnviz.web.page import begin_page, end_page, stage
from cnnviz.web.pages.gradient_flow.controls import GradientFlowControls, Part
from cnnviz.web.pages.gradient_flow.view import show_accuracy, show_part, show_samples

page = begin_page("gradient_flow", GradientFlowControls, uses=Uses(network=False))
values = page.values
if page.at.bench.image is None:
    st.stop()
with stage():
    show_part(page)
if values.part is Part.LESIONS:
    show_accuracy(page)
    show_samples(page)
end_page(
    page,
    words={
        "blocks": values.blocks,
        "inserted": values.inserted,
        "count": len(BLOCKS),
        "rate": values.rate,
    },
    answers={
        "slopes": 0.25**4,
        "paths": 2.0 ** len(BLOCKS),
        "depth": 34.0 + 2 * 4 * values.inserted,
        "expected": sum(list_survival(values.rate)),
    },
    program={
        "FUNCTION": str(values.function),
        "INITIALIZATION": str(values.initialization),
        "NORM": str(values.norm),
        "BLOCKS": values.blocks,
        "OFF": list(values.off),
        "INSERTED": values.inserted,
    },
    on_step=lambda by: page.step("blocks", range(1, MAX_BLOCKS + 1), by),
)

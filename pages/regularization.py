"""Regularization and augmentation: what keeps a network from learning its training set by heart."""

import streamlit as st

from cnnviz.labs.dropout import STEPS
from cnnviz.web.bench import Uses
from cnnviz.web.page import begin_page, end_page, stage
from cnnviz.web.pages.regularization.controls import Part, RegularizationControls
from cnnviz.web.pages.regularization.view import find_answers, show_more, show_part

page = begin_page("regularization", RegularizationControls, uses=Uses())
if page.at.bench.image is None:
    st.stop()
values = page.values
with stage():
    show_part(page)
show_more(page)
end_page(
    page,
    words={"p": values.drop, "lambda": values.decay, "patience": values.patience},
    answers=find_answers(page),
    program={
        "DROP": float(values.drop),
        "DECAY": float(values.decay),
        "DIGITS": int(values.count),
        "WRONG": float(values.wrong),
        "PATIENCE": values.patience,
        "TRANSFORM": str(values.transform),
        "STRENGTH": values.strength,
        "SEED": values.seed,
        "PARTNER": values.partner,
        "TRIALS": int(values.trials),
    },
    on_step=lambda by: (
        page.step("step", range(STEPS + 1), by) if values.part is Part.DROPOUT else None
    ),
)

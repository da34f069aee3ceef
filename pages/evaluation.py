"""Evaluate on your folder: accuracy, mistakes, calibration and robustness of networks."""

import streamlit as st

from cnnviz.figures.format import format_percent
from cnnviz.web.bench import Uses
from cnnviz.web.chrome import showing_errors
from cnnviz.web.controls.sets import load_networks
from cnnviz.web.page import begin_page, end_page, stage
from cnnviz.web.pages.evaluation.controls import EvaluationControls, read_set
from cnnviz.web.pages.evaluation.view import (
    show_controls,
    show_details,
    show_evaluation,
    show_links,
)

page = begin_page("evaluation", EvaluationControls, uses=Uses(image=False, network=False))
models = load_networks(page.values.networks)
evaluation = scores = None
with stage():
    figure, beside = st.columns([4, 1], gap="medium")
    with beside:
        show_controls(page)
    with figure, st.container(key="evaluation.figure"):
        page.draw("show", label_visibility="collapsed")
        if not models:
            st.info("Choose a network in “Networks”.")
        else:
            with showing_errors():
                evaluation = show_evaluation(page, models, *read_set(page))
if evaluation is not None:
    scores = show_details(page, evaluation)
show_links(page)
words, answers = {}, {"gap": 10.0}
if scores is not None:
    top1 = scores.top1
    words = {
        "network": scores.spec.title,
        "count": top1.total,
        "percent": format_percent(top1.percent / 100),
    }
    answers["wrong"] = float(top1.total - top1.correct)
end_page(
    page,
    words=words,
    answers=answers,
    program={
        "NETWORKS": page.values.networks,
        "IMAGES": page.values.images,
        "MAX_IMAGES": int(page.values.most),
    },
)

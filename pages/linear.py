"""Fooling a linear classifier: its own weights say how."""

from functools import partial

import streamlit as st

from cnnviz.adversarial.linear.case import Classifier, move_image
from cnnviz.figures.linear import find_answers, write_words
from cnnviz.web.bench import Uses
from cnnviz.web.chrome import showing_errors
from cnnviz.web.page import begin_page, end_page, link_to, stage, write_address
from cnnviz.web.pages.linear.controls import LinearControls
from cnnviz.web.pages.linear.training import show_training, train_here
from cnnviz.web.pages.linear.view import (
    show_perturbation,
    show_scores,
    step_amount,
)

page = begin_page("linear", LinearControls, uses=Uses(image=False, network=False))
values, case, chosen = page.values, None, 0
is_network = values.classifier == Classifier.LENET
with stage():
    figure, beside = st.columns([5, 2], gap="medium")
    with figure:
        trained = None if is_network else train_here(page)
        if is_network or trained is not None:
            with showing_errors():
                case = move_image(trained, values.item, values.goal)
                chosen = show_perturbation(page, case)
    with beside:
        page.draw("classifier")
        page.draw_row("item", "goal", widths=[2, 3])
        if not is_network:
            page.draw("steps", "decay")
if trained is not None:
    show_training(page, trained)
if case is None:
    write_address(page)
else:
    show_scores(page, case, chosen)
    if is_network:
        digit = f"digit-{values.item}"
        link_to("adversarial", "Open in adversarial examples", network="lenet5", image=digit)
    program = {
        "DATA": values.classifier,
        "TRAINING_STEPS": int(values.steps),
        "DECAY": float(values.decay),
        "ITEM": values.item,
        "TARGET": case.target,
    }
    end_page(
        page,
        words=write_words(case, chosen),
        answers=find_answers(case),
        program=None if is_network else program,
        on_step=partial(step_amount, page, case),
    )

"""Quizzes: questions whose numbers are drawn and whose answers the backend computes."""

import streamlit as st

from cnnviz.web.bench import Uses
from cnnviz.web.page import begin_page, end_page, stage
from cnnviz.web.pages.quizzes.controls import QuizControls, find_question, step_question
from cnnviz.web.pages.quizzes.view import offer_to_class, show_choosers, show_own, show_question

page = begin_page("quizzes", QuizControls, uses=Uses(image=False, network=False))
with stage():
    figure, beside = st.columns([3, 1], gap="medium")
    with figure:
        question = find_question(page)
        show_question(page, question)
    with beside:
        show_choosers(page)
show_own(page)
end_page(
    page,
    program={"KIND": page.values.kind, "SEED": page.values.seed}
    if question.seed and not page.values.kind.startswith("own")
    else None,
    questions=[offer_to_class(page, question)],
    on_step=lambda by: step_question(page, by),
)

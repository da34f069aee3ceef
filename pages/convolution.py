"""Convolution and pooling: a window slides over numbers, cell by cell."""

import streamlit as st

from cnnviz.web.bench import Uses
from cnnviz.web.page import begin_page, end_page, stage
from cnnviz.web.pages.convolution.controls import ConvolutionControls
from cnnviz.web.pages.convolution.view import (
    find_answers,
    find_scene,
    show_controls,
    show_formulas,
    show_scene,
    step_cell,
    write_program,
    write_words,
)

page = begin_page("convolution", ConvolutionControls, uses=Uses())
with stage():
    figure, beside = st.columns([3, 1], gap="medium")
    with beside:
        show_controls(page)
    with figure:
        scene = find_scene(page)
        if scene is not None:
            show_scene(page, scene)
if scene is not None:
    show_formulas(scene)
end_page(
    page,
    words=write_words(scene),
    answers=find_answers(scene),
    program=None if scene is None else write_program(page, scene),
    on_step=lambda by: step_cell(page, scene, by),
)

"""Convolution and pooling: a window slides over numbers, cell by cell."""

import streamlit as st

from cnnviz.activations.sliding import format_grid
from cnnviz.figures.sliding import find_answers, write_words
from cnnviz.web.bench import Uses
from cnnviz.web.page import begin_page, end_page, stage
from cnnviz.web.pages.convolution.controls import CONVOLUTION, ConvolutionControls
from cnnviz.web.pages.convolution.view import (
    find_scene,
    show_controls,
    show_formulas,
    show_scene,
    step_cell,
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
    program=None
    if scene is None
    else {
        "INPUT": format_grid(scene.grid),
        "KERNEL": format_grid(scene.kernel),
        **{name.upper(): getattr(page.values, name) for name in CONVOLUTION},
        "POOLING": scene.pooled[0].layer.kind if scene.pooled else None,
        "POOLING_KERNEL": page.values.pool,
        "POOLING_STRIDE": page.values.pool_stride,
    },
    on_step=lambda by: step_cell(page, scene, by),
)

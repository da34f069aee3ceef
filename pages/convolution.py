"""Convolution and pooling: a window slides over numbers, cell by cell."""

import streamlit as st

from cnnviz.activations.sliding import format_grid
from cnnviz.activations.volumes import format_filters
from cnnviz.figures.sliding import (
    find_answers,
    find_volume_answers,
    write_volume_words,
    write_words,
)
from cnnviz.web.bench import Uses
from cnnviz.web.chrome import showing_errors
from cnnviz.web.page import begin_page, end_page, stage
from cnnviz.web.pages.convolution.controls import (
    CONVOLUTION,
    ConvolutionControls,
    read_scene,
    read_volumes,
)
from cnnviz.web.pages.convolution.scenes import Mode
from cnnviz.web.pages.convolution.view import (
    show_controls,
    show_formulas,
    show_scene,
    step_cell,
)
from cnnviz.web.pages.convolution.volume_view import show_volume_formulas, show_volume_scene

page = begin_page("convolution", ConvolutionControls, uses=Uses())
values, scene, volumes = page.values, None, None
with stage():
    figure, beside = st.columns([3, 1], gap="medium")
    with beside:
        show_controls(page)
    with figure:
        with showing_errors():
            if values.mode is Mode.SINGLE:
                scene = read_scene(page.at)
            else:
                volumes = read_volumes(page.at)
        if scene is not None:
            show_scene(page, scene)
        if volumes is not None:
            show_volume_scene(page, volumes)
program: dict[str, object] | None = None
if scene is not None:
    show_formulas(scene)
    program = {
        "INPUT": format_grid(scene.grid),
        "KERNEL": format_grid(scene.kernel),
        "POOLING": scene.pooled[0].layer.kind if scene.pooled else None,
        "POOLING_KERNEL": values.pool,
        "POOLING_STRIDE": values.pool_stride,
    }
if volumes is not None:
    show_volume_formulas(page, volumes)
    program = {
        "CHANNELS": "; ".join(map(format_grid, volumes.inputs)),
        "FILTERS": format_filters(volumes.kernels),
        "TRANSPOSED": volumes.is_transposed,
    }


def step(by: int) -> None:
    """Pin the next cell of what is shown, or the one before."""
    if scene is not None:
        step_cell(page, scene.rectified.shape, scene.count_cells(), by)
    if volumes is not None:
        pinned = volumes.inputs if volumes.is_transposed else volumes.maps
        step_cell(page, pinned.shape[1:], pinned.size, by)


end_page(
    page,
    words=write_words(scene) if volumes is None else write_volume_words(volumes),
    answers=find_answers(scene) if volumes is None else find_volume_answers(volumes),
    program=program and program | {name.upper(): getattr(values, name) for name in CONVOLUTION},
    on_step=step,
)

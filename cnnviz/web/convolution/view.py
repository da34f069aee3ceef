"""The moving picture, and the formulas with its numbers."""

import streamlit as st

from cnnviz.errors import CNNVizError
from cnnviz.figures.formulas import write_size_formulas
from cnnviz.figures.sliding import describe_sizes, write_map_csv
from cnnviz.layer_facts import SizeTerms
from cnnviz.sliding import Grid, Slide, convolve, pool, rectify
from cnnviz.stacks import StackKind, StackRow
from cnnviz.web.chrome import show_error
from cnnviz.web.components.choices.choices import tell_choices
from cnnviz.web.components.slide.slide import show_slide
from cnnviz.web.convolution.controls import SLIDE, Choices, read_choices, take_edit

_SUM = r"y_{ij} = \frac{1}{d} \sum_{a,b} x_{\,iS + aD,\; jS + bD} \; w_{ab} + \text{bias}"


def show_page() -> None:
    """Controls, the sliding window, and its formulas."""
    choices = read_choices()
    if choices is None:
        return
    try:
        convolved = convolve(
            choices.grid,
            choices.kernel,
            stride=choices.stride,
            padding=choices.padding,
            dilation=choices.dilation,
            divisor=choices.divisor,
            bias=choices.bias,
        )
    except CNNVizError as error:
        show_error(error)
        return
    rectified = rectify(convolved.values)
    pooled = _pool(rectified, choices)
    show_slide(
        choices,
        convolved=convolved,
        rectified=rectified,
        pooled=pooled,
        on_edit=take_edit,
        key=SLIDE,
    )
    _show_formulas(convolved, pooled)
    st.download_button(
        "Map as CSV", write_map_csv(convolved.values), "map.csv", "text/csv", key="map-csv"
    )
    tell_choices(gallery=st.session_state.get("sample"))


def _pool(rectified: Grid, choices: Choices) -> tuple[Slide, ...]:
    """Both poolings; none, with a sentence, where their window does not fit."""
    kinds = (StackKind.MAX_POOLING, StackKind.AVERAGE_POOLING)
    try:
        return tuple(
            pool(rectified, kind=kind, kernel=choices.pool, stride=choices.pool_stride)
            for kind in kinds
        )
    except CNNVizError as error:
        show_error(error)
        return ()


def _show_formulas(convolved: Slide, pooled: tuple[Slide, ...]) -> None:
    st.subheader("The formulas with these numbers", anchor=False)
    st.latex(_SUM)
    for slide in (convolved, *pooled[:1]):
        st.markdown(describe_sizes(slide))
        for formula in write_size_formulas((_terms(slide.rows), _terms(slide.columns))):
            st.latex(formula)


def _terms(row: StackRow) -> SizeTerms:
    return SizeTerms(
        size_in=row.size_below,
        window=row.layer.window,
        size_out=row.size,
        unread=row.unread,
        rounds_up=False,
    )

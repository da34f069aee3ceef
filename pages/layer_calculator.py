"""Layer calculator: any layer on any volume, worked out."""

import streamlit as st

from cnnviz.costs.calculator import count_layer
from cnnviz.figures.calculator import find_answers
from cnnviz.web.bench import Uses
from cnnviz.web.chrome import showing_errors
from cnnviz.web.page import begin_page, end_page, stage
from cnnviz.web.pages.layer_calculator.controls import CalculatorControls, list_sizes, read_setting
from cnnviz.web.pages.layer_calculator.view import (
    show_alternatives,
    show_controls,
    show_count,
)

page = begin_page("layer_calculator", CalculatorControls, uses=Uses(image=False, network=False))
count = None
with stage():
    figure, beside = st.columns([3, 2], gap="medium")
    with beside:
        show_controls(page)
    with figure:
        with showing_errors():  # where its numbers fit no layer
            count = count_layer(read_setting(page))
        if count is not None:
            show_count(page, count)
if count is not None:
    show_alternatives(page)
values = page.values
end_page(
    page,
    answers={} if count is None else find_answers(count),
    program={
        "TYPE": str(values.type),
        "CHANNELS": values.channels,
        "SIZES": [getattr(values, name) for name in list_sizes(page)],
        "FILTERS": values.filters,
        "KERNEL": values.kernel,
        "STRIDE": values.stride,
        "PADDING": values.padding,
        "DILATION": values.dilation,
        "GROUPS": values.groups,
        "OUTPUT_PADDING": values.output_padding,
        "BIAS": values.bias,
    },
)

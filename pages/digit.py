"""Draw a digit: LeNet-5 or a network like it, layer by layer, while the pen moves."""

import streamlit as st

from cnnviz.digits.experiments import read_drawing
from cnnviz.figures.digit_text import find_answers, write_words
from cnnviz.networks.load import load_model
from cnnviz.web.bench import Uses
from cnnviz.web.page import begin_page, end_page, stage
from cnnviz.web.pages.digit.controls import DigitControls, read_strokes
from cnnviz.web.pages.digit.explanation import (
    explain_filters,
    explain_pens,
    explain_shifts,
    explain_softmax,
    offer_downloads,
)
from cnnviz.web.pages.digit.view import (
    show_pad,
    write_limits,
    write_program,
)

page = begin_page("digit", DigitControls, uses=Uses(image=False, network=False))
model = load_model(page.values.network)
with stage():
    show_pad(page, model)
strokes = read_strokes(page.values.drawing)
reading = read_drawing(model, strokes, pen=page.values.pen / 100) if strokes else None
if reading is None:
    st.info("Draw a digit, or choose a sample.")
else:
    explain_softmax(page, model, reading)
    explain_filters(page, model, reading)
    explain_shifts(page, model, reading)
    explain_pens(page, model, reading)
    offer_downloads(model, reading)
end_page(
    page,
    words=write_words(reading) | {"network": model.spec.title},
    answers=find_answers(reading),
    limits=write_limits(page, model),
    program=write_program(page) if strokes else None,
)

"""Draw a digit: LeNet-5, layer by layer, while the pen moves."""

import streamlit as st

from cnnviz.digit_experiments import read_drawing
from cnnviz.inference import load_model
from cnnviz.web.components.digit.digit import show_network
from cnnviz.web.digit.controls import PAD, read_choices, take_drawing
from cnnviz.web.digit.explanation import (
    explain_filters,
    explain_pens,
    explain_shifts,
    explain_softmax,
    offer_downloads,
)
from cnnviz.web.digit.lesson import show_lesson, show_sources

model = load_model("lenet5")

st.title("Draw a digit", anchor=False)
st.markdown(
    "Draw, and every layer of LeNet-5, a convolutional network of 1998, answers while your pen "
    "moves."
)


@st.fragment
def show_page() -> None:
    """Controls, pad, network, and what they tell about this drawing."""
    choices = read_choices()
    show_network(
        model,
        sample=choices.sample,
        strokes=choices.strokes,
        pen=choices.pen,
        values=choices.values,
        titles=choices.titles,
        on_draw=take_drawing,
        key=PAD,
    )
    if not choices.strokes:
        st.info("Draw a digit or choose a sample; its numbers are worked out here.")
        return
    reading = read_drawing(model, choices.strokes, pen=choices.pen)
    explain_softmax(model, reading)
    explain_filters(model, reading)
    explain_shifts(model, reading)
    explain_pens(model, reading)
    offer_downloads(model, reading)


show_page()
show_lesson()
show_sources(model)

"""Compare on your image: several networks, one picture, and how hard it may get."""

import streamlit as st

from cnnviz.web.compare.controls import choose_networks, choose_strengths
from cnnviz.web.compare.lesson import show_lesson, show_sources
from cnnviz.web.compare.view import (
    choose_focus,
    show_agreement,
    show_all_pictures,
    show_comparison,
    show_curves,
    show_table,
)
from cnnviz.web.picture_chooser import choose_pictures
from cnnviz.web.runnable import load_networks

st.title("Compare on your image", anchor=False)
st.markdown(
    "One picture, several networks side by side: what each sees, what it says, where it looked, "
    "what it costs, and how hard you must make the picture before it is wrong."
)
picturing, choosing = st.columns(2, gap="medium")
with choosing:
    names = choose_networks()
with picturing:
    pictures = choose_pictures()
models = load_networks(names)
if not models:
    st.info("Choose networks; their answers appear here.")
if not pictures:
    st.info("Choose a picture; what the networks make of it appears here.")
if models and pictures:
    with choosing:
        picture = choose_focus(pictures)
    strengths = choose_strengths()
    answers, agreement = show_comparison(models, picture, strengths)
    show_agreement(models, agreement)
    if len(pictures) > 1:
        st.header("All pictures", anchor=False)
        show_all_pictures(models, pictures, strengths)
    st.header("Where each network breaks", anchor=False)
    show_curves(models, picture)
    st.header("All numbers", anchor=False)
    show_table(models, answers, agreement)
show_lesson()
show_sources()

"""Fooling images: pictures of nothing that a network is sure about."""

import streamlit as st

from cnnviz.web.components.choices.choices import tell_choices
from cnnviz.web.fooling.controls import read_wish
from cnnviz.web.fooling.lesson import show_lesson, show_sources
from cnnviz.web.fooling.view import show_wish

st.title("Fooling images", anchor=False)
st.markdown(
    "Pictures that evolve from nothing, kept and mutated for one reason only: what the network "
    "says of them. It ends up at least 99 % sure of things that nobody else sees there."
)
show_wish(read_wish())
show_lesson()
show_sources()
tell_choices()

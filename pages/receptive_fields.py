"""Receptive fields: what one cell sees, layer by layer."""

import streamlit as st

from cnnviz.web.receptive_fields.architecture import show_architecture_fields
from cnnviz.web.receptive_fields.builder import show_builder
from cnnviz.web.receptive_fields.lesson import show_lesson, show_sources
from cnnviz.web.receptive_fields.network import show_network_fields

st.title("Receptive fields", anchor=False)
st.markdown(
    "One cell of a layer looks at a few cells of the layer below, those look at more below them, "
    "and so the patch of input pixels behind a single number grows with every layer."
)
st.fragment(show_builder)()
st.header("The fields of a network", anchor=False)
st.markdown(
    "The theoretical field says which pixels can move a cell. The gradient says which ones do: "
    "here that of one cell, for random weights and for trained ones."
)
st.fragment(show_network_fields)()
st.header("The fields of any architecture", anchor=False)
st.fragment(show_architecture_fields)()
show_lesson()
show_sources()

"""Convolution and pooling, step by step."""

import streamlit as st

from cnnviz.web.convolution.lesson import show_lesson, show_sources
from cnnviz.web.convolution.view import show_page

st.title("Convolution and pooling", anchor=False)
st.markdown(
    "A kernel slides over numbers, multiplies, sums, and fills a map, cell by cell; then ReLU "
    "drops what is negative and pooling keeps one number of four."
)
st.fragment(show_page)()
show_lesson()
show_sources()

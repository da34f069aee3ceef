"""Home: what there is to see."""

import streamlit as st

st.title("Look inside a convolutional network while it runs")

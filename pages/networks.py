"""Every network that can run here: its facts, where its weights are, and how to add more."""

import streamlit as st

from cnnviz.web.networks.lesson import show_lesson, show_own, show_sources
from cnnviz.web.networks.training import show_training
from cnnviz.web.networks.view import read_cards, show_chosen, show_places, show_table

st.title("Networks", anchor=False)
st.markdown(
    "Every network that the pages can open: what it is, how good it is, and whether its weights "
    "are on this machine or one click away."
)
cards = read_cards()
show_chosen(cards)

st.header("All networks", anchor=False)
show_table(cards)

st.header("How they learned", anchor=False)
st.markdown(
    "After each pass over its training pictures a network was measured on pictures that it had "
    "never seen. Its model card keeps both errors."
)
show_training(cards)

st.header("Where weights come from", anchor=False)
show_places()

st.header("Your own network", anchor=False)
show_own()

show_lesson()
show_sources()

"""Home: a network at work, and what there is to see."""

import streamlit as st

from cnnviz.web.components.preload.preload import preload_scripts
from cnnviz.web.components.strip.strip import show_strip
from cnnviz.web.home.cards import show_address, show_card, show_networks
from cnnviz.web.home.view import compute_flow
from cnnviz.web.sitemap import GROUPS

st.title("Look inside a network while it runs", anchor=False)
st.markdown(
    "Here LeNet-5 reads a drawing, stroke by stroke. Orange cells are positive, blue ones "
    "negative, and a ReLU after C1, C3 and F6 lets only the orange through. Nothing is recorded: "
    "every number on these pages is computed while you look.",
    width=860,
)
st.space("xsmall")
flow_place = st.container()
sample = st.segmented_control(
    "Another digit", range(10), default=7, required=True, key="sample", bind="query-params"
)
flow = compute_flow(sample)
with flow_place:
    show_strip(flow, key="flow")
    st.caption(f"{flow.label} Each layer has its own colour scale.")

st.space("small")
st.header("What there is to see", anchor=False)
cards = [(group, entry) for group, entries in GROUPS.items() for entry in entries]
for start in range(0, len(cards), 2):
    for column, (group, entry) in zip(
        st.columns(2, gap="medium"), cards[start : start + 2], strict=False
    ):
        with column:
            show_card(entry, group=group, sample=sample)

st.space("small")
st.header("Networks in memory", anchor=False)
show_networks()

st.space("small")
st.header("In class", anchor=False)
show_address()
preload_scripts()

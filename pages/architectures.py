"""How architectures grew: a timeline, the block of each, and what its alternatives cost."""

import streamlit as st

from cnnviz.web.architectures.findings import show_findings
from cnnviz.web.architectures.lesson import show_lesson, show_sources
from cnnviz.web.architectures.rules import show_rules, show_winners
from cnnviz.web.architectures.view import show_block, show_pair, show_years

st.title("How architectures grew", anchor=False)
st.markdown(
    "Twenty-four networks from 1998 to today, each by the one block that it is known for: choose "
    "it on the timeline, see its graph with all its numbers, and compare it with what it replaced."
)
block = show_years()
show_block(block)
show_pair(block)
show_rules()
show_winners()
show_findings()
show_lesson()
show_sources()

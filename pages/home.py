"""Home: a network at work, the address for the class, and what there is to see."""

from dataclasses import dataclass

import streamlit as st

from cnnviz.errors import CNNVizError
from cnnviz.showcase.flow import compute_flow
from cnnviz.web.bench import Uses
from cnnviz.web.components.preload.preload import preload_scripts
from cnnviz.web.components.strip.strip import show_strip
from cnnviz.web.controls.kinds import choice
from cnnviz.web.page import begin_page, end_page, stage
from cnnviz.web.pages.home.cards import show_address, show_card
from cnnviz.web.sitemap import list_pages


@dataclass(frozen=True)
class HomeControls:
    """The digit that LeNet-5 reads."""

    sample: str = choice([str(digit) for digit in range(10)], "Digit", default="7")


page = begin_page("home", HomeControls, uses=Uses(image=False, network=False))
digit = int(page.values.sample)
with stage():
    figure, beside = st.columns([4, 1], gap="medium")
    with figure:
        try:
            flow = compute_flow(digit)
            show_strip(flow, key="home.flow")
            page.draw("sample", label_visibility="collapsed")
            st.caption(f"{flow.label} Each layer has its own color scale.")
        except CNNVizError as error:  # the way to all other pages stays open
            st.error(str(error))
    with beside:
        show_address()
with st.container(key="cards"):
    for entry in list_pages()[1:]:
        show_card(entry, digit=digit)
end_page(page)
preload_scripts()

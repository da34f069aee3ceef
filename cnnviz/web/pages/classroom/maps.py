"""The averaged activation maps of the drawings that the filters choose."""

import streamlit as st

from cnnviz.classroom.average import average_maps
from cnnviz.classroom.data_set import choose_drawings
from cnnviz.classroom.store import Wall
from cnnviz.figures.classroom import draw_averages
from cnnviz.networks.load import load_model
from cnnviz.web.components.strip.strip import show_strip
from cnnviz.web.pages.classroom.controls import Page, read_digit


def show_maps(page: Page, wall: Wall) -> None:
    """Draw the averages of the drawings, or say that there are none."""
    values, asked = page.values, read_digit(page.values.asked)
    guess = read_digit(values.guess)
    chosen = choose_drawings(wall.drawings, asked=asked, guess=guess, mistakes=values.mistakes)
    if not chosen:
        st.info(page.text("none"))
        return
    model = load_model("lenet5")
    strip = draw_averages(average_maps(model, chosen), model, digit=asked)
    show_strip(strip, key="classroom.maps")
    st.caption(f"{strip.label} {page.text('averages')}")

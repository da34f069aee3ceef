"""The loss around the trained weights of the residual and the plain network."""

import math

import streamlit as st

from cnnviz.figures.format import format_count
from cnnviz.figures.landscapes import draw_contours, draw_surface, find_limits, write_landscapes
from cnnviz.labs.landscapes import Landscape, read_landscape
from cnnviz.networks.load import load_model
from cnnviz.networks.zoo import get_network
from cnnviz.web.charts import show_chart
from cnnviz.web.pages.gradient_flow.controls import Page, title_networks


def show_landscape(page: Page) -> None:
    """Draw the chosen network's surface, and the contours of both beside it."""
    titles = title_networks()
    read = {name: read_landscape(load_model(name)) for name in titles}
    known = {name: one for name, one in read.items() if one is not None}
    surface = known.get(page.values.surface)
    page.draw("surface", label_visibility="collapsed")
    if surface is None:
        st.info(page.text("no_landscape"))
        return
    limits = find_limits(tuple(known.values()))
    chance = math.log(len(get_network(page.values.surface).classes))
    named = {titles[name]: one for name, one in known.items()}
    told = write_landscapes(named, chance=chance)
    figure, beside = st.columns([3, 2], gap="medium")
    with figure:
        show_chart(draw_surface(surface, limits=limits), key="gradient_flow.landscape", alt=told)
    with beside:
        for title, one in named.items():
            _show_contours(title, one, limits=limits)
    count = format_count(min(one.images for one in known.values()))
    st.caption(f"{told} {page.text('landscape', count=count)}")


def _show_contours(title: str, landscape: Landscape, *, limits: tuple[float, float]) -> None:
    st.markdown(f"**{title}**")
    alt = f"Contours of the loss of {title} along two random directions."
    chart = draw_contours(landscape, limits=limits)
    show_chart(chart, key=f"gradient_flow.contours.{title}", alt=alt)

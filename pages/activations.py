"""Activations and filters: any layer of any network, on an image of the visitor's own."""

import streamlit as st

from cnnviz.web.bench import Uses
from cnnviz.web.controls.guess import show_guess
from cnnviz.web.page import begin_page, end_page, stage
from cnnviz.web.pages.activations.controls import ActivationsControls, read_maps
from cnnviz.web.pages.activations.kernels_view import offer_downloads, show_costs, show_kernels
from cnnviz.web.pages.activations.maps_view import (
    choose_maps,
    list_answers,
    list_words,
    show_layers,
    show_links,
    show_map,
    show_maps,
    show_statistics,
    show_unit,
)

page = begin_page("activations", ActivationsControls, uses=Uses())
layers = page.at.bench.model.graph.layers
layer, reading = page.at.bench.model.graph.find(page.values.layer), read_maps(page.at)
if reading is not None:
    with stage():
        sheet, beside = st.columns([6, 5], gap="medium")
        with sheet:
            choose_maps(page, layer)
            show_maps(page, layer, reading)
            show_layers(page)
        with beside:
            show_guess(page.at.bench)
            (show_map if layer.is_spatial else show_unit)(page, layer, reading)
            show_links(page)
    show_statistics(page, layer, reading)
    show_kernels(page, layer)
    show_costs(page, layer)
    offer_downloads(page, layer, reading)
end_page(
    page,
    words=list_words(page, layer),
    answers=list_answers(page, layer),
    program={"LAYER": layer.name},
    on_step=lambda by: page.step("layer", [one.name for one in layers], by),
)

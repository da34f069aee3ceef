"""Activations and filters: any layer of any network, on an image of the visitor's own."""

import streamlit as st

from cnnviz.web.bench import Uses
from cnnviz.web.controls.guess import show_guess
from cnnviz.web.page import begin_page, end_page, stage
from cnnviz.web.pages.activations.controls import ActivationsControls
from cnnviz.web.pages.activations.downloads import offer_downloads
from cnnviz.web.pages.activations.kernels_view import show_kernels
from cnnviz.web.pages.activations.map_view import show_map, show_unit
from cnnviz.web.pages.activations.maps_view import choose_maps, show_maps, show_statistics
from cnnviz.web.pages.activations.text import find_answers, write_words
from cnnviz.web.pages.activations.view import show_costs, show_layers, show_links, step_layer

page = begin_page("activations", ActivationsControls, uses=Uses())
bench = page.at.bench
layer = bench.model.graph.find(page.values.layer)
if bench.image is not None:
    with stage():
        sheet, beside = st.columns([6, 5], gap="medium")
        with sheet:
            choose_maps(page, layer)
            show_maps(page, layer)
            show_layers(page)
        with beside:
            show_guess(bench)
            if layer.is_spatial:
                show_map(page, layer)
            else:
                show_unit(page, layer)
            show_links(page)
    show_statistics(page, layer)
    show_kernels(page, layer)
    show_costs(bench.model, layer)
    offer_downloads(page, layer)
end_page(
    page,
    words=write_words(page, layer),
    answers=find_answers(page, layer),
    program={"LAYER": layer.name},
    on_step=lambda by: step_layer(page, by),
)

"""The network's drawing, links to other pages, and what a layer costs."""

import streamlit as st

from cnnviz.cached import get_facts
from cnnviz.figures import formulas
from cnnviz.graph import Layer
from cnnviz.inference import LoadedModel
from cnnviz.web.components.graph.graph import show_network_picture
from cnnviz.web.page import link_to
from cnnviz.web.pages.activations.controls import ActivationsControls
from cnnviz.web.state import PageState

_GRAPH = "network_picture"


def show_layers(page: PageState[ActivationsControls]) -> None:
    """Draw the network; a click on a block chooses its layer."""

    def take_layer(picked: object) -> None:
        if any(layer.name == picked for layer in page.at.bench.model.graph.layers):
            page.keep(layer=picked)

    page.marks[_GRAPH] = page.values.layer
    show_network_picture(page.at.bench.model, on_pick=take_layer, key=_GRAPH)


def show_links(page: PageState[ActivationsControls]) -> None:
    """Offer the other pages on what is shown here."""
    values, bench = page.values, page.at.bench.write_address()
    inside = {"layer": values.layer, "channel": str(values.channel)}
    with st.container(horizontal=True, gap="small"):
        link_to("attribution", "Attribution", icon=":material/open_in_new:", **bench)
        link_to("occlusion", "Occlusion", icon=":material/open_in_new:", **bench)
        link_to(
            "receptive_fields", "Receptive field", icon=":material/open_in_new:", **bench | inside
        )
        if values.layer != "input":
            channel = bench | inside | {"objective": "channel", "view": "Optimization"}
            link_to("excites", "Feature visualization", icon=":material/open_in_new:", **channel)


def step_layer(page: PageState[ActivationsControls], by: int) -> None:
    """Go to the next layer of the network, or to the one before."""
    page.step("layer", [layer.name for layer in page.at.bench.model.graph.layers], by)


def show_costs(model: LoadedModel, layer: Layer) -> None:
    """Work out a layer's size, parameters and multiply-adds with its own numbers."""
    facts = get_facts(model.spec.name)[layer.name]
    lines = formulas.write_cost_formulas(facts)
    if facts.terms is not None:
        lines = (*formulas.write_size_formulas(facts.terms), *lines)
    if not lines:
        return
    st.subheader(f"{formulas.name_layer(layer)} in numbers", anchor=False)
    for line in lines:
        st.latex(line)
    if facts.terms is not None and any(term.unread for term in facts.terms):
        unread = max(term.unread for term in facts.terms)
        st.caption(
            f"The stride does not fit exactly: the division is rounded down and the last {unread} "
            "cells of a row are never read."
        )

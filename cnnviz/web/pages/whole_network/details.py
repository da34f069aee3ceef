"""What the chosen part of the network is: beside its diagram."""

import streamlit as st

from cnnviz.cached import get_facts, get_whole
from cnnviz.figures.part_text import list_part_facts, list_small_formulas, write_inside
from cnnviz.networks.graph.stages import Part, PartKind, find_part, fold_network
from cnnviz.networks.load import LoadedModel
from cnnviz.web.page import link_to
from cnnviz.web.pages.whole_network.controls import Page


def show_details(page: Page) -> None:
    """Say what the chosen part is: shapes, formulas, costs, and where to look further."""
    model: LoadedModel = page.at.bench.model
    part = find_part(fold_network(model.graph), page.values.part)
    if part is None:
        return
    facts = get_facts(page.at.bench.network)
    st.subheader(part.title, anchor=False)
    st.markdown(" · ".join(list_part_facts(model.graph, part, facts)))
    if part.kind is PartKind.LAYER:
        for formula in list_small_formulas(facts[part.head]):
            st.latex(formula, width="content")
    else:
        st.caption(write_inside(part, facts))
    _show_links(page, part)


def _show_links(page: Page, part: Part) -> None:
    bench = page.at.bench
    layer = bench.model.graph.find(part.shown)
    if bench.image is None or len(layer.shape) not in (1, 3):
        return
    channel = page.values.channel
    if channel is None:
        maps = get_whole(bench.network, bench.image).maps.get(part.shown)
        channel = 0 if maps is None or not layer.is_spatial else maps.channels[0]
    label = f"Activations: {'map' if layer.is_spatial else 'unit'} {channel}"
    there = bench.write_address() | {"layer": part.shown, "channel": str(channel)}
    link_to("activations", label, icon=":material/layers:", **there)
    link_to("costs", "Costs of this network", icon=":material/table:", architecture=bench.network)

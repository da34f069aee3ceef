"""The whole network at once: every part with its strongest maps, from pixels to the answer."""

import streamlit as st

from cnnviz.cached import MAPS_A_PART
from cnnviz.networks.graph.layers import LayerKind
from cnnviz.networks.graph.stages import count_part, fold_network
from cnnviz.web.bench import Uses
from cnnviz.web.page import begin_page, end_page, stage
from cnnviz.web.pages.whole_network.controls import Controls
from cnnviz.web.pages.whole_network.details import show_details
from cnnviz.web.pages.whole_network.view import follow_entered, show_whole, take_step

page = begin_page("whole_network", Controls, uses=Uses(pad=True))
follow_entered(page)
with stage():
    diagram, beside = st.columns([7, 3], gap="medium")
    with diagram:
        drawing = show_whole(page)
    with beside:
        show_details(page)

graph = page.at.bench.model.graph
learned = [
    layer for layer in graph.layers if layer.kind in (LayerKind.CONVOLUTION, LayerKind.LINEAR)
]
sides = [max(layer.shape[1:]) for layer in graph.layers if layer.is_spatial]
parts = [part for part in fold_network(graph) if part.shown != "input"]
heaviest = max(parts, key=lambda part: count_part(graph, part).multiply_adds)
end_page(
    page,
    words={"network": page.at.bench.model.spec.title, "heaviest": heaviest.title},
    answers={"learned": len(learned), "pixels": sides[0]},
    program={"OPENED": list(page.values.opened), "MAX_MAPS": MAPS_A_PART},
    on_step=lambda step: take_step(page, drawing, step),
)

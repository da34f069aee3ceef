"""Attribution: maps of where a network finds evidence for a class, and whether to believe them."""

import streamlit as st

from cnnviz.attribution.cam_layers import list_offered_layers
from cnnviz.figures.attribution_checks import describe_pointing
from cnnviz.web.bench import Uses
from cnnviz.web.controls.guess import show_guess
from cnnviz.web.page import begin_page, end_page, link_to, stage
from cnnviz.web.pages.attribution.controls import (
    AttributionControls,
    Section,
    find_layer,
    find_tunnel,
)
from cnnviz.web.pages.attribution.figure_view import list_answers, list_words, show_figure
from cnnviz.web.pages.attribution.paper_view import show_paper_figure
from cnnviz.web.pages.attribution.sections import (
    show_agreement,
    show_faithfulness,
    show_mistakes,
    show_sanity,
    show_steps,
)

USES = Uses(target=True, sample="coffee-and-rocket")
SECTIONS = {
    Section.STEPS: show_steps,
    Section.MISTAKES: show_mistakes,
    Section.SANITY: show_sanity,
    Section.FAITHFULNESS: show_faithfulness,
    Section.AGREEMENT: show_agreement,
    Section.PAPER: show_paper_figure,
}

page = begin_page("attribution", AttributionControls, uses=USES)
bench = page.at.bench
layers = list_offered_layers(bench.model)
if bench.image is not None:
    with stage():
        figure, beside = st.columns([3, 1], gap="medium")
        with figure:
            with st.container(key="attribution.maps"):
                show_figure(page)
            page.draw("section")
            SECTIONS[page.values.section](page)
        with beside:
            show_guess(bench)
            page.draw("second", "methods")
            if len(layers) > 1:
                page.draw("layer")
            page.draw("evidence")
            page.draw("opacity", disabled=page.values.raw)
            page.draw("raw")
            link_to("occlusion", "Occlusion", icon=":material/arrow_outward:")
            link_to("activations", "Activation maps", icon=":material/arrow_outward:")
end_page(
    page,
    words=list_words(page),
    answers=list_answers(page),
    limits=describe_pointing(bench.model),
    program={
        "METHOD": page.values.method,
        "LAYER": find_layer(page),
        "TUNNEL": find_tunnel(page),
    },
    on_step=lambda by: page.step("layer", layers, by),
)

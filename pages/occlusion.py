"""Occlusion: cover a part of the image and ask the network again."""

import streamlit as st

from cnnviz.web.bench import Uses
from cnnviz.web.controls.guess import show_guess
from cnnviz.web.page import begin_page, end_page, link_to, stage
from cnnviz.web.pages.occlusion.controls import OcclusionControls
from cnnviz.web.pages.occlusion.view import (
    offer_maps,
    show_maps,
    show_savings,
    show_whole_figure,
    step_square,
    write_words,
)

page = begin_page(
    "occlusion", OcclusionControls, uses=Uses(target=True, sample="coffee-and-rocket")
)
bench = page.at.bench
found = None
if bench.image is not None:
    with stage():
        figure, beside = st.columns([4, 1], gap="medium")
        with beside:
            show_guess(bench)
            page.draw("size", "stride", "fill")
            link_to("attribution", "Attribution maps", icon=":material/arrow_outward:")
            link_to("activations", "Activation maps", icon=":material/arrow_outward:")
        with figure:
            found = show_maps(page)
    if found is not None:
        offer_maps(page, found)
        show_whole_figure(page, found)
        show_savings(page, found)
end_page(
    page,
    words=write_words(page, found),
    answers={} if found is None else {"positions": float(found.done.numel())},
    program={
        "PATCH": page.values.size,
        "STRIDE": page.values.stride,
        "FILL": page.values.fill,
    },
    on_step=lambda by: step_square(page, found, by),
)

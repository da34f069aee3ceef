"""Compare on your image: several networks on one image, and how much corruption each stands."""

import streamlit as st

from cnnviz.comparison import harden, shrink
from cnnviz.web.bench import Uses
from cnnviz.web.controls.corruption import read_strengths
from cnnviz.web.controls.sets import load_networks
from cnnviz.web.page import begin_page, end_page, stage
from cnnviz.web.pages.compare.controls import FIELDS, CompareControls
from cnnviz.web.pages.compare.view import (
    show_agreement,
    show_comparison,
    show_controls,
    show_curves,
    show_images,
    show_numbers,
)

page = begin_page("compare", CompareControls, uses=Uses(network=False, sample="cat"))
bench = page.at.bench
strengths = read_strengths(page.values, FIELDS)
answers: dict[str, float] = {}
if bench.image is not None:
    models = load_networks(page.values.networks)
    clean = shrink(bench.image)
    hard = harden(clean, strengths)
    with stage():
        beside, cards = st.columns([1, 3], gap="medium")
        with beside:
            show_controls(page, hard)
        if models:
            with cards:
                found, agreement = show_comparison(page, models, clean, hard)
        else:
            cards.info("Choose a network in “Networks”.")
    if models:
        answers = {"agree": float(len(agreement.groups[0][1]))}
        show_agreement(page, models, found, agreement)
        show_curves(page, models, clean)
        show_images(page, models)
        show_numbers(page, models, found, agreement)
end_page(
    page,
    answers=answers,
    words={"networks": len(page.values.networks)},
    program={
        "NETWORKS": page.values.networks,
        "STRENGTHS": [(str(one), float(value)) for one, value in strengths.items()],
        "CORRUPTION": page.values.follow,
    },
)

"""The whole first figure of the Grad-CAM paper, as one image to take away."""

from functools import partial

import streamlit as st

from cnnviz.attribution.paper_figure import PaperFigure, make_paper_figure
from cnnviz.errors import CNNVizError
from cnnviz.figures.format import format_share
from cnnviz.figures.paper_figure import draw_paper_figure
from cnnviz.images.image import to_png
from cnnviz.networks.load import load_model
from cnnviz.web.chrome import show_error
from cnnviz.web.files import offer_file
from cnnviz.web.jobs import show_heavy
from cnnviz.web.made_images import show_inline
from cnnviz.web.pages.attribution import controls
from cnnviz.web.pages.attribution.controls import Page

_SECONDS = 300.0


def show_paper_figure(page: Page) -> None:
    """Show both classes by guided backprop, Grad-CAM, both, occlusion, and another network."""
    bench, image = page.at.bench, page.at.bench.image
    st.caption(page.text("paper"))
    page.draw("other", width=280)
    try:
        other = load_model(page.values.other)
    except CNNVizError as error:
        show_error(error)
        return
    targets, layer = controls.find_targets(page), controls.find_layer(page)
    said = bench.prediction
    names = [f"{bench.name_class(target)}, {format_share(said, target)}" for target in targets]

    def draw(figure: PaperFigure) -> None:
        pixels = draw_paper_figure(figure, names=names, other=other.spec.title)
        show_inline(pixels, words=page.text("paper_figure", names=" and ".join(names)))
        if figure.occlusion is not None and bool(figure.occlusion.done.all()):
            offer_file("Figure as PNG", lambda: to_png(pixels), f"{bench.network}-grad-cam.png")

    show_heavy(
        "Figure of the paper",
        *(bench.network, image.digest, targets, layer, other.key),
        run=partial(make_paper_figure, bench.model, other, image, targets=targets, layer=layer),
        draw=draw,
        slot="attribution.paper",
        seconds=_SECONDS,
    )

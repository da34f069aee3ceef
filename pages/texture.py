"""Shape against texture: which of the two a network goes by."""

import streamlit as st

from cnnviz.errors import CNNVizError
from cnnviz.web.bench import Uses
from cnnviz.web.chrome import show_error
from cnnviz.web.controls.image import find_image
from cnnviz.web.controls.sets import load_networks
from cnnviz.web.page import begin_page, end_page, stage
from cnnviz.web.pages.texture.bias import explain_bias, show_bias
from cnnviz.web.pages.texture.conflict import explain_conflict, show_conflict
from cnnviz.web.pages.texture.controls import FIRST_SHAPE, TextureControls, View, find_making
from cnnviz.web.pages.texture.distort import offer_distorted, show_curves, show_distorted
from cnnviz.web.pages.texture.sets import tell_set
from cnnviz.web.pages.texture.view import describe_program, show_controls, show_links

page = begin_page("texture", TextureControls, uses=Uses(network=False, sample=FIRST_SHAPE))
shape, texture = page.at.bench.image, find_image(page.values.texture)
models = load_networks(page.values.networks)
making = conflict = run = None
with stage():
    figure, beside = st.columns([4, 1], gap="medium")
    with beside:
        show_controls(page)
    with figure:
        page.draw("show", label_visibility="collapsed")
        if page.values.show is not View.DISTORT:
            making = find_making(page.values, models)
        try:
            if not models:
                st.info("Choose a network in “Networks”.")
            elif page.values.show is View.DISTORT and shape is not None:
                show_distorted(page, models, shape)
            elif page.values.show is View.BIAS and making is not None:
                run = show_bias(page, models, making)
            elif shape is not None and texture is not None and making is not None:
                conflict = show_conflict(models, (shape, texture), making)
        except CNNVizError as error:
            show_error(error)
show_links(page)
if conflict is not None and making is not None:
    explain_conflict(models, making, conflict)
if run is not None and making is not None:
    explain_bias(page, models, making, run)
if models and page.values.show is View.BIAS:
    tell_set(models)
if models and shape is not None and page.values.show is View.DISTORT:
    offer_distorted(page, shape)
    show_curves(page, models)
end_page(page, program=describe_program(page))

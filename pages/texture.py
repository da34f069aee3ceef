"""Shape against texture: which of the two a network goes by."""

import streamlit as st

from cnnviz.web.bench import Uses
from cnnviz.web.chrome import showing_errors
from cnnviz.web.controls.sets import load_networks
from cnnviz.web.page import begin_page, end_page, stage
from cnnviz.web.pages.texture.bias import show_bias
from cnnviz.web.pages.texture.controls import FIRST_SHAPE, TextureControls, View
from cnnviz.web.pages.texture.image_views import show_conflict, show_distorted
from cnnviz.web.pages.texture.view import describe_program, show_controls, show_links

VIEWS = {View.CONFLICT: show_conflict, View.BIAS: show_bias, View.DISTORT: show_distorted}

page = begin_page("texture", TextureControls, uses=Uses(network=False, sample=FIRST_SHAPE))
models = load_networks(page.values.networks)
show_below = None
with stage():
    figure, beside = st.columns([7, 2], gap="medium")
    with beside:
        show_controls(page)
    with figure:
        page.draw("show", label_visibility="collapsed")
        if not models:
            st.info("Choose a network in “Networks”.")
        else:
            with showing_errors():
                show_below = VIEWS[page.values.show](page, models)
show_links(page)
if show_below is not None:
    show_below()
end_page(page, program=describe_program(page))

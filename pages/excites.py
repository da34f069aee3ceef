"""What excites it: pictures made by optimisation, and places in pictures that excite a channel."""

import streamlit as st

from cnnviz.web.components.choices.choices import tell_choices
from cnnviz.web.excites.controls import (
    View,
    choose_amount,
    choose_settings,
    choose_target,
    choose_view,
    show_targets,
)
from cnnviz.web.excites.grids import show_across, show_depths
from cnnviz.web.excites.lesson import show_lesson, show_sources
from cnnviz.web.excites.photos import show_dream, show_pictures
from cnnviz.web.excites.view import show_growth
from cnnviz.web.layer_chooser import choose_network
from cnnviz.web.runnable import PHOTOGRAPH_NETWORKS

st.title("What excites it", anchor=False)
st.markdown(
    "Ask a network for the picture that it would most like to see: for a class, a channel or one "
    "neuron, it grows here from noise, step by step along the gradient."
)
view = choose_view()
if view is View.GROW:
    network, aim = st.columns(2, gap="large")
    with network:
        model = choose_network(prefer=PHOTOGRAPH_NETWORKS)
    with aim:
        chosen = choose_target(model)
    show_targets(model, chosen)
    picture, controls = st.columns([7, 4], gap="large")
    with controls:
        settings = choose_settings()
        amount = choose_amount()
    with picture:
        if chosen is not None:
            show_growth(model, chosen, settings, amount)
else:
    model = choose_network(prefer=PHOTOGRAPH_NETWORKS)
    {
        View.DEPTH: show_depths,
        View.ACROSS: show_across,
        View.DREAM: show_dream,
        View.PICTURES: show_pictures,
    }[view](model)
show_lesson()
show_sources(model)
layer = st.session_state.get("layer")
tell_choices(
    gallery=st.session_state.get("sample"),
    network_picture=next((one.name for one in model.graph.layers if one.title == layer), None),
)

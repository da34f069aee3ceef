"""Activations and filters: any layer of any network, on a picture of the visitor's own."""

import streamlit as st

from cnnviz.web.activations.downloads import offer_downloads
from cnnviz.web.activations.map_view import show_kernels, show_map, show_unit
from cnnviz.web.activations.maps_view import reset_choices, show_maps
from cnnviz.web.activations.text import write_lesson, write_limits
from cnnviz.web.activations.view import show_costs, show_head, show_picture
from cnnviz.web.caches import get_reading
from cnnviz.web.components.choices.choices import tell_choices
from cnnviz.web.layer_chooser import choose_layer, choose_network, show_layers
from cnnviz.web.picture_chooser import choose_picture

st.title("Activations and filters", anchor=False)
st.markdown(
    "Put a picture into a network, open any layer, and see what each of its maps made of it: "
    "where it is excited (orange), where it is held back (blue), and by which kernel."
)

choosing, seeing = st.columns(2, gap="medium")
networks, layers = st.columns(2, gap="medium")
with networks:
    model = choose_network()
with choosing:
    picture = choose_picture(model)
with seeing:
    if picture is None:
        st.info("Choose a picture; what the network sees of it appears here.")
    else:
        show_picture(model, picture)
with layers:
    layer, layer_changed = choose_layer(model)
show_layers(model)

channel = None
if picture is not None:
    reading = get_reading(model.spec.name, picture, layer.name)
    if layer_changed:
        reset_choices(reading)
    show_head(model, layer)
    channel = show_maps(model, layer, reading)
    if layer.is_spatial:
        show_map(model, picture, layer, reading, channel=channel)
    else:
        show_unit(model, picture, layer, reading, channel=channel)
    show_kernels(model, layer, channel=channel)
    show_costs(model, layer)
    offer_downloads(model, layer, reading, channel=channel)

st.header("Try this", anchor=False)
st.markdown(write_lesson(model.spec.title, layer=layer))
st.header("Limits and sources", anchor=False)
st.markdown(
    f"{write_limits()}\n- {model.spec.title}: {model.spec.changes} Source: {model.spec.paper}."
)
tell_choices(
    gallery=st.session_state.get("sample"),
    network_picture=layer.name,
    maps=channel,
    units=channel,
    filters=channel,
)

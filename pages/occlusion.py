"""Occlusion: cover a part of the picture and ask again."""

from functools import partial

import streamlit as st

from cnnviz.web.activations.view import tell_preparation
from cnnviz.web.components.choices.choices import tell_choices
from cnnviz.web.job_panel import follow_job
from cnnviz.web.layer_chooser import choose_network
from cnnviz.web.occlusion.controls import JOB, choose_class, choose_options, take_result
from cnnviz.web.occlusion.view import (
    offer_files,
    show_lesson,
    show_maps,
    show_partial,
    show_square,
    show_work,
)
from cnnviz.web.picture_chooser import choose_picture
from cnnviz.web.runnable import PHOTOGRAPH_NETWORKS

st.title("What if it could not see this?", anchor=False)
st.markdown(
    "Cover a square of the picture, ask the network again, and do so everywhere: where the class "
    "loses its probability, the network was looking."
)
choosing, asking = st.columns(2, gap="medium")
with asking:
    model = choose_network(prefer=PHOTOGRAPH_NETWORKS)
with choosing:
    picture = choose_picture(model, first="coffee-and-rocket")
with asking:
    if picture is None:
        st.info("Choose a picture; what the network sees of it appears below.")
    options = choose_options(model)
    if picture is not None:
        target = choose_class(model, picture)
        st.caption(tell_preparation(model, picture))
if picture is not None:
    occlusion = take_result(model, picture, options)
    follow_job(JOB, show_partial=partial(show_partial, model, picture, target))
    job = st.session_state.get(JOB)
    if occlusion is not None and job is not None and not job.is_active:
        show_maps(model, picture, occlusion, target=target)
        st.header("One square", anchor=False)
        show_square(occlusion, target=target)
        offer_files(model, picture, occlusion, target=target)
        show_work(model, occlusion)
show_lesson()
tell_choices(gallery=st.session_state.get("sample"))

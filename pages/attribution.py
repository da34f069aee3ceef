"""What did it look at? Maps of where a network found a class, and whether to believe them."""

import streamlit as st

from cnnviz.web.activations.view import tell_preparation
from cnnviz.web.attribution.checks import show_faithfulness, show_sanity
from cnnviz.web.attribution.controls import choose_all, name_classes
from cnnviz.web.attribution.focus import (
    choose_focus,
    choose_mistake,
    list_focus,
    show_focus,
    show_mistakes,
)
from cnnviz.web.attribution.maps import Patience, get_guesses
from cnnviz.web.attribution.text import write_lesson, write_limits
from cnnviz.web.attribution.view import list_coming, list_keys, show_figure, tell_guesses
from cnnviz.web.components.choices.choices import tell_choices
from cnnviz.web.layer_chooser import choose_network
from cnnviz.web.picture_chooser import choose_picture
from cnnviz.web.runnable import PHOTOGRAPH_NETWORKS

st.title("What did it look at?", anchor=False)
st.markdown(
    "Ask a network where in a picture it finds one class and where another, by the methods that "
    "papers use, and then ask whether to believe the answer."
)

choosing, asking = st.columns(2, gap="medium")
figure_place, look_place = st.container(), st.container()
with asking:
    model = choose_network(prefer=PHOTOGRAPH_NETWORKS)
with choosing:
    picture = choose_picture(model, first="coffee-and-rocket")
with asking:
    if picture is None:
        st.info("Choose a picture; what the network says of it appears here.")
    else:
        guesses = get_guesses(model.spec.name, picture)
        st.markdown(tell_guesses(guesses, name_classes(model)))
        asked = choose_all(model, picture, guesses, below=look_place)

if picture is not None:
    look_place.caption(tell_preparation(model, picture))
    patience = Patience()
    st.header("One map, step by step", anchor=False)
    focus, beside = choose_focus(model, picture, asked)
    focus_place = st.container()
    st.header("When it goes wrong, say why", anchor=False)
    st.markdown(
        "Most maps that “do not work” come from a picture that was prepared wrongly. Nothing "
        "stops with an error: the network answers anyway. Make the mistake on purpose."
    )
    mistake, of_mistake = choose_mistake(model, picture, asked)
    with figure_place:
        with st.spinner("Computing the maps …", show_time=True):
            keys = [*list_keys(model, picture, asked), *list_focus(model, focus), *of_mistake]
            missing = patience.make(keys, picture, coming=list_coming())
            patience.make(beside, picture, coming=frozenset())
        show_figure(model, picture, guesses, asked, missing)
    with focus_place:
        show_focus(model, picture, guesses, focus, missing)
    show_mistakes(model, picture, asked, mistake, of_mistake)
    st.header("Sanity check: does the map know the network?", anchor=False)
    st.markdown(
        "A copy of the network loses what it has learned, from the logits down, one layer after "
        "the other, and each time the maps of the first row’s class are made anew."
    )
    show_sanity(model, picture, asked)
    st.header("Faithfulness: are these the pixels that count?", anchor=False)
    st.markdown(
        "The pixels that a map calls important are taken from the picture, and the class should "
        "fall; they are given back to an empty one, and it should rise. Of the first row’s class."
    )
    show_faithfulness(model, picture, asked)

st.header("Try this", anchor=False)
st.markdown(write_lesson(model.spec.title))
st.header("Limits and sources", anchor=False)
st.markdown(
    f"{write_limits(model)}\n- {model.spec.title}: {model.spec.changes} Source: {model.spec.paper}."
)
tell_choices(gallery=st.session_state.get("sample"))

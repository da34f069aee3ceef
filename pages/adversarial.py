"""Adversarial pictures: a change that nobody sees, and a network that is fooled by it."""

import streamlit as st

from cnnviz.web.adversarial.controls import read_attack
from cnnviz.web.adversarial.lesson import show_lesson, show_sources
from cnnviz.web.adversarial.trials import show_survival, show_transfer
from cnnviz.web.adversarial.view import compute_sweep, show_results, show_smallest
from cnnviz.web.components.choices.choices import tell_choices

st.title("Adversarial pictures", anchor=False)
st.markdown(
    "Change a picture so little that nobody sees it, in just the direction that the network's own "
    "gradient names, and the network is sure that it shows something else."
)
attack = read_attack()
if attack is None:
    st.info("Choose a picture; the attack on it appears here.")
    tell_choices(gallery=st.session_state.get("sample"))
else:
    pictures = compute_sweep(attack)
    if pictures:
        chosen = show_results(attack, pictures)
        show_smallest(attack)
        show_survival(attack, chosen)
        show_transfer(attack, chosen)
    else:
        tell_choices(gallery=st.session_state.get("sample"))
show_lesson()
show_sources()

"""Fooling a linear classifier: its own weights say how."""

import streamlit as st

from cnnviz.web.components.choices.choices import tell_choices
from cnnviz.web.linear.lesson import show_lesson, show_sources
from cnnviz.web.linear.training import show_training, train_here
from cnnviz.web.linear.view import show_linear_push, show_network_push

st.title("Fooling a linear classifier", anchor=False)
st.markdown(
    "Softmax regression, trained here while you wait: one template a class. Add a little of "
    "another class's template to a picture, and the classifier is fooled; a deep network falls for "
    "the same, because nearby it is linear too."
)
trained = train_here()
linear = None
if trained is not None:
    show_training(trained)
    linear = show_linear_push(*trained)
network = show_network_push()
tell_choices(linear_push=linear, network_push=network)
show_lesson()
show_sources()

"""The networks page's words: how to add a network, what to try, and what the figures are."""

import streamlit as st

from cnnviz.errors import NetworkError
from cnnviz.own import list_own_networks, list_own_problems
from cnnviz.web.chrome import show_error
from cnnviz.zoo import get_network

_EXAMPLE = """\
# shapes.py
from torch import nn
from cnnviz.own import network

@network(shape=(1, 28, 28), classes=("circle", "square", "star"), mean=0.5, std=0.5)
def shapes():
    return nn.Sequential(
        nn.Conv2d(1, 8, 5), nn.ReLU(), nn.MaxPool2d(4), nn.Flatten(), nn.Linear(288, 3)
    )
"""


def show_own() -> None:
    """Show how a network of one's own is added, and what went wrong with it."""
    for problem in list_own_problems():
        show_error(NetworkError(problem))
    names = list_own_networks()
    if names:
        titles = ", ".join(get_network(name).title for name in names)
        st.markdown(f"Registered by the person who started this app: {titles}.")
    st.markdown(
        "A Python file builds the network; one decorator says what goes in and what comes out. "
        "The weights are a `state_dict`, `shapes.pth` in the weights folder."
    )
    st.code(_EXAMPLE, language="python")
    st.code(
        "CNNVIZ_MODELS=shapes.py CNNVIZ_WEIGHTS_DIR=weights streamlit run app.py", language="bash"
    )


def show_lesson() -> None:
    """Three things to try, each ending in a question."""
    st.header("Try this", anchor=False)
    st.markdown(
        "1. Sort the table by parameters, then by multiply-adds. Which network has many of the one "
        "and few of the other, and which of its layers would explain it?\n"
        "2. Sort by year. AlexNet's accuracy was passed with a fiftieth of its parameters: by "
        "which network, and how many years later?\n"
        "3. Find two networks of nearly the same accuracy. What would you ask about them before "
        "you chose one for a telephone?"
    )


def show_sources() -> None:
    """What the figures are, and what they are not."""
    st.header("Limits and sources", anchor=False)
    st.markdown(
        "- torchvision's figures are its own, at its own input sizes and with its own recipes; "
        "they differ from the papers' and from other programs'. Of several published sets of "
        "weights the first is offered here, which is trained most nearly as its paper says.\n"
        "- A weight file is read as numbers only. One that holds a program is refused and nothing "
        "of it is run. The file of `CNNVIZ_MODELS` is a program, and is run: name only your own.\n"
        "- A network in the middle of its download, or whose file is broken, says so and leaves "
        "the others alone.\n"
        "- torchvision, models and pre-trained weights, https://pytorch.org/vision/stable/models; "
        "each network's paper is named with it."
    )

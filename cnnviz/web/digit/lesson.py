"""The digit page's tasks, and what its network is and is not."""

import streamlit as st

from cnnviz.figures.format import format_count, format_percent
from cnnviz.inference import LoadedModel


def show_lesson() -> None:
    """Three things to try, each ending in a question."""
    st.header("Try this", anchor=False)
    st.markdown(
        "1. Draw a 7 and then, slowly, a bar through its stem. Watch the probabilities: at which "
        "moment, if at all, does the first guess change, and which maps of C1 see the bar?\n"
        "2. Draw a 9, then open its loop a little more with each new drawing. Which digit takes "
        "over, and does the network ever say that it is not sure?\n"
        "3. Draw something that is no digit: a house, a letter, a scribble. How probable is the "
        "first guess, and what would the softmax have to be like to be able to say “none”?"
    )


def show_sources(model: LoadedModel) -> None:
    """What the network can and cannot do, and where it comes from."""
    st.header("Limits and sources", anchor=False)
    st.markdown(
        f"- {_tell_accuracy(model)}\n"
        "- The network knows ten answers and must give one of them: whatever you draw is some "
        "digit to it, and a high probability is no promise.\n"
        f"- {model.spec.changes}\n"
        "- Each layer’s colours span its own largest value, so compare within a layer, not between "
        "layers.\n"
        f"- {model.spec.paper}. The softmax: J. S. Bridle, Probabilistic interpretation of "
        "feedforward classification network outputs, 1990."
    )


def _tell_accuracy(model: LoadedModel) -> str:
    accuracy = model.card.facts.get("accuracy")
    if accuracy is None:
        return "The weights are from a file without a model card; how good they are is not known."
    mnist, others = accuracy["mnist_test"], accuracy["load_digits"]
    own, other = (format_percent(score["percent"] / 100, digits=2) for score in (mnist, others))
    return (
        f"The weights were trained for this app on MNIST and read {own} of its "
        f"{format_count(mnist['total'])} test digits; of {format_count(others['total'])} digits by "
        f"other writers with other pens (scikit-learn’s `load_digits`) they read {other}."
    )

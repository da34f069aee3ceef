"""Fooling images: the tasks, the limits and the sources."""

import streamlit as st


def show_lesson() -> None:
    """Three things to try, each ending in a question."""
    st.header("Try this", anchor=False)
    st.markdown(
        "1. Let LeNet-5's ten patterns evolve and cover their captions. Which digit is which, and "
        "what of a digit did each of them keep?\n"
        "2. Evolve pixels for the same class, then follow the gradient to it. All three pictures "
        "are surely the class to the network: which is the most regular, and what made it so?\n"
        "3. Take another seed for the same class. Is it a relative of the first pattern or quite "
        "another one, and what does that say about how much of the space of pictures a class "
        "covers?"
    )


def show_sources() -> None:
    """What was done otherwise than in the paper, and where the methods come from."""
    st.header("Limits and sources", anchor=False)
    st.markdown(
        "- A network that must name one of its classes has no “none of these”. Nothing in its "
        "training told it how photographs differ from what is no photograph.\n"
        "- Selection never uses a gradient or a weight; it asks the network what it says. Each "
        "picture is of 8 bits and is prepared as an opened file is, before the network is asked.\n"
        "- As in the paper, with many classes at once a child may become the champion of any "
        "class (MAP-Elites), and the pixels mutate by polynomial mutation of strength 15. Other "
        "than there, colours are red, green and blue, not hue, saturation and value; patterns grow "
        "a node more often; and a run ends after a minute and a half, where theirs took days.\n"
        "- One seed gives one course of evolution; where it ends by the clock, a slower machine "
        "gets less far.\n"
        "- A. Nguyen, J. Yosinski, J. Clune: Deep neural networks are easily fooled: high "
        "confidence predictions for unrecognizable images, CVPR 2015. K. O. Stanley: "
        "Compositional pattern producing networks, 2007. K. O. Stanley, R. Miikkulainen: Evolving "
        "neural networks through augmenting topologies, 2002. J.-B. Mouret, J. Clune: Illuminating "
        "search spaces by mapping elites, 2015. K. Deb: Multi-objective optimization using "
        "evolutionary algorithms, 2001."
    )

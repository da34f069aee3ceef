"""The comparison's tasks, limits and sources."""

import streamlit as st


def show_lesson() -> None:
    """Three things to try, each ending in a question."""
    st.header("Try this", anchor=False)
    st.markdown(
        "1. Let the curves follow the rotation. Most first guesses are gone long before a quarter "
        "turn, though you recognise the picture upside down: what did the training pictures have "
        "in common?\n"
        "2. Take all colour out, then all contrast. Which network was looking at colour, and how "
        "does its Grad-CAM move when the colour is gone?\n"
        "3. Add noise that you hardly see, then blur it away with the blur slider. Does a guess "
        "come back, and if so, what had the noise disturbed in the first layer?"
    )


def show_sources() -> None:
    """How it is computed, and what it does not say."""
    st.header("Limits and sources", anchor=False)
    st.markdown(
        "- Pictures are reduced to at most 512 pixels a side before anything is done to them, so "
        "that a strength means the same for all. The corruptions are done in the order of the "
        "list, the noise is the same for all networks, and a turned picture's corners have its "
        "mean colour. Then each network's own preprocessing follows: a network of 64 pixels "
        "averages noise away that one of 224 sees.\n"
        "- Classes: torchvision's networks know ImageNet's 1,000, our lineage 100 of them. The "
        "lineage's are matched to torchvision's by WordNet number and shown under the plainer "
        "word (“pig” for “hog”, “lighthouse” for “beacon”). Classes of other networks count as "
        "the same where they are written alike. A picture of something that a network has no "
        "class for gets a guess all the same.\n"
        "- The probability is the softmax of a network's own classes. Networks differ in how sure "
        "they are, not only in how often they are right: 90 % of one is not 90 % of another.\n"
        "- Grad-CAM is of the last layer with maps, for the first guess: orange spoke for it, blue "
        "against it. Multiply-adds count one multiply and one add as one; activation memory is "
        "float32, one picture.\n"
        "- A flip is named at the first of eleven strengths at which another class leads; between "
        "two of them it may have flipped earlier.\n"
        "- D. Hendrycks, T. Dietterich: Benchmarking neural network robustness to common "
        "corruptions and perturbations, ICLR 2019, is this page's experiment on all of ImageNet. "
        "R. R. Selvaraju and others: Grad-CAM, ICCV 2017."
    )

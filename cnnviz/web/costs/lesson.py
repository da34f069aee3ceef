"""The cost page's tasks, limits and sources."""

import streamlit as st


def show_lesson() -> None:
    """Three things to try, each ending in a question."""
    st.header("Try this", anchor=False)
    st.markdown(
        "1. Choose VGG-16 (D) and look at its bars from left to right. Which layer holds the most "
        "parameters, which the most memory, and why are they at opposite ends?\n"
        "2. Put ResNet-50 (paper) beside torchvision’s ResNet-50. The parameters are the same: in "
        "which three layers does torchvision’s work more, and why?\n"
        "3. Set VGG-16 (D)’s input to 448. Which of the three sums grew about fourfold, and which "
        "one layer made the parameters grow as well?"
    )


def show_sources() -> None:
    """What the numbers are, and what they leave out."""
    st.header("Limits and sources", anchor=False)
    st.markdown(
        "- Memory is of float32 activations of one image, a KB being 1,024 bytes; the total counts "
        "outputs of convolutions, poolings, linear layers and attention, sums and joined maps. "
        "Normalisation, activations and dropout are taken to write over what they read. Training "
        "keeps more.\n"
        "- Multiply-adds are of weights and of attention’s products, unless more is chosen: a bias "
        "is one addition for each output; pooling one operation for each value that it reads; "
        "batch normalisation one multiply-add for each value, layer normalisation four, local "
        "response normalisation its neighbours and two; an activation, a sum or a product one "
        "operation for each value.\n"
        "- Few operations are not always quick: time also depends on memory traffic and on how "
        "well an operation suits the machine.\n"
        "- No weight is loaded: the network is built and run on shapes alone. Totals of "
        "torchvision’s networks agree with its own metadata and with torch’s own counter.\n"
        "- Receptive fields are theoretical, and missing behind layers whose reach is not a "
        "rectangle of the picture, such as attention, and behind squeeze-and-excitation, where "
        "every cell sees the whole picture.\n"
        "- V. Dumoulin, F. Visin: A guide to convolution arithmetic for deep learning, 2016. "
        "A. Canziani, A. Paszke, E. Culurciello: An analysis of deep neural network models for "
        "practical applications, 2016."
    )

"""What to try with a sliding window, and what the page leaves out."""

import streamlit as st


def show_lesson() -> None:
    """Three things to try, each ending in a question."""
    st.header("Try this", anchor=False)
    st.markdown(
        "1. Open “a square’s edges” and step through the map. The kernel’s nine numbers sum to "
        "zero: what does it answer on the even ground, and what in the middle of the even square?\n"
        "2. Open “7×7 by strides of 3”. The formula gives 2⅓: which row and column does no window "
        "read, and which padding makes the stride fit?\n"
        "3. Open “edges of a photograph” and press “Sobel ↕”. Which edges are lost and which come "
        "out, and what does a bias of −200 leave of them after ReLU?"
    )


def show_sources() -> None:
    """The page's limits and where its kernels come from."""
    st.header("Limits and sources", anchor=False)
    st.markdown(
        "- One input channel and one kernel. A layer sums over all channels of its input, and has "
        "a kernel and a bias for each map that it makes; “Activations and filters” shows that.\n"
        "- The kernel isn’t turned round, as in PyTorch and every other library for networks. "
        "Signal processing calls this cross-correlation; where a kernel is learned it makes no "
        "difference.\n"
        "- Pictures are cut square, scaled to a few pixels and turned grey: 0 is black, 255 "
        "white. Padding is black, too, so a bright picture gets a frame of false edges.\n"
        "- The pooling here has no padding and rounds its size down; some networks round it up.\n"
        "- V. Dumoulin, F. Visin: A guide to convolution arithmetic for deep learning, 2016. "
        "I. Sobel, G. Feldman: A 3×3 isotropic gradient operator for image processing, 1968."
    )

"""The architecture page's tasks, limits and sources."""

import streamlit as st


def show_lesson() -> None:
    """Three things to try, each ending in a question."""
    st.header("Try this", anchor=False)
    st.markdown(
        "1. Open GoogLeNet’s module and click its boxes one after the other. Which single box does "
        "most of the work, and what would it cost if the 1×1 layer before it were not there?\n"
        "2. Compare “Standard or depthwise separable” and move C from 16 to 512. Which of the two "
        "layers of the pair does the work then, and why does the saving stop at a ninth?\n"
        "3. Look at the pre-activation block and at the bottleneck block beside it on the "
        "timeline. Their numbers are equal to the last digit: what is different on the way from "
        "one shortcut to the next?"
    )


def show_sources() -> None:
    """What the numbers are, and what they leave out."""
    st.header("Limits and sources", anchor=False)
    st.markdown(
        "- Each drawing is traced from the module that the network on “What a network costs” is "
        "built of. With other channels than the published ones the block keeps its proportions. "
        "Modules that only hand on their input are left out of it.\n"
        "- Multiply-adds are of weights: one multiply and one add count as one, biases, "
        "normalisation, activations, sums and pooling are not counted. Papers and tools differ.\n"
        "- A block is not a network: depth, training and data decided these years as well. The "
        "challenge’s winners of 2012 to 2017 were ensembles of several networks.\n"
        "- The human error is of one person who had studied 500 pictures; another reached 12 %.\n"
        "- Papers stand beside each block. O. Russakovsky and others: ImageNet large scale visual "
        "recognition challenge. IJCV 2015. J. Hu, L. Shen, G. Sun: Squeeze-and-excitation "
        "networks. CVPR 2018."
    )

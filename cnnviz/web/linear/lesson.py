"""The linear classifier's tasks, limits and sources."""

import streamlit as st

from cnnviz.linear.data import CLASSES_VARIABLE, MAX_CLASSES, MAX_IMAGES, PHOTO_SIDE


def show_lesson() -> None:
    """Three things to try, each ending in a question."""
    st.header("Try this", anchor=False)
    st.markdown(
        "1. Raise the weight decay. The templates grow smoother, and more of them looks like the "
        "digit: what happens to |w|², and how much of w does it take to fool it now?\n"
        "2. Train for a single step, then for a thousand. The straight line stays exact either "
        "way: which property of the classifier makes it so, and does training change that?\n"
        "3. On LeNet-5, move a from 0 to its end. The orange curve leaves the straight line: which "
        "layers of the network bend it, and why does a small a not notice?"
    )


def show_sources() -> None:
    """Where the data and the idea come from, and what they do not say."""
    st.header("Limits and sources", anchor=False)
    st.markdown(
        "- The digits are scikit-learn’s `load_digits`: 1,797 of 8×8 pixels, written by 43 people, "
        "from the Optical Recognition of Handwritten Digits data set of E. Alpaydin and C. Kaynak, "
        "1998. Every fifth is held out. Its writers are mixed, so the accuracy is that on known "
        "handwriting.\n"
        f"- Photographs are offered too where the server was started with `{CLASSES_VARIABLE}` "
        "naming a folder that holds one folder of pictures for each class; at most "
        f"{MAX_CLASSES} classes of {MAX_IMAGES} pictures are reduced to "
        f"{PHOTO_SIDE}×{PHOTO_SIDE} pixels.\n"
        "- x + a·w may leave black and white. The numbers beside the curve are of the values "
        "themselves; what a file makes of them is told below.\n"
        "- A. Karpathy: Breaking linear classifiers on ImageNet, 2015. I. Goodfellow, J. Shlens, "
        "C. Szegedy: Explaining and harnessing adversarial examples, ICLR 2015, section 3: the sum "
        "of many small products grows with the number of pixels."
    )

"""The tasks, limits and sources of “Shape against texture”."""

import streamlit as st


def show_lesson() -> None:
    """Three things to try, each ending in a question."""
    st.header("Try this", anchor=False)
    st.markdown(
        "1. Make the same cue conflict with the features of one network and then of another. Each "
        "is fooled best by its own: what does that say about whose texture was matched, and how "
        "would you compare the two fairly?\n"
        "2. In “Distortions”, shuffle the patches until you no longer know what it was. Does the "
        "network still know? Which part of its architecture would have to notice that the parts "
        "are in the wrong places?\n"
        "3. Set the silhouette to 100 %. A child names a black cat on white at once: what did the "
        "network's training pictures never force it to learn?"
    )


def show_sources() -> None:
    """What the numbers do not say, and where the methods come from."""
    st.header("Limits and sources", anchor=False)
    st.markdown(
        "- The paper has 1,280 conflicts of 16 plain classes, checked by eye, and maps a thousand "
        "classes onto them; here are a handful of photographs and a hundred (or a thousand) fine "
        "classes, so “neither” is common and the intervals are wide. The dashed figures, 95.9 % "
        "for people and 22.1 % for ResNet-50, are the paper's, from its figure 4, and not "
        "measured here; nobody here showed these pictures to people.\n"
        "- The lineage sees 64×64 pixels. Much of what is texture in a large photograph is gone at "
        "that size, and much of what is left of a shape is a few pixels wide.\n"
        "- All networks are shown the middle square of a picture at 240×240 pixels, and bring it "
        "to their own size; a conflict has the size of the network that made it.\n"
        "- Style transfer takes whatever a layer's Gram matrix holds for texture, colours and "
        "ground included. With w too small the old texture stays; with w too large the shape goes. "
        "In place of the paper's 1/(4 N²M²) every layer's distance is divided by its target's own "
        "size, so that w means much the same in every network.\n"
        "- Silhouettes are found from colours alone and edges by Canny's method; a busy ground or "
        "an object that fills the frame spoils both.\n"
        "- R. Geirhos and others: ImageNet-trained CNNs are biased towards texture, ICLR 2019. "
        "L. Gatys, A. Ecker, M. Bethge: Image style transfer using convolutional neural networks, "
        "CVPR 2016. W. Brendel, M. Bethge: Approximating CNNs with bag-of-local-features models "
        "works surprisingly well on ImageNet (BagNet), ICLR 2019. Y. Wei and others: Geodesic "
        "saliency using background priors, ECCV 2012. J. Canny: A computational approach to edge "
        "detection, 1986. E. Wilson: Probable inference, 1927, for the intervals."
    )

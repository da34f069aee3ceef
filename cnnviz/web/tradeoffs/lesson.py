"""The bubble charts' tasks, limits and sources."""

import streamlit as st


def show_lesson() -> None:
    """Three things to try, each ending in a question."""
    st.header("Try this", anchor=False)
    st.markdown(
        "1. Choose the families AlexNet, VGG and ResNet. VGG-16 has the largest bubble, and "
        "ResNet-50 is above it and to its left: in which layers did VGG keep parameters that "
        "bought it nothing?\n"
        "2. Switch the weights from the first recipe to the best of each. ResNet-50 climbs by more "
        "than four points and not one multiply-add is added: what was improved?\n"
        "3. Your phone gives a network 20 MB and half a billion multiply-adds. Set both limits: "
        "which families are left, and what idea do they share?"
    )


def show_sources() -> None:
    """Where the numbers come from, and what they do not say."""
    st.header("Limits and sources", anchor=False)
    st.markdown(
        "- Accuracies are the ones that torchvision reports for its weights, on ImageNet’s 50,000 "
        "validation images, one central crop each; each bubble names its weights. They depend on "
        "the training recipe as much as on the architecture.\n"
        "- Our own networks were trained alike on a hundred everyday classes and measured here on "
        "photographs that they had never seen. Their accuracies stand beside each other, not "
        "beside the ones on ImageNet’s thousand classes.\n"
        "- Parameters and multiply-adds agree with our own layer-by-layer tables to every digit "
        "that torchvision prints. Files hold float32 weights.\n"
        "- Activation memory is the float32 output of every layer for one image, from our tables. "
        "Time, and peak memory, the most that was held at once beyond weights and input, are "
        "measured here, on one image and one thread: another machine, a graphics card or a larger "
        "batch puts the networks in another order.\n"
        "- Accuracy density, top-1 per million parameters, is Bianco’s measure. It favours small "
        "networks: 1 % with ten parameters would beat everything.\n"
        "- A. Canziani, A. Paszke, E. Culurciello: An analysis of deep neural network models for "
        "practical applications, 2016. S. Bianco, R. Cadene, L. Celona, P. Napoletano: Benchmark "
        "analysis of representative deep neural network architectures, IEEE Access, 2018."
    )

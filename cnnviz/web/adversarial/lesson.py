"""The adversarial page's tasks, limits and sources."""

import streamlit as st


def show_lesson() -> None:
    """Three things to try, each ending in a question."""
    st.header("Try this", anchor=False)
    st.markdown(
        "1. Move the slider to the smallest strength that fools and look at the distortion. Then "
        "read in the curves what random noise of that size does: why does the network bear so much "
        "noise and so little of this?\n"
        "2. Take one step with a strength at which it does not yet fool, then twenty steps with "
        "the same: the change is no larger, so what do the other nineteen steps find?\n"
        "3. Draw a digit for LeNet-5 and ask for one that looks nothing like it. It takes many "
        "more levels than a photograph: what is there less of in a digit, that an attack uses?"
    )


def show_sources() -> None:
    """Where the methods come from, and what the numbers do not say."""
    st.header("Limits and sources", anchor=False)
    st.markdown(
        "- The attack knows the network's weights, and changes the picture that the network sees, "
        "at the size of its input. A picture that was not downloaded from here is scaled first, "
        "and the scaling is part of the attack's trouble.\n"
        "- “Fooled” means that the network left the name that it gave before, right or wrong: of "
        "a picture of yours nobody told it what it shows.\n"
        "- ε bounds the change of every value (L∞) or the root of the sum of all squares (L2), in "
        "levels of 1/255. The picture is rounded, saved as PNG, opened like an upload, and only "
        "then scored; with L∞ that holds every pixel within ε, and with L2 the change is shrunk "
        "until its rounded form is within.\n"
        "- The smallest ε is where a bisection ended. A longer attack, another start or another "
        "method may find a smaller one: it is a bound from above, never a proof of safety.\n"
        "- Without a target, L-BFGS goes for the second guess.\n"
        "- C. Szegedy and others: Intriguing properties of neural networks, ICLR 2014. "
        "I. Goodfellow, J. Shlens, C. Szegedy: Explaining and harnessing adversarial examples, "
        "ICLR 2015. A. Madry and others: Towards deep learning models resistant to adversarial "
        "attacks, ICLR 2018."
    )

"""What to try with receptive fields, and what the page does not show."""

import streamlit as st


def show_lesson() -> None:
    """Three things to try, each ending in a question."""
    st.header("Try this", anchor=False)
    st.markdown(
        "1. Play “three 3×3 or 7×7”. Both end on the same 49 pixels, one with 27·C² "
        "weights and the other with 49·C². Now look at the shading: does the corner pixel count "
        "as much as the middle one in both?\n"
        "2. Open “dilated 1, 2, 4” and step through it. Three layers see 15×15 where plain ones "
        "see 7×7, at the same price. Set all three dilations to 2: which pixels inside the frame "
        "does no path reach, and what would a network miss?\n"
        "3. Put a stride of 2 into the first layer of any stack, then move it to the last layer. "
        "The number of weights stays. What happens to the field, and what to the multiply-adds?"
    )


def show_sources() -> None:
    """The page's limits and where its formulas come from."""
    st.header("Limits and sources", anchor=False)
    st.markdown(
        "- Stacks here have one kernel for rows and columns and C channels in every layer; weights "
        "are counted without biases, multiply-adds of convolutions only. One multiply and one add "
        "count as one; papers and tools differ.\n"
        "- The theoretical field says which pixels *can* matter. Near the border part of it lies "
        "on padding. How much each pixel *does* matter is the effective field, and it depends on "
        "the weights and on the input.\n"
        "- The shading by paths is the effective field of a stack whose weights are all 1. Random "
        "weights are drawn from He's initialisation, several times; random inputs are independent "
        "normal numbers, which no photograph is.\n"
        "- A. Araujo, W. Norris, J. Sim: Computing receptive fields of convolutional neural "
        "networks. Distill, 2019.\n"
        "- W. Luo, Y. Li, R. Urtasun, R. Zemel: Understanding the effective receptive field in "
        "deep convolutional neural networks. NeurIPS, 2016.\n"
        "- K. Simonyan, A. Zisserman: Very deep convolutional networks for large-scale image "
        "recognition. ICLR, 2015 (section 2.3: three 3×3 for one 7×7)."
    )

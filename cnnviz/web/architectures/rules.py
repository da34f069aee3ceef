"""VGG's rules with the student's C, and the challenge's winners."""

import streamlit as st

from cnnviz.figures.block_text import tabulate_kernels, tabulate_stage_rule
from cnnviz.web.url_values import check_number
from cnnviz.zoo.ilsvrc import HUMAN_SOURCE, HUMAN_TOP5_ERROR, RESULTS

_C, _H = "c", "h"
_MOST_CHANNELS, _MOST_SIZE = 4096, 512


def show_rules() -> None:
    """Show VGG's two rules of thumb for any C and H."""
    st.header("VGG’s two rules, with your C", anchor=False)
    for key, most, noun in ((_C, _MOST_CHANNELS, "C"), (_H, _MOST_SIZE, "H")):
        sentence = check_number(key, least=1, most=most, noun=noun)
        if sentence:
            st.warning(sentence, icon=":material/link_off:")
    with st.container(horizontal=True, gap="medium"):
        channels = st.number_input(
            "Channels C", 1, _MOST_CHANNELS, 64, key=_C, bind="query-params", width=150
        )
        size = st.number_input(
            "Height and width H = W", 1, _MOST_SIZE, 56, key=_H, bind="query-params", width=170
        )
    st.markdown(
        "**Small kernels stacked.** Two 3×3 layers see 5×5 cells, three see 7×7, with fewer "
        "weights and a ReLU between each two. Multiply-adds are the weights times H·W, so their "
        "shares are the same."
    )
    st.table(tabulate_kernels(channels), width="content", alt="Weights of large and small kernels")
    st.markdown(
        "**Half the size, twice the channels.** A 3×3 layer of the next stage needs half the "
        "memory, four times the weights and exactly the same work."
    )
    st.table(
        tabulate_stage_rule(channels, size), width="content", alt="A 3×3 layer in two VGG stages"
    )


def show_winners() -> None:
    """Show the challenge's winners and the human line as a table with its sources."""
    st.header("The ImageNet challenge, all years", anchor=False)
    st.table(
        {
            "year": [*(str(result.year) for result in RESULTS), "2014"],
            "entry": [
                *(
                    result.entry if result.place == 1 else f"{result.entry} (second)"
                    for result in RESULTS
                ),
                "a person",
            ],
            "team": [*(result.team for result in RESULTS), "one trained annotator"],
            "layers": [*(str(result.layers or "–") for result in RESULTS), "–"],
            "top-5 error": [
                *(f"{result.top5_error} %" for result in RESULTS),
                f"{HUMAN_TOP5_ERROR} %",
            ],
            "source": [*(result.source for result in RESULTS), HUMAN_SOURCE],
        },
        alt="Winners of the ImageNet challenge by year, and a person",
    )

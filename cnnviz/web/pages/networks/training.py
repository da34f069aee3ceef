"""How the networks of this machine were trained, from their model cards."""

from collections.abc import Mapping

import streamlit as st

from cnnviz.figures.training import (
    draw_histories,
    tabulate_histories,
    write_degradation,
    write_histories_csv,
    write_pasting,
    write_refitting,
    write_sizes,
)
from cnnviz.training.history import History
from cnnviz.web.files import offer_file
from cnnviz.web.pages.networks.controls import PLAIN, RESIDUAL, NetworkControls
from cnnviz.web.state import PageState
from cnnviz.zoo import get_network


def show_training(page: PageState[NetworkControls], histories: Mapping[str, History]) -> None:
    """Show training curves and recipes of the chosen networks.

    Args:
        page: The page.
        histories: The trainings on this machine, by network.
    """
    st.subheader("Training curves", anchor=False)
    if not histories:
        st.info("No network on this machine has a model card with its training.")
        return
    page.draw("trained", label_visibility="collapsed")
    names = page.values.trained
    chosen = {get_network(name).title: histories[name] for name in names}
    if not chosen:
        st.info("Choose a network to see its training curve.")
        return
    options = {"filename": "cnnviz-training", "scale": 2}
    st.plotly_chart(
        draw_histories(chosen),
        key="networks.curves",
        config={"displaylogo": False, "toImageButtonOptions": options},
        alt="Top-1 error against the epoch, on held-out images and on training images",
    )
    if {RESIDUAL, PLAIN} <= set(names):
        titles = get_network(RESIDUAL).title, get_network(PLAIN).title
        st.markdown(write_degradation(titles, histories[RESIDUAL], histories[PLAIN]))
    st.caption(
        "Solid: held-out images. Dotted: training images, augmented and counted while the weights "
        f"still change; this is harder, so the dotted curve may lie above the solid one. "
        f"{write_pasting(chosen)} {write_sizes(chosen)} {write_refitting(chosen)}"
    )
    _show_recipes(chosen)


def _show_recipes(chosen: Mapping[str, History]) -> None:
    number = st.column_config.NumberColumn
    with st.expander("Training recipes"):
        st.dataframe(
            tabulate_histories(chosen),
            hide_index=True,
            key="networks.recipes",
            placeholder="–",
            column_config={
                "Network": st.column_config.TextColumn(pinned=True),
                "Training error, %": number(format="%.1f"),
                "Held-out error, %": number(format="%.1f"),
                "Temperature": number(
                    format="%.2f",
                    help="All logits were divided by it after the training (Guo and others 2017). "
                    "Above 1: the network was too confident. Below 1: not confident enough.",
                ),
                "Calibration error, %": number(
                    format="%.1f",
                    help="Mean distance between confidence and accuracy, over fifteen bins of "
                    "confidence, on held-out images. 0: of images predicted with 70 %, 70 of 100 "
                    "are correct.",
                ),
                "Minutes": number(format="%.0f"),
            },
        )
        offer_file("Curves as CSV", lambda: write_histories_csv(chosen), "training.csv")
        st.code("\n".join(dict.fromkeys(one.command for one in chosen.values())), language="bash")

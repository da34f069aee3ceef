"""How the networks of this machine were trained, from their model cards."""

from collections.abc import Mapping
from typing import Any

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
from cnnviz.training.history import History, read_history
from cnnviz.web.url_values import check_choices
from cnnviz.zoo import get_network

_CHOSEN = "trained"
_RESIDUAL, _PLAIN = "resnet64", "plain64"
_USUAL = ("alexnet64", "vgg64", "googlenet64", _RESIDUAL, _PLAIN)


def show_training(cards: Mapping[str, Mapping[str, Any]]) -> None:
    """Show error curves and recipes of networks to choose.

    Args:
        cards: What the model cards say, by the networks' names.
    """
    told = {name: read_history(facts) for name, facts in cards.items()}
    histories = {name: history for name, history in told.items() if history is not None}
    if not histories:
        st.info("No network on this machine has a model card that tells of its training.")
        return
    names = _choose_networks(list(histories))
    if not names:
        st.info("Choose networks; how they learned appears here.")
        return
    chosen = {get_network(name).title: histories[name] for name in names}
    st.plotly_chart(
        draw_histories(chosen),
        key="training",
        config={
            "displaylogo": False,
            "toImageButtonOptions": {"filename": "cnnviz-training", "scale": 2},
        },
        alt="Pictures named wrongly against the epoch, held out and trained on",
    )
    _tell_findings(histories, names, chosen)
    _show_recipes(chosen)


def _choose_networks(names: list[str]) -> list[str]:
    by_title = {get_network(name).title: name for name in names}
    titles = list(by_title)
    aliases = {name.lower(): title for title, name in by_title.items()}
    usual = [title for title, name in by_title.items() if name in _USUAL]
    problem = check_choices(_CHOSEN, titles, aliases=aliases, noun="network with a training")
    if _CHOSEN in st.session_state:
        st.session_state[_CHOSEN] = [one for one in st.session_state[_CHOSEN] if one in titles]
    chosen = st.multiselect(
        "Networks", titles, default=usual or titles, key=_CHOSEN, bind="query-params"
    )
    if problem:
        st.warning(problem)
    return [by_title[title] for title in chosen]


def _tell_findings(
    histories: Mapping[str, History], names: list[str], chosen: Mapping[str, History]
) -> None:
    if {_RESIDUAL, _PLAIN} <= set(names):
        titles = get_network(_RESIDUAL).title, get_network(_PLAIN).title
        st.markdown(write_degradation(titles, histories[_RESIDUAL], histories[_PLAIN]))
    st.caption(
        "Solid: pictures that the training never saw. Dotted: the pictures it learned from, varied "
        "anew each time and counted while the weights still changed, which is harder; so that "
        f"curve may lie above the solid one. {write_pasting(chosen)} {write_sizes(chosen)} "
        f"{write_refitting(chosen)}"
    )


def _show_recipes(chosen: Mapping[str, History]) -> None:
    number = st.column_config.NumberColumn
    st.dataframe(
        tabulate_histories(chosen),
        hide_index=True,
        key="recipes",
        placeholder="–",
        column_config={
            "Network": st.column_config.TextColumn(pinned=True),
            "Error there, %": number(format="%.1f"),
            "Error there after all, %": number(format="%.1f"),
            "Temperature": number(
                format="%.2f",
                help="All logits were divided by it after the training, so that the confidence "
                "fits the share of right answers (Guo and others 2017). Below 1: label smoothing "
                "and CutMix had left it less sure than it may be. Above 1: it was too sure.",
            ),
            "Calibration error, %": number(
                format="%.1f",
                help="Mean distance of the confidence in the first guess from the share of right "
                "guesses, over fifteen bins of confidence, on pictures the training never saw. "
                "0 is: of pictures named with 70 %, 70 in a hundred are named rightly.",
            ),
            "Minutes": number(format="%.0f"),
        },
    )
    st.download_button(
        "Curves as CSV",
        write_histories_csv(chosen),
        "training.csv",
        "text/csv",
        on_click="ignore",
        icon=":material/download:",
    )
    commands = "\n".join(dict.fromkeys(history.command for history in chosen.values()))
    with st.expander("Train them again"):
        st.code(commands, language="bash")

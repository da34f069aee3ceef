"""The page of networks: their table, one network's facts, and the way to more."""

from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from cnnviz.downloads import list_running
from cnnviz.errors import NetworkError
from cnnviz.figures.format import format_bytes, format_count
from cnnviz.figures.networks import (
    COLUMNS,
    NetworkRow,
    list_network_rows,
    tabulate_networks,
    write_networks_csv,
)
from cnnviz.figures.training import write_result
from cnnviz.inference import list_loaded, read_memory_limit
from cnnviz.own import list_own_problems
from cnnviz.training.history import read_history
from cnnviz.web.chrome import show_error
from cnnviz.web.files import offer_file
from cnnviz.web.page import link_to
from cnnviz.web.pages.networks.controls import NetworkControls, Shown
from cnnviz.web.state import BENCH, PageState, keep, note_step
from cnnviz.web.weights_panel import show_running, show_weights
from cnnviz.weights import find_folder, list_weights
from cnnviz.zoo import get_network, list_names

Cards = Mapping[str, Mapping[str, Any]]
Page = PageState[NetworkControls]

_TABLE = "networks.table"
_MAX_ROWS = 14
_ROW_HEIGHT = 35  # pixels
_HELP = {
    "Top-1 %": "On ImageNet's validation images, as torchvision reports it.",
    "Top-5 %": "On ImageNet's validation images, as torchvision reports it.",
    "Held-out top-1 %": "On held-out images of the network's own classes. Not comparable with "
    "the accuracy on ImageNet, which has a thousand classes.",
    "Multiply-adds, G": "One multiplication and one addition count as one.",
}
_EXAMPLE = """\
# shapes.py
from torch import nn
from cnnviz.own import network

@network(shape=(1, 28, 28), classes=("circle", "square", "star"), mean=0.5, std=0.5)
def shapes():
    return nn.Sequential(
        nn.Conv2d(1, 8, 5), nn.ReLU(), nn.MaxPool2d(4), nn.Flatten(), nn.Linear(288, 3)
    )
"""


def list_rows(page: Page, cards: Cards) -> tuple[NetworkRow, ...]:
    """Return the rows of the table."""
    files = list_weights()
    names = [one.name for one in list_names()]
    if page.values.show is Shown.HERE:
        names = [name for name in names if name in files]
    with st.spinner("Reading torchvision's list …"):
        specs = [get_network(name) for name in names]
    return list_network_rows(specs, files=files, cards=cards)


def show_table(page: Page, rows: Sequence[NetworkRow]) -> None:
    """Show networks as a table; a click on a row opens it."""

    def take_row() -> None:
        picked = st.session_state[_TABLE]["selection"]["rows"]
        if picked and picked[0] < len(rows):
            page.keep(network=rows[picked[0]].name)

    chosen = [at for at, row in enumerate(rows) if row.name == page.values.network]
    if _TABLE not in st.session_state or st.session_state[_TABLE]["selection"]["rows"] != chosen:
        selection = {"rows": chosen, "columns": [], "cells": []}
        st.session_state[_TABLE] = {"selection": selection}
    table = tabulate_networks(rows)
    config = {name: st.column_config.Column(help=text) for name, text in _HELP.items()}
    config["Network"] = st.column_config.Column(pinned=True, width="medium")
    config["Year"] = st.column_config.NumberColumn(format="%d", width="small")
    st.dataframe(
        table,
        hide_index=True,
        on_select=take_row,
        selection_mode="single-row",
        key=_TABLE,
        height=_ROW_HEIGHT * (min(len(rows), _MAX_ROWS) + 1) + 3,
        column_order=[name for name in COLUMNS if any(one is not None for one in table[name])],
        column_config=config,
        placeholder="–",
        alt="Networks with year, accuracy, parameters, multiply-adds, size and paper",
    )


def offer_table(rows: Sequence[NetworkRow]) -> None:
    """Offer the table as a file."""
    offer_file("Table as CSV", lambda: write_networks_csv(rows), "networks.csv")


def step_row(page: Page, rows: Sequence[NetworkRow], by: int) -> None:
    """Open the next network of the table, or the one before."""
    names = [row.name for row in rows]
    here = names.index(page.values.network) if page.values.network in names else -by
    page.keep(network=names[(here + by) % len(names)])


def show_chosen(page: Page, cards: Cards) -> None:
    """Show one network's facts, its weights, and the ways to use it."""
    name = page.values.network
    with st.spinner("Reading torchvision's list …"):
        spec = get_network(name)
    show_running(list_running())
    history = read_history(cards.get(name, {}))
    channels, height, width = spec.preprocessing.shape
    st.markdown(
        f"**{spec.title}, {spec.year}.** {spec.idea}\n\n"
        f"Input {channels}×{height}×{width}, {format_count(len(spec.classes))} classes. "
        + (write_result(history) if history else "")
    )
    st.caption(f"{spec.paper}.")
    if name in list_weights():
        _offer_use(page, name)
    show_weights(name)
    with st.expander("Changes to the paper, preprocessing"):
        st.markdown(f"{spec.changes}\n\n{spec.preprocessing.description}")


def _offer_use(page: Page, name: str) -> None:
    """Offer to put a network on the workbench, and to open pages with it."""

    def use() -> None:
        keep(BENCH, network=name)
        note_step()

    used = page.at.bench.network == name
    st.button(
        "Used on all pages" if used else "Use on all pages",
        key="networks.use",
        icon=":material/check:" if used else ":material/push_pin:",
        disabled=used,
        on_click=use,
    )
    with st.container(horizontal=True, gap="medium"):
        for url, label in (("whole_network", "Whole network"), ("activations", "Activation maps")):
            link_to(url, label, icon=":material/arrow_outward:", network=name)


def show_places() -> None:
    """Say where weights are searched and which networks are in memory."""
    # Where on the server's disk they lie is its owner's business, not every visitor's.
    named = "in use" if find_folder() else "none now; name one with `CNNVIZ_WEIGHTS_DIR`"
    titles = ", ".join(
        f"{get_network(name).title} ({format_bytes(size)})" for name, size in list_loaded().items()
    )
    with st.expander("Where weights come from"):
        st.markdown(
            f"- **Weights folder** ({named}): `NAME.safetensors` or `NAME.pth`, a `state_dict` for "
            "the network of that name. It comes first, so your own weights replace ours.\n"
            "- **torch's cache**: earlier downloads of torchvision.\n"
            "- **Download**: the file goes into the weights folder, or into torch's cache if there "
            "is no folder. Its checksum is compared first. `CNNVIZ_WEIGHTS_URL` names a mirror.\n"
            f"- **In memory**: {titles or 'none'}. At most {format_bytes(read_memory_limit())} "
            "(`CNNVIZ_MEMORY`); the least recently used network leaves first."
        )


def show_own() -> None:
    """Show how to add a network of one's own, and what is wrong with those that are there."""
    for problem in list_own_problems():
        show_error(NetworkError(problem))
    with st.expander("Your own network"):
        st.markdown(
            "A Python file builds the network. One decorator names its input and its classes. The "
            "weights are a `state_dict`, here `shapes.pth` in the weights folder."
        )
        st.code(_EXAMPLE, language="python")
        st.code(
            "CNNVIZ_MODELS=shapes.py CNNVIZ_WEIGHTS_DIR=weights streamlit run app.py",
            language="bash",
        )

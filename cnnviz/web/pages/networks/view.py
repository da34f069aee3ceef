"""The page of networks: their table, one network's facts, and the way to more."""

from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from cnnviz.errors import NetworkError
from cnnviz.figures import networks as figures
from cnnviz.figures.format import format_bytes, format_count
from cnnviz.figures.training import write_result
from cnnviz.networks.load import list_loaded, load_model, read_memory_limit
from cnnviz.networks.user_networks import list_own_networks, list_own_problems
from cnnviz.networks.weights.downloads import list_running
from cnnviz.networks.weights.files import find_folder, list_weights
from cnnviz.networks.zoo import get_network, list_names
from cnnviz.training.history import read_history
from cnnviz.web.charts import show_table
from cnnviz.web.chrome import show_error
from cnnviz.web.files import offer_file
from cnnviz.web.page import link_pages
from cnnviz.web.pages.networks.controls import Page, Shown
from cnnviz.web.state import BENCH, keep, note_step
from cnnviz.web.weights_panel import show_running, show_weights

Cards = Mapping[str, Mapping[str, Any]]

_TABLE = "networks.table"
_HEIGHT = 528  # pixels: 14 rows and their head
_WIDTHS = {
    "Network": 190,
    "Year": 60,
    "Top-1 %": 80,
    "Top-5 %": 80,
    "Held-out top-1 %": 135,
    "Parameters, M": 120,
    "Multiply-adds, G": 135,
    "Input": 100,
    "Weights here": 115,
    "Download, MB": 120,
    "Paper": 460,
}
_HELPS = {
    "Top-1 %": "reported",
    "Top-5 %": "reported",
    "Held-out top-1 %": "held_out",
    "Multiply-adds, G": "multiply_adds",
}


def list_rows(page: Page, cards: Cards) -> tuple[figures.NetworkRow, ...]:
    """Return the rows of the table."""
    files = list_weights()
    names = [one.name for one in list_names()]
    if page.values.show is Shown.HERE:
        names = [name for name in names if name in files]
    with st.spinner("Reading torchvision's list …"):
        specs = [get_network(name) for name in names]
    return figures.list_network_rows(specs, files=files, cards=cards)


def show_networks(page: Page, rows: Sequence[figures.NetworkRow]) -> None:
    """Show networks as a table; a click on a row opens it."""

    def take_row() -> None:
        held = st.session_state.get(_TABLE)
        if held is None:  # the page was left meanwhile
            return
        selection = held["selection"]
        # A click on a cell leaves the row's own mark where it was.
        picked = [row for row, _ in selection["cells"]] or selection["rows"]
        if picked and picked[0] < len(rows):
            page.keep(network=rows[picked[0]].name)

    chosen = [at for at, row in enumerate(rows) if row.name == page.values.network]
    wanted = {"rows": chosen, "columns": [], "cells": []}
    if _TABLE not in st.session_state or st.session_state[_TABLE]["selection"] != wanted:
        st.session_state[_TABLE] = {"selection": wanted}
    table = figures.tabulate_networks(rows)
    known = [name for name in figures.COLUMNS if any(one is not None for one in table[name])]
    show_table(
        table,
        formats={"Year": "%d", "Top-1 %": "%.1f", "Top-5 %": "%.1f", "Held-out top-1 %": "%.1f"},
        helps={name: page.text(text) for name, text in _HELPS.items()},
        pinned="Network",
        widths=_WIDTHS,
        max_height=_HEIGHT,
        on_select=take_row,
        selection_mode=["single-row", "single-cell"],
        key=_TABLE,
        column_order=known,
        alt=page.text("table"),
    )
    offer_file("Table as CSV", lambda: figures.write_networks_csv(rows), "networks.csv")


def step_row(page: Page, rows: Sequence[figures.NetworkRow], by: int) -> None:
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
    link_pages("whole_network", "activations", network=name)


def show_places(page: Page) -> None:
    """Say where weights are searched and which networks are in memory."""
    sizes = {get_network(name).title: format_bytes(size) for name, size in list_loaded().items()}
    loaded = ", ".join(f"{title} ({size})" for title, size in sizes.items()) or "none"
    # Where on the server's disk they lie is its owner's business, not every visitor's.
    folder, limit = page.text("named" if find_folder() else "unnamed"), read_memory_limit()
    with st.expander("Where weights come from"):
        st.markdown(page.text("places", folder=folder, loaded=loaded, limit=format_bytes(limit)))


def show_own(page: Page) -> None:
    """Show how to add a network of one's own, and what is wrong with those that are there."""
    for problem in list_own_problems():
        show_error(NetworkError(problem))
    for name in set(list_own_networks()) & set(list_loaded()):
        for note in load_model(name).notes:
            st.caption(note)
    with st.expander("Your own network"):
        st.markdown(page.text("own"))

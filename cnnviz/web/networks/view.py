"""The page of all networks: their table, one network's facts, and the way to more."""

from collections.abc import Mapping
from typing import Any

import streamlit as st

from cnnviz.downloads import list_running
from cnnviz.errors import CNNVizError
from cnnviz.figures.format import format_bytes, format_count
from cnnviz.figures.networks import list_network_rows, tabulate_networks, write_networks_csv
from cnnviz.figures.training import write_result
from cnnviz.inference import list_loaded, read_memory_limit
from cnnviz.training.history import History, read_history
from cnnviz.web.chrome import show_error
from cnnviz.web.option_chooser import choose_listed
from cnnviz.web.weights_panel import show_running, show_weights
from cnnviz.weights import find_folder, list_weights, read_card
from cnnviz.zoo import NetworkSpec, get_network, list_names, list_networks

_TABLE = "networks_table"


def show_chosen(cards: Mapping[str, Mapping[str, Any]]) -> None:
    """Let a network be chosen, and show its facts and its weights.

    Args:
        cards: What the model cards say, by the networks' names.
    """
    listings = list_names()
    titles = [listing.title for listing in listings]
    aliases = {listing.name.lower(): listing.title for listing in listings}
    title = choose_listed("Network", titles, key="network", noun="network", aliases=aliases)
    name = listings[titles.index(title)].name
    with st.spinner("Asking torchvision what it knows …"):
        spec = get_network(name)
    show_running(list_running())
    facts, weights = st.columns(2, gap="medium")
    with facts:
        _show_facts(spec, read_history(cards.get(name, {})))
    with weights:
        show_weights(name)


def _show_facts(spec: NetworkSpec, history: History | None) -> None:
    channels, height, width = spec.preprocessing.shape
    colors = "in grey" if channels == 1 else "in colour"
    st.markdown(
        f"**{spec.title}, {spec.year}.** {spec.idea}\n\n{spec.changes}\n\n"
        f"Reads {width}×{height} pixels {colors} and knows {format_count(len(spec.classes))} "
        f"classes. "
        f"{spec.preprocessing.description}" + (f" {write_result(history)}" if history else "")
    )
    st.caption(f"{spec.paper}.")


def show_table(cards: Mapping[str, Mapping[str, Any]]) -> None:
    """Show all networks; a click on a line chooses its network.

    Args:
        cards: What the model cards say, by the networks' names.
    """
    with st.spinner("Asking torchvision what it knows …"):
        specs = list_networks()
    files = list_weights()
    rows = list_network_rows(specs, files=files, cards=cards)
    here = sum(row.name in files for row in rows)
    st.markdown(f"{here} of {len(rows)} have weights on this machine. A click on a line opens it.")

    def take_row() -> None:
        picked = st.session_state[_TABLE].selection.rows
        if picked and picked[0] < len(specs):
            st.session_state["network"] = specs[picked[0]].title

    st.dataframe(
        tabulate_networks(rows),
        hide_index=True,
        on_select=take_row,
        selection_mode="single-row",
        key=_TABLE,
        placeholder="–",
        alt="All networks with year, accuracy, parameters, multiply-adds and size",
    )
    st.download_button(
        "Table as CSV",
        write_networks_csv(rows),
        "networks.csv",
        "text/csv",
        on_click="ignore",
        icon=":material/download:",
    )
    st.caption(
        "Accuracy on ImageNet's validation images, parameters, multiply-adds (one multiplication "
        "and one addition count as one) and size as torchvision reports them. Our own networks "
        "know other classes and were measured on other pictures: their errors stand below."
    )


def read_cards() -> dict[str, dict[str, Any]]:
    """Return what the model cards on this machine say, by the networks' names."""
    cards = {}
    for name, file in list_weights().items():
        if file.path.with_suffix(".json").is_file():
            try:
                cards[name] = read_card(name, folder=file.path.parent).facts
            except CNNVizError as error:
                show_error(error)
    return cards


def show_places() -> None:
    """Say where weights are looked for and what is in memory."""
    # Where on the server's disk they lie is its owner's business, not every visitor's.
    named = "in use" if find_folder() else "none now; name one with `CNNVIZ_WEIGHTS_DIR`"
    loaded = list_loaded()
    titles = ", ".join(
        f"{get_network(name).title} ({format_bytes(size)})" for name, size in loaded.items()
    )
    st.markdown(
        f"- **A weights folder** ({named}): `NAME.safetensors` or `NAME.pth`, a `state_dict` for "
        "the network of that name. What lies there goes before all else, so a network that you "
        "trained yourself takes the place of ours.\n"
        "- **torch's cache**: what torchvision has downloaded before.\n"
        "- **A download**: the button names its size. The file goes into the weights folder, or "
        "into torch's cache where none is named; its checksum is looked at first. A mirror is "
        "named by `CNNVIZ_WEIGHTS_URL`.\n"
        f"- **In memory** are {titles or 'none'}; together at most "
        f"{format_bytes(read_memory_limit())} (`CNNVIZ_MEMORY`), the least recently used leaves "
        "first."
    )

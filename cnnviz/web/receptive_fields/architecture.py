"""The theoretical fields of any architecture, with or without weights."""

from dataclasses import replace

import streamlit as st

from cnnviz.cost import trace_shapes
from cnnviz.figures.receptive_field import (
    FieldRow,
    has_branches,
    list_field_rows,
    tabulate_network,
    write_network_csv,
)
from cnnviz.receptive_field import compute_fields, compute_path_ranges
from cnnviz.web.option_chooser import choose_listed
from cnnviz.zoo.architectures import get_architecture, list_architectures

_FIRST = "resnet50_paper"


def show_architecture_fields() -> None:
    """Choose an architecture, and show every layer's field, jump and start."""
    names = {entry.title: entry.name for entry in list_architectures()}
    titles = list(names)
    first = get_architecture(_FIRST).title
    aliases = {name.lower(): title for title, name in names.items()}
    title = choose_listed(
        "Architecture",
        titles,
        key="architecture",
        noun="architecture",
        default=first,
        aliases=aliases,
        width=420,
    )
    network = get_architecture(names[title])
    rows, maps = _list_rows(network.name)
    top = rows[-1]
    st.markdown(
        f"{title} at {network.input_size}×{network.input_size}, from the windows alone: a cell of "
        f"its layer {top.title} sees {top.field.size[0]}×{top.field.size[1]} pixels, its "
        f"neighbour's field begins {top.field.jump[0]} further on."
        + (" Branches and shortcuts give paths of unlike fields." if has_branches(rows) else "")
        + (
            " Layers behind it are left out: attention and squeeze-and-excitation look at all of "
            "the map, so that every cell sees the whole picture, and a few other operations are "
            "not followed."
            if len(rows) < maps
            else ""
        )
    )
    st.dataframe(
        tabulate_network(rows), hide_index=True, height=420, alt=f"Fields of {title}", key="fields"
    )
    st.download_button(
        "Fields as CSV",
        write_network_csv(rows),
        f"fields-{network.name}.csv",
        "text/csv",
        key="architecture-csv",
    )


@st.cache_resource(max_entries=64, show_spinner="Following the windows through the network …")
def _list_rows(name: str) -> tuple[tuple[FieldRow, ...], int]:
    """The layers whose field is known, and how many layers have maps."""
    network = get_architecture(name)
    size = network.input_size
    graph = trace_shapes(lambda: network.build(size), input_shape=(network.channels, size, size))
    rows = list_field_rows(graph, compute_fields(graph), compute_path_ranges(graph))
    titles = {
        node.name: str(node.target) for node in graph.traced.graph.nodes if node.op == "call_module"
    }
    named = tuple(replace(row, title=titles.get(row.name, row.name)) for row in rows)
    return named, sum(layer.is_spatial for layer in graph.layers)

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
from cnnviz.web.files import offer_file
from cnnviz.web.pages.receptive_fields.controls import ReceptiveFieldsControls
from cnnviz.web.state import PageState
from cnnviz.zoo.architectures import get_architecture


def show_architecture(page: PageState[ReceptiveFieldsControls]) -> None:
    """Show every layer's field, jump and start."""
    network = get_architecture(page.values.architecture)
    figure, beside = st.columns([3, 1], gap="medium")
    rows, maps = _list_rows(network.name)
    top = rows[-1]
    with beside:
        page.draw("architecture")
        st.markdown(
            f"Input {network.input_size}×{network.input_size}. A cell of **{top.title}** sees "
            f"**{top.field.size[0]}×{top.field.size[1]}** pixels. The field of the next cell "
            f"begins {top.field.jump[0]} pixels further on."
        )
        if has_branches(rows):
            st.markdown("Branches and shortcuts give paths of unlike fields.")
        if len(rows) < maps:
            st.markdown(
                "Layers behind it are left out. Attention and squeeze-and-excitation read the "
                "whole map, so every cell sees the whole image."
            )
        offer_file(
            "Fields as CSV",
            lambda: write_network_csv(rows),
            f"fields-{network.name}.csv",
            key="receptive_fields.csv.architecture",
        )
    figure.dataframe(
        tabulate_network(rows),
        hide_index=True,
        height=560,
        alt=f"Fields of {network.title}",
        key="receptive_fields.fields",
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

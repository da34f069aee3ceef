"""Two ways to do one job, with the same input, drawn and counted."""

import streamlit as st

from cnnviz.cost import CostTable
from cnnviz.figures.block_text import compare_tables, list_terms
from cnnviz.figures.blocks import Drawn, get_side
from cnnviz.figures.format import format_count, format_quantity, format_shape
from cnnviz.web.components.block.block import show_drawings
from cnnviz.web.pages.architectures.controls import ArchitectureControls
from cnnviz.web.state import PageState
from cnnviz.zoo.block_pairs import Pair, get_pair

Page = PageState[ArchitectureControls]


def find_sides(page: Page) -> tuple[Pair, tuple[Drawn, Drawn]]:
    """Return the chosen comparison and its two drawings."""
    values = page.values
    pair = get_pair(values.pair)
    channels, size = int(values.pair_channels), int(values.pair_size)
    return pair, (
        get_side(pair.name, 0, channels, size),
        get_side(pair.name, 1, channels, size),
    )


def show_pair(page: Page) -> None:
    """Show the comparison."""
    st.subheader("Comparison", anchor=False)
    controls = st.columns([2, 1, 1], gap="medium")
    for column, name in zip(controls, ("pair", "pair_channels", "pair_size"), strict=True):
        with column:
            page.draw(name)
    pair, sides = find_sides(page)
    first, second = names = (pair.sides[0].title, pair.sides[1].title)
    tables = (sides[0].table, sides[1].table)
    st.markdown(f"{compare_tables(tables, titles=names)} {pair.note}")
    at_published = page.make_key("pair_channels", "pair_size") == (
        str(pair.channels),
        str(pair.size),
    )
    if pair.slip and at_published:
        with st.container(border=True):
            st.markdown(f"**Printed and computed.** {pair.slip}")
    show_drawings(
        [(first, sides[0]), (second, sides[1])],
        file=f"{pair.name}-{page.values.pair_channels}-{page.values.pair_size}",
        key="architectures.drawings",
    )
    for column, table, name in zip(st.columns(2, gap="large"), tables, names, strict=True):
        with column:
            st.markdown(
                f"**{name}**: {format_shape(table.layers[-1].output_shape)}, "
                f"{format_quantity(table.parameters)} parameters, "
                f"{format_quantity(table.multiply_adds)} multiply-adds"
            )
            _show_terms(table, name=name)


def _show_terms(table: CostTable, *, name: str) -> None:
    terms = list_terms(table)
    counts = [*(term.multiply_adds for term in terms), table.multiply_adds]
    st.table(
        {
            "layer": [*(term.layer for term in terms), "sum"],
            "factors": [*(term.product for term in terms), ""],
            "multiply-adds": [format_count(count) for count in counts],
        },
        alt=f"Multiply-adds of {name}, layer by layer",
    )

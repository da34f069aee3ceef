"""The cost page's parts: totals, bars, table, one layer worked out, conventions."""

from typing import Any

import streamlit as st

from cnnviz.cached import get_architecture_costs
from cnnviz.costs.rows import CostRow, Fold, NetworkCosts, fold_rows
from cnnviz.errors import CNNVizError
from cnnviz.figures import cost_text as text
from cnnviz.figures.costs import draw_bars, find_limits
from cnnviz.figures.format import format_bytes, format_count, format_quantity
from cnnviz.web.charts import show_chart, show_table
from cnnviz.web.chrome import show_error
from cnnviz.web.files import offer_file
from cnnviz.web.pages.costs.controls import (
    Page,
    find_size,
    list_networks,
    list_rows,
    make_convention,
)

_HEIGHT = 620


def measure(at: Any) -> list[NetworkCosts]:
    """Measure what was chosen; where a size does not fit, show its formula instead."""
    found = []
    for network in list_networks(at):
        size = find_size(at, network.name)
        try:
            table = get_architecture_costs(network.name, size)
        except CNNVizError as error:
            st.markdown(f"**{network.title} at {size}×{size}**")
            show_error(error)
        else:
            rows = fold_rows(table, fold=Fold.LAYERS, convention=make_convention(at))
            found.append(NetworkCosts(network, size, table, rows))
    return found


def show_networks(page: Page, measured: list[NetworkCosts]) -> None:
    """Show each network's bars, one below the other where there are two, to one scale."""
    limits = find_limits(*(one.rows for one in measured))
    unit = text.write_unit(make_convention(page.at))
    for place, item in enumerate(measured):
        is_first = place == 0
        selected = page.values.layer if is_first else None

        def pick(row: int, rows: tuple[CostRow, ...] = item.rows) -> None:
            page.keep(layer=rows[row].title)

        show_chart(
            draw_bars(item.rows, unit=unit, limits=limits, selected=selected),
            key=f"costs.bars.{item.network.name}.{is_first}",
            alt=page.text("bars", unit=unit.lower(), network=item.network.title),
            height=_HEIGHT // len(measured),
            file=f"costs-{item.network.name}",
            on_pick=pick if is_first else None,
        )
    if len(measured) > 1:
        st.caption("Both networks have one scale.")


def show_totals(page: Page, item: NetworkCosts) -> None:
    """Show what a network costs in all."""
    table, convention = item.table, make_convention(page.at)
    st.markdown(f"**{item.network.title}** at {item.size}×{item.size}, {item.network.year}")
    with st.container(horizontal=True, gap="small"):
        operations = text.write_total(table, convention)
        st.metric("Parameters", format_quantity(table.parameters), border=True)
        st.metric(text.write_unit(convention), operations, border=True)
        st.metric("Activations", format_bytes(table.memory_bytes), border=True)


def show_layers(page: Page, item: NetworkCosts) -> None:
    """Show the table and offer it as CSV."""
    name, convention = item.network.name, make_convention(page.at)
    st.markdown(f"**{item.network.title}.** {text.summarize_costs(item.rows)}")
    rows = fold_rows(item.table, fold=page.values.fold, convention=convention)
    unit = text.write_unit(convention)
    show_table(
        text.tabulate_costs(rows, unit=unit),
        formats={"Memory KB": "%.1f", "Parameters": "localized", unit: "localized"},
        pinned="Layer",
        max_height=560,
        key=f"costs.table.{name}",
    )
    file = f"{name}-{item.size}.csv"
    offer_file("Table as CSV", lambda: text.write_csv(rows), file, key=f"costs.csv.{name}")
    if item.table.unused_parameters:
        st.caption(page.text("unused", count=format_count(item.table.unused_parameters)))


def show_layer(page: Page, item: NetworkCosts) -> None:
    """Work out one layer with its own numbers."""
    page.draw("layer")
    row = next(row for row in item.rows if row.title == page.values.layer)
    for name, formula in text.write_formulas(row):
        st.markdown(f"**{name}** ${formula}$")
    if row.field is not None:
        (high, wide), jump = row.field.size, row.field.jump[0]
        st.caption(page.text("field", high=high, wide=wide, jump=jump))


def show_counting(page: Page, measured: list[NetworkCosts]) -> None:
    """Show the same networks counted by each convention, and notes on their versions."""
    st.subheader("One network, five numbers", anchor=False)
    st.markdown(page.text("counting"))
    st.markdown(text.write_conventions({item.network.title: item.table for item in measured}))
    for item in measured:
        network = item.network
        if item.size == network.input_size and network.slips:
            with st.container(border=True):
                st.subheader(f"{network.title}: printed and computed", anchor=False)
                st.markdown("\n".join(f"- {slip}" for slip in network.slips))
        if notes := text.list_notes(network):
            st.subheader(f"Which {network.family} is this?", anchor=False)
            st.markdown("\n".join(f"- {note}" for note in notes))
        st.caption(network.paper)


def step_layer(page: Page, by: int) -> None:
    """Go to the next layer of the first network, or to the one before."""
    page.step("layer", [row.title for row in list_rows(page.at)], by)


def find_answers(page: Page) -> dict[str, float]:
    """Return the answers to the lesson's questions, of the layer that is worked out."""
    row = next((row for row in list_rows(page.at) if row.title == page.values.layer), None)
    if row is None:
        return {}
    return {
        "parameters": float(row.parameters),
        "operations": row.operations / 1e6,
        "memory": row.memory_bytes / 1024,
    }

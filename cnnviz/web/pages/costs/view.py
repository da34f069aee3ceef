"""The cost page's parts: totals, bars, table, one layer worked out, conventions."""

from dataclasses import dataclass
from typing import Any

import streamlit as st

from cnnviz.cached import get_architecture_costs
from cnnviz.cost import CostTable
from cnnviz.cost_rows import Convention, CostRow, Fold, fold_rows, sum_operations
from cnnviz.errors import CNNVizError
from cnnviz.figures.cost_text import (
    COLUMNS,
    list_cells,
    list_conventions,
    summarize_costs,
    write_csv,
    write_formulas,
    write_unit,
)
from cnnviz.figures.costs import Limits, draw_bars, find_limits
from cnnviz.figures.format import format_bytes, format_count, format_percent, format_quantity
from cnnviz.web.chrome import show_error
from cnnviz.web.files import offer_file
from cnnviz.web.pages.costs.controls import (
    EXTRAS,
    CostControls,
    find_size,
    list_networks,
    list_rows,
    make_convention,
)
from cnnviz.web.state import PageState
from cnnviz.zoo.architecture import Architecture
from cnnviz.zoo.reported import Reported
from cnnviz.zoo.torchvision_list import read_reported

_HEIGHT = 620


@dataclass(frozen=True, slots=True, eq=False)
class Measured:
    """A network at one input size, counted by the visitor's convention.

    Attributes:
        network: The architecture.
        size: Height and width of the input.
        table: Its costs.
        rows: Folded to layers.
    """

    network: Architecture
    size: int
    table: CostTable
    rows: tuple[CostRow, ...]


@st.cache_resource(max_entries=128, show_spinner=False)
def get_reported(name: str) -> tuple[Reported, ...]:
    """Return what torchvision reports of one of its classifiers."""
    return read_reported(name)


def measure(at: Any) -> list[Measured]:
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
            found.append(Measured(network=network, size=size, table=table, rows=rows))
    return found


def show_networks(page: PageState[CostControls], measured: list[Measured]) -> None:
    """Show each network's bars, one below the other where there are two, to one scale."""
    limits = find_limits(*(item.rows for item in measured))
    for place, item in enumerate(measured):
        _show_bars(page, item, limits=limits, is_first=place == 0, alone=len(measured) == 1)
    if len(measured) > 1:
        st.caption("Both networks have one scale.")


def show_totals(item: Measured, convention: Convention) -> None:
    """Show what a network costs in all."""
    network, table = item.network, item.table
    st.markdown(f"**{network.title}** at {item.size}×{item.size}, {network.year}")
    with st.container(horizontal=True, gap="small"):
        operations = format_quantity(sum_operations(table, convention))
        st.metric("Parameters", format_quantity(table.parameters), border=True)
        st.metric(write_unit(convention), operations, border=True)
        st.metric("Activations", format_bytes(table.memory_bytes), border=True)


def _show_bars(
    page: PageState[CostControls], item: Measured, *, limits: Limits, is_first: bool, alone: bool
) -> None:
    key, unit = f"costs.bars.{item.network.name}.{is_first}", write_unit(make_convention(page.at))
    selected = page.values.layer if is_first else None
    figure = draw_bars(item.rows, unit=unit, limits=limits, selected=selected)
    figure.update_layout(height=_HEIGHT if alone else _HEIGHT // 2)

    def take_click() -> None:
        points: list[dict[str, Any]] = st.session_state[key]["selection"]["points"]
        if points:
            page.keep(layer=item.rows[int(points[0]["customdata"][0])].title)

    st.plotly_chart(
        figure,
        key=key,
        on_select=take_click if is_first else "ignore",
        selection_mode="points",
        config={"displaylogo": False},
        alt=(
            f"Bars of memory, parameters and {unit.lower()} for each layer of "
            f"{item.network.title}, from the input to the output."
        ),
    )


def show_table(item: Measured, *, fold: Fold, convention: Convention) -> None:
    """Show the table and offer it as CSV."""
    st.markdown(f"**{item.network.title}.** {summarize_costs(item.rows)}")
    rows = fold_rows(item.table, fold=fold, convention=convention)
    cells = [list_cells(row) for row in rows]
    unit = write_unit(convention)
    names = [unit if column == "Operations" else column for column in COLUMNS]
    st.dataframe(
        {name: [row[place] for row in cells] for place, name in enumerate(names)},
        hide_index=True,
        height=min(36 * (len(rows) + 1), 560),
        column_config={
            "Layer": st.column_config.TextColumn(pinned=True),
            "Memory KB": st.column_config.NumberColumn(format="%.1f"),
            "Parameters": st.column_config.NumberColumn(format="localized"),
            unit: st.column_config.NumberColumn(format="localized"),
        },
        key=f"costs.table.{item.network.name}",
    )
    offer_file(
        "Table as CSV",
        lambda: write_csv(rows),
        f"{item.network.name}-{item.size}.csv",
        key=f"costs.csv.{item.network.name}",
    )
    if item.table.unused_parameters:
        st.caption(
            f"{format_count(item.table.unused_parameters)} parameters are in modules that run in "
            f"training "
            "only, such as auxiliary heads; the total counts them, no row does."
        )


def show_layer(page: PageState[CostControls], item: Measured) -> None:
    """Work out one layer with its own numbers."""
    page.draw("layer")
    row = next(row for row in item.rows if row.title == page.values.layer)
    for name, formula in write_formulas(row):
        st.markdown(f"**{name}** ${formula}$")
    if row.field is not None:
        st.caption(
            f"A cell of this layer sees {row.field.size[0]}×{row.field.size[1]} pixels of the "
            f"input. The next cell sees a window {row.field.jump[0]} pixels further on."
        )


def show_conventions(measured: list[Measured]) -> None:
    """Show the same networks counted by each convention."""
    columns = {item.network.title: list_conventions(item.table) for item in measured}
    first = next(iter(columns.values()))
    header = "| What is counted | " + " | ".join(columns) + " |"
    lines = [header, "|---" * (len(columns) + 1) + "|"]
    for place, (name, _, _) in enumerate(first):
        numbers = (
            f"{format_count(found[place][1])} ({found[place][2]})" for found in columns.values()
        )
        lines.append(f"| {name} | " + " | ".join(numbers) + " |")
    st.markdown("\n".join(lines))


def show_notes(item: Measured) -> None:
    """Show which version of the network this is, and where lectures and papers slipped."""
    notes = list(item.network.notes)
    if item.network.torchvision_name:
        notes += [
            f"torchvision reports {format_percent(found.top1 / 100)} top-1 and "
            f"{format_percent(found.top5 / 100)} top-5 on "
            f"ImageNet at {found.input_size}×{found.input_size} for its weights {found.weights}, "
            f"a file of "
            f"{format_bytes(2**20 * found.file_megabytes)}."
            for found in get_reported(item.network.torchvision_name)
        ]
    published = item.size == item.network.input_size
    if published and item.network.slips:
        with st.container(border=True):
            st.subheader(f"{item.network.title}: printed and computed", anchor=False)
            st.markdown("\n".join(f"- {slip}" for slip in item.network.slips))
    if notes:
        st.subheader(f"Which {item.network.family} is this?", anchor=False)
        st.markdown("\n".join(f"- {_drop_question(note)}" for note in notes))
    st.caption(item.network.paper)


def _drop_question(note: str) -> str:
    """The heading asks it already."""
    return note.partition("? ")[2] if note.startswith("Which ") else note


def step_layer(page: PageState[CostControls], by: int) -> None:
    """Go to the next layer of the first network, or to the one before."""
    page.step("layer", [row.title for row in list_rows(page.at)], by)


def find_answers(at: Any) -> dict[str, float]:
    """Return the answers to the lesson's questions, of the layer that is worked out."""
    row = next((row for row in list_rows(at) if row.title == at.layer), None)
    if row is None:
        return {}
    return {
        "parameters": float(row.parameters),
        "operations": row.operations / 1e6,
        "memory": row.memory_bytes / 1024,
    }


def write_program(at: Any) -> dict[str, object]:
    """Return the constants of the page's program."""
    convention = make_convention(at)
    return {
        "NETWORK": at.architecture,
        "SIZE": at.size or None,
        "FOLD": at.fold,
        "TWICE": convention.twice,
        **{name.upper(): name in at.also for name in EXTRAS},
    }

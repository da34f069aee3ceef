"""The cost page's parts: totals, bars, table, one layer worked out, conventions."""

from dataclasses import dataclass
from typing import Any

import streamlit as st

from cnnviz.cost import CostTable, compute_costs
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
from cnnviz.web.costs.controls import Choices
from cnnviz.web.url_values import check_choice
from cnnviz.zoo.architecture import Architecture
from cnnviz.zoo.architectures import get_architecture
from cnnviz.zoo.reported import Reported
from cnnviz.zoo.torchvision_list import read_reported

_LAYER = "layer"


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


# A table of the longest network, 1,100 operations, takes half a megabyte.
@st.cache_resource(max_entries=64, show_spinner="Following the shapes through the network …")
def get_costs(name: str, size: int) -> CostTable:
    """Return a network's cost table.

    Raises:
        CNNVizError: The network does not take this input size.
    """
    network = get_architecture(name)
    return compute_costs(lambda: network.build(size), input_shape=(network.channels, size, size))


@st.cache_resource(max_entries=128, show_spinner=False)
def get_reported(name: str) -> tuple[Reported, ...]:
    """Return what torchvision reports of one of its classifiers."""
    return read_reported(name)


def measure(choices: Choices) -> list[Measured]:
    """Measure what was chosen; where a size does not fit, show its formula instead."""
    found = []
    for network in choices.networks:
        size = choices.input_size(network)
        try:
            table = get_costs(network.name, size)
        except CNNVizError as error:
            st.markdown(f"**{network.title} at {size}×{size}**")
            show_error(error)
        else:
            rows = fold_rows(table, fold=Fold.LAYERS, convention=choices.convention)
            found.append(Measured(network=network, size=size, table=table, rows=rows))
    return found


def show_networks(
    measured: list[Measured], convention: Convention, *, selected: str | None
) -> None:
    """Show each network's totals and bars, side by side, to one scale.

    Args:
        measured: One or two networks.
        convention: What counts as an operation.
        selected: The first network's layer to point out; None for none.
    """
    limits = find_limits(*(item.rows for item in measured))
    for place, column in enumerate(st.columns(len(measured), gap="large")):
        with column:
            _show_totals(measured[place], convention)
            mark = selected if place == 0 else None
            _show_bars(measured[place], convention=convention, limits=limits, selected=mark)
    if len(measured) > 1:
        st.caption("Both networks are drawn to one scale.")


def _show_totals(item: Measured, convention: Convention) -> None:
    network, table = item.network, item.table
    st.subheader(f"{network.title} at {item.size}×{item.size}", anchor=False)
    st.caption(f"{network.year} · {network.idea}")
    with st.container(horizontal=True, gap="small"):
        operations = format_quantity(sum_operations(table, convention))
        st.metric("Parameters", format_quantity(table.parameters), border=True)
        st.metric(write_unit(convention), operations, border=True)
        st.metric("Activations", format_bytes(table.memory_bytes), border=True)
    st.markdown(summarize_costs(item.rows))


def _show_bars(
    item: Measured, *, convention: Convention, limits: Limits, selected: str | None
) -> None:
    key = f"bars-{item.network.name}-{selected is not None}"
    figure = draw_bars(item.rows, unit=write_unit(convention), limits=limits, selected=selected)
    st.plotly_chart(
        figure,
        key=key,
        on_select=(lambda: _take_click(key, item.rows)) if selected else "ignore",
        selection_mode="points",
        config={"displaylogo": False},
        alt=(
            f"Bars of memory, parameters and {write_unit(convention).lower()} for each layer of "
            f"{item.network.title}, from the input to the output."
        ),
    )


def _take_click(key: str, rows: tuple[CostRow, ...]) -> None:
    points: list[dict[str, Any]] = st.session_state[key]["selection"]["points"]
    if points:
        st.session_state[_LAYER] = rows[int(points[0]["customdata"][0])].title


def show_table(item: Measured, *, fold: Fold, convention: Convention) -> None:
    """Show the table and offer it as CSV."""
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
        key=f"table-{item.network.name}",
    )
    st.download_button(
        "Table as CSV",
        write_csv(rows),
        file_name=f"{item.network.name}-{item.size}.csv",
        mime="text/csv",
        icon=":material/download:",
        on_click="ignore",
        key=f"csv-{item.network.name}",
    )
    if item.table.unused_parameters:
        st.caption(
            f"{format_count(item.table.unused_parameters)} parameters are in modules that run in "
            f"training "
            "only, such as auxiliary heads; the total counts them, no row does."
        )


def show_layer(item: Measured) -> str:
    """Work out one layer with its own numbers, and return its title."""
    titles = [row.title for row in item.rows]
    largest = max(range(len(titles)), key=lambda place: item.rows[place].operations)
    problem = check_choice(_LAYER, titles, aliases={}, noun="layer")
    if problem:
        st.warning(problem)
    if st.session_state.get(_LAYER, titles[0]) not in titles:
        st.session_state[_LAYER] = titles[largest]
    title = st.selectbox(
        "Layer (or click a bar)", titles, index=largest, key=_LAYER, bind="query-params"
    )
    row = item.rows[titles.index(title)]
    for name, formula in write_formulas(row):
        label, place = st.columns([1, 6], vertical_alignment="center")
        label.markdown(f"**{name}**")
        place.latex(formula)
    if row.field is not None:
        st.caption(
            f"A cell of this layer sees {row.field.size[0]}×{row.field.size[1]} pixels of the "
            f"input; its neighbour's view begins {row.field.jump[0]} further on."
        )
    return title


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

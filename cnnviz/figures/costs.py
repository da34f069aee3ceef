"""Bars of a network's memory, parameters and work, layer by layer."""

from dataclasses import dataclass

import plotly.graph_objects as go
from plotly.subplots import make_subplots

from cnnviz.costs.rows import CostRow, Share
from cnnviz.figures.format import format_bytes, format_quantity, format_shape

# Middle tones, to be told apart on a light and on a dark ground. Orange and blue are left to
# positive and negative.
_COLORS = {
    Share.CONVOLUTION: "#3F8F6B",
    Share.LINEAR: "#9A62B5",
    Share.ATTENTION: "#C25B7A",
    Share.POOLING: "#B58A1B",
    Share.OTHER: "#7F8BA0",
}
_TITLES = ("Memory of the activations, MB", "Parameters, millions", "{}, millions")
_NAMED_BARS = 34
_BAR_WIDTH = 0.82
_MAGNITUDES = (2**20, 10**6, 10**6)


@dataclass(frozen=True, slots=True)
class Limits:
    """Largest values of the three axes, so that two networks are drawn to one scale."""

    memory: float
    parameters: float
    operations: float


def find_limits(*tables: tuple[CostRow, ...]) -> Limits:
    """Find the largest bars among all tables."""
    rows = [row for table in tables for row in table]
    tops = [max(_measure(row)[place] for row in rows) * 1.06 or 1.0 for place in range(3)]
    return Limits(memory=tops[0], parameters=tops[1], operations=tops[2])


def _measure(row: CostRow) -> tuple[float, float, float]:
    memory, parameters, operations = _MAGNITUDES
    return (
        row.memory_bytes / memory,
        row.parameters / parameters,
        row.operations / operations,
    )


def draw_bars(
    rows: tuple[CostRow, ...], *, unit: str, limits: Limits, selected: str | None
) -> go.Figure:
    """Draw three rows of bars over the layers, the input at the left.

    Args:
        rows: The table's rows.
        unit: What the work is counted in.
        limits: Ends of the three axes.
        selected: Title of the row to point out; None for none.

    Returns:
        A figure whose bars carry their row's number as `customdata[0]`.
    """
    titles = [title.format(unit) for title in _TITLES]
    figure = make_subplots(
        rows=3, cols=1, shared_xaxes=True, vertical_spacing=0.09, subplot_titles=titles
    )
    for share in Share:
        members = [(place, row) for place, row in enumerate(rows) if row.share is share]
        for panel in range(3 if members else 0):
            bars = _make_bars(members, share=share, panel=panel, named=len(rows) <= _NAMED_BARS)
            figure.add_trace(bars, row=panel + 1, col=1)
    for panel, top in enumerate((limits.memory, limits.parameters, limits.operations), start=1):
        figure.update_yaxes(range=[0, top], nticks=4, row=panel, col=1)
    _mark(figure, rows, selected=selected)
    _name_bars(figure, rows)
    figure.update_annotations(x=0, xanchor="left", font_size=13)
    figure.update_layout(
        height=640,
        barmode="overlay",
        margin={"l": 44, "r": 8, "t": 92, "b": 8},
        legend={"orientation": "h", "x": 0, "y": 1.07, "yanchor": "bottom", "title": None},
        hoverlabel={"align": "left"},
        dragmode=False,
    )
    return figure


def _make_bars(
    members: list[tuple[int, CostRow]], *, share: Share, panel: int, named: bool
) -> go.Bar:
    return go.Bar(
        x=[place for place, _ in members],
        y=[_measure(row)[panel] for _, row in members],
        # By itself a trace's bars are as wide as its own bars stand apart.
        width=[_BAR_WIDTH if named else 1.0] * len(members),
        name=share.value,
        legendgroup=share.value,
        showlegend=panel == 0,
        marker={"color": _COLORS[share], "line": {"width": 0}},
        customdata=[[place, _describe(row)] for place, row in members],
        hovertemplate="%{customdata[1]}<extra></extra>",
    )


def _describe(row: CostRow) -> str:
    return (
        f"<b>{row.title}</b> · {row.kind}<br>{format_shape(row.input_shape)} → "
        f"{format_shape(row.output_shape)}<br>{format_bytes(row.memory_bytes)} · "
        f"{format_quantity(row.parameters)} parameters · "
        f"{format_quantity(row.operations)} operations"
    )


def _mark(figure: go.Figure, rows: tuple[CostRow, ...], *, selected: str | None) -> None:
    """Lay a band behind the selected layer's bars."""
    places = [place for place, row in enumerate(rows) if row.title == selected]
    for place in places[:1]:
        figure.add_vrect(
            x0=place - 0.5, x1=place + 0.5, fillcolor="#808080", opacity=0.18, line_width=0
        )


def _name_bars(figure: go.Figure, rows: tuple[CostRow, ...]) -> None:
    named = len(rows) <= _NAMED_BARS
    figure.update_xaxes(
        tickmode="array",
        tickvals=list(range(len(rows))) if named else [],
        ticktext=[row.title for row in rows] if named else [],
        tickangle=-60 if len(rows) > 8 else 0,
        range=[-0.6, len(rows) - 0.4],
        fixedrange=True,
        showgrid=False,
        zeroline=False,
    )
    figure.update_yaxes(fixedrange=True, zeroline=False)

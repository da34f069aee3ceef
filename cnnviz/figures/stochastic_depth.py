"""Stochastic depth and drop-path drawn and written."""

import plotly.graph_objects as go
from torch import Tensor

from cnnviz.figures.colors import CATEGORY_COLORS
from cnnviz.figures.curves import lay_out_curves
from cnnviz.figures.format import (
    format_latex,
    format_number,
    format_percent,
    format_setting,
    hover_percent,
)
from cnnviz.labs.stochastic_depth import BLOCKS, COLUMNS, JOINS, DepthRace, Dropping, list_survival

DROPPINGS = {
    Dropping.STOCHASTIC_DEPTH: "Stochastic depth",
    Dropping.LOCAL: "Drop-path, local",
    Dropping.GLOBAL: "Drop-path, global",
}
_ON, _OTHER, _OFF = CATEGORY_COLORS[0], CATEGORY_COLORS[1], "rgba(128,128,128,0.15)"


def name_switches(dropping: Dropping) -> list[str]:
    """Return what each switch is of: a block, a path into a join, or a column, by its layers."""
    if dropping is Dropping.STOCHASTIC_DEPTH:
        return [f"block {place}" for place in range(1, BLOCKS + 1)]
    if dropping is Dropping.GLOBAL:
        return [f"column of {2**column}" for column in range(COLUMNS)]
    return [
        f"join {place}, column of {2**column}"
        for place, join in enumerate(JOINS, start=1)
        for column in join
    ]


def draw_switches(switches: Tensor, dropping: Dropping, *, steps: int) -> go.Figure:
    """Draw which blocks or paths were on in each training step.

    Args:
        switches: bool (steps so far, switches).
        dropping: What they are of.
        steps: Of the whole training.
    """
    names = name_switches(dropping)
    done = len(switches)
    figure = go.Figure()
    figure.add_heatmap(
        x=list(range(1, done + 1)),
        y=names,
        z=switches.T.int().numpy(),
        colorscale=[[0, _OFF], [1, _ON]],
        zmin=0,
        zmax=1,
        showscale=False,
        ygap=2,
        hovertemplate="step %{x}, %{y}: %{z}<extra></extra>",
    )
    lay_out_curves(figure, x="training step", height=300)
    figure.update_layout(
        xaxis={"range": [0.5, steps + 0.5]},
        yaxis={"autorange": "reversed"},
        margin={"l": 130 if dropping is not Dropping.STOCHASTIC_DEPTH else 64},
    )
    return figure


def draw_accuracies(race: DepthRace) -> go.Figure:
    """Draw the held-out accuracy of both whole networks by step."""
    figure = go.Figure()
    parts = (("all on in training", _OTHER), ("with switches", _ON))
    for (name, color), values in zip(parts, race.accuracies, strict=True):
        figure.add_scatter(
            x=race.steps,
            y=[100 * value for value in values],
            name=name,
            line={"color": color, "width": 3},
            hovertemplate=f"{name}, step %{{x}}: {hover_percent('y')}<extra></extra>",
        )
    lay_out_curves(figure, x="training step", y="held-out accuracy, %", height=300)
    figure.update_layout(yaxis={"range": [0, 102]})
    return figure


def draw_parts(race: DepthRace, dropping: Dropping) -> go.Figure:
    """Draw the held-out accuracy of parts of both networks as bars."""
    figure = go.Figure()
    for place, (name, color) in enumerate((("all on in training", _OTHER), ("with switches", _ON))):
        values = [both[place] for both in race.parts.values()]
        figure.add_bar(
            x=list(race.parts),
            y=[100 * value for value in values],
            name=name,
            marker={"color": color},
            text=[format_percent(value, digits=0) for value in values],
            textposition="auto",
            hovertemplate=f"{name}, %{{x}}: {hover_percent('y')}<extra></extra>",
        )
    is_depth = dropping is Dropping.STOCHASTIC_DEPTH
    title = "blocks that are left" if is_depth else "column alone, by its layers"
    lay_out_curves(figure, x=title, y="accuracy, %", height=240)
    figure.update_layout(yaxis={"range": [0, 102]}, bargap=0.25)
    return figure


def write_survival(rate: float) -> str:
    """Write how probably the first and the last block stay, with its numbers, as LaTeX."""
    first, *_, last = (format_latex(format_number(one)) for one in list_survival(rate))
    top = format_latex(format_setting(rate))
    return (
        rf"p_\ell = 1 - \frac{{\ell}}{{{BLOCKS}}} \cdot {top}: \quad "
        rf"p_1 = {first}, \; p_{{{BLOCKS}}} = {last}"
    )

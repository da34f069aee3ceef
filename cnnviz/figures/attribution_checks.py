"""Checks of attribution maps as charts, tables and sentences."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import plotly.graph_objects as go

from cnnviz.attribution.checks.agreement import Agreement
from cnnviz.attribution.checks.faithfulness import Faithfulness
from cnnviz.attribution.checks.pointing_score import read_score
from cnnviz.attribution.checks.randomization import Stage
from cnnviz.attribution.result import Method
from cnnviz.figures.attribution import pack_map
from cnnviz.figures.format import (
    format_count,
    format_number,
    format_percent,
    hover_number,
    hover_percent,
)
from cnnviz.networks.load import LoadedModel
from cnnviz.networks.zoo.lineage import MEMBERS

# A chart of correlations shows at least this far below zero.
_MIN_CORRELATION = -0.4
_OPPOSITE = [[0, "#3B6FB6"], [0.5, "#F3E9DC"], [1, "#D96721"]]


def pack_stage(stage: Stage, *, signed: bool) -> list[dict[str, Any]]:
    """Pack the maps of a stage for panels, each with its rank correlation."""
    return [
        pack_map(
            values,
            name="trained" if not stage.count else f"{stage.count} random layers",
            note=f"correlation {format_number(stage.signed[name])}" if stage.count else "",
            label=f"{name}, {stage.count} random layers",
            signed=signed,
        )
        for name, values in stage.maps.items()
    ]


def draw_cascade(
    stages: Sequence[Stage], *, labels: Sequence[str], at: int, absolute: bool
) -> go.Figure:
    """Draw each method's rank correlation with its own map of the trained network.

    Args:
        stages: The cascade's moments.
        labels: One a moment, for the axis.
        at: Which moment is pointed out.
        absolute: Whether magnitudes are compared, not signed values.
    """
    figure = go.Figure()
    places = list(range(len(stages)))
    least = _MIN_CORRELATION
    for name in stages[0].maps:
        kept = [stage.absolute if absolute else stage.signed for stage in stages]
        least = min(least, *(values[name] for values in kept))
        figure.add_scatter(
            x=places,
            y=[
                None if name in stage.level else values[name]
                for stage, values in zip(stages, kept, strict=True)
            ],
            name=name,
            mode="lines+markers",
            customdata=labels[: len(stages)],
            hovertemplate=f"%{{customdata}}: {hover_number('y')}<extra>{name}</extra>",
        )
    figure.add_vline(x=at, line={"width": 2, "dash": "dot", "color": "#8A8577"})
    figure.update_layout(
        height=330,
        margin={"l": 48, "r": 8, "t": 8, "b": 8},
        legend={"orientation": "h", "y": 1.02, "yanchor": "bottom"},
        xaxis={
            "title": {"text": "random down to"},
            "tickvals": places,
            "ticktext": list(labels[: len(stages)]),
            "tickangle": -40,
            "automargin": True,
        },
        yaxis={"title": {"text": "rank correlation"}, "range": [least - 0.05, 1.05]},
    )
    return figure


def draw_curves(
    found: Mapping[str, Faithfulness], *, deletion: bool, random_order: str
) -> go.Figure:
    """Draw the deletion or insertion curves of several maps.

    Args:
        found: Curves by name.
        deletion: Which of the two.
        random_order: Name of the curve that is drawn faintly, to compare with.
    """
    figure = go.Figure()
    for name, curves in found.items():
        shown = curves.deletion if deletion else curves.insertion
        figure.add_scatter(
            x=(100 * curves.shares).tolist(),
            y=(100 * shown).tolist(),
            name=name,
            mode="lines",
            line={"color": "#8A8577", "dash": "dot"} if name == random_order else {"width": 2.4},
            hovertemplate=(
                f"{hover_percent('x')} of the pixels: {hover_percent('y')}<extra>{name}</extra>"
            ),
        )
    what = "taken away" if deletion else "given back"
    figure.update_layout(
        height=330,
        margin={"l": 48, "r": 8, "t": 8, "b": 40},
        legend={"orientation": "h", "y": 1.02, "yanchor": "bottom"},
        xaxis={"title": {"text": f"pixels {what}, %"}, "range": [0, 100]},
        yaxis={"title": {"text": "the class's probability, %"}, "rangemode": "tozero"},
    )
    return figure


# What the columns of `tabulate_areas` say, and whether a small or a large value is good.
AREA_HELPS = {
    "Deletion ↓": "Area below the deletion curve: lower is better",
    "Insertion ↑": "Area below the insertion curve: higher is better",
    "Infidelity ↓": "How wrong the map predicts the loss of the logit: lower is better",
    "Sensitivity ↓": "How far the map changes with tiny noise: lower is better",
}


def tabulate_areas(found: Mapping[str, Faithfulness]) -> dict[str, list[Any]]:
    """Arrange the areas below the curves by column, the best insertion first.

    An arrow says whether a small or a large value is good, as in papers.
    """
    order = sorted(found, key=lambda name: -found[name].insertion_area)
    table: dict[str, list[Any]] = {
        "Method": order,
        "Deletion ↓": [found[name].deletion_area for name in order],
        "Insertion ↑": [found[name].insertion_area for name in order],
    }
    if any(each.infidelity is not None for each in found.values()):
        table["Infidelity ↓"] = [found[name].infidelity for name in order]
        table["Sensitivity ↓"] = [found[name].sensitivity for name in order]
    return table


def write_curves_csv(found: Mapping[str, Faithfulness]) -> str:
    """Write the curves as CSV: a line for each method and share."""
    lines = ["method,share,deletion,insertion"]
    for name, curves in found.items():
        rows = zip(
            curves.shares.tolist(),
            curves.deletion.tolist(),
            curves.insertion.tolist(),
            strict=True,
        )
        lines += [f"{name},{a:.6g},{b:.6g},{c:.6g}" for a, b, c in rows]
    return "\n".join(lines) + "\n"


def describe_kept(stage: Stage, *, absolute: bool) -> str:
    """Say what is left of each method's correlation at a stage."""
    kept = stage.absolute if absolute else stage.signed
    return ", ".join(
        f"{name} {'has no map' if name in stage.level else format_number(kept[name])}"
        for name in stage.maps
    )


def write_cascade_csv(stages: Sequence[Stage]) -> str:
    """Write the cascade as CSV: a line for each moment and method."""
    lines = ["layers_random,newly_random,method,rank_correlation,rank_correlation_of_magnitudes"]
    for stage in stages:
        layers = " ".join(stage.layers)
        lines += [
            f"{stage.count},{layers},{name},{stage.signed[name]:.6g},{stage.absolute[name]:.6g}"
            for name in stage.maps
        ]
    return "\n".join(lines) + "\n"


def describe_pointing(model: LoadedModel) -> str:
    """Say how often Grad-CAM points at the right one of two objects, or how to measure it."""
    title, name = model.spec.title, model.spec.name
    score = read_score(model.card)
    if score is not None:
        both = format_percent(score.both / score.pairs)
        single = format_percent(score.single / (2 * score.pairs))
        return (
            f"- Pointing game: in {format_count(score.pairs)} pairs of held-out photographs side "
            f"by side, Grad-CAM of {title} peaked on the right half for both classes in "
            f"**{both}** (chance 25 %), and for single maps in {single} (chance 50 %). The network "
            "classifies all of these photographs correctly."
        )
    if any(member.name == name for member in MEMBERS):
        return (
            f"- The pointing game of {title} has not been measured. `python -m "
            f"cnnviz.attribution.checks.pointing {name} --data DIR --write-card` measures it."
        )
    return f"- The pointing game of {title} is not known: it needs the networks of 64 pixels."


def draw_agreement(found: Agreement, *, absolute: bool) -> go.Figure:
    """Draw rank correlations as a matrix whose cells can be clicked.

    A mark of each cell holds the two methods, divided by a tilde.
    """
    values = found.absolute if absolute else found.signed
    names = [str(one) for one in found.methods]
    pairs = [(row, column) for row in range(len(names)) for column in range(len(names))]
    figure = go.Figure(
        go.Heatmap(
            z=[[None if math.isnan(each) else float(each) for each in row] for row in values],
            x=names,
            y=names,
            zmin=-1,
            zmax=1,
            colorscale=_OPPOSITE,
            text=[["" if math.isnan(each) else f"{each:z.1f}" for each in row] for row in values],
            texttemplate="%{text}",
            showscale=False,
            xgap=1,
            ygap=1,
            hoverinfo="skip",
        )
    )
    figure.add_scatter(
        x=[names[column] for _, column in pairs],
        y=[names[row] for row, _ in pairs],
        mode="markers",
        marker={"symbol": "square", "size": 22, "opacity": 0},
        customdata=[[f"{names[row]}~{names[column]}"] for row, column in pairs],
        text=[_write_correlation(values[row, column]) for row, column in pairs],
        hovertemplate="%{y}<br>%{x}<br>%{text}<extra></extra>",
    )
    figure.update_layout(
        height=150 + 26 * len(names),
        margin={"l": 8, "r": 8, "t": 8, "b": 8},
        showlegend=False,
        dragmode=False,
        xaxis={"side": "top", "tickangle": -60, "automargin": True, "showgrid": False},
        yaxis={"autorange": "reversed", "automargin": True, "showgrid": False},
    )
    return figure


def _write_correlation(value: float) -> str:
    return "the map has one value" if math.isnan(value) else format_number(value)


def describe_pair(found: Agreement, pair: Sequence[Method]) -> str:
    """Say how far two methods' maps agree."""
    first, second = (found.methods.index(one) for one in (pair[0], pair[-1]))
    signed, absolute = found.signed[first, second], found.absolute[first, second]
    return (
        f"**{pair[0]}** and **{pair[-1]}**: rank correlation {_write_correlation(signed)}, of "
        f"magnitudes {_write_correlation(absolute)}."
    )


def write_agreement_csv(found: Agreement) -> str:
    """Write the correlations as CSV: a line for each two methods."""
    lines = ["method,other,rank_correlation,rank_correlation_of_magnitudes"]
    for row, name in enumerate(found.methods):
        lines += [
            f"{name},{other},{found.signed[row, column]:.6g},{found.absolute[row, column]:.6g}"
            for column, other in enumerate(found.methods)
        ]
    return "\n".join(lines) + "\n"

"""Shape bias over a set of cue conflicts as a chart, sentences and tables."""

from collections.abc import Sequence

import plotly.graph_objects as go

from cnnviz.figures.format import format_latex, format_percent, hover_percent
from cnnviz.figures.texture import SHAPE_COLOR, TEXTURE_COLOR, name_classes
from cnnviz.figures.tiles import Tile
from cnnviz.networks.load import LoadedModel
from cnnviz.shape_texture.bias import (
    PAPER_HUMANS,
    PAPER_RESNET50,
    Naming,
    Rule,
    Tally,
    decide,
    is_conflict,
)
from cnnviz.shape_texture.images import LabelledImage
from cnnviz.shape_texture.trials import BiasRun

_QUIET = "#8A8577"


def name_conflicts(pairs: Sequence[tuple[LabelledImage, LabelledImage]]) -> list[Tile]:
    """Name the tiles of conflicts by the images that their shape and texture are of."""
    return [
        Tile(
            place,
            shape.short_name,
            texture.short_name,
            f"shape: {shape.name}, texture: {texture.name}",
            f"Shape of {shape.name} with the texture of {texture.name}",
        )
        for place, (shape, texture) in enumerate(pairs)
    ]


def draw_bias(tallies: Sequence[Tally], *, maker: str) -> go.Figure:
    """Draw each network's shape bias with its 95 % interval, beside the paper's figures.

    Args:
        tallies: Of each network.
        maker: Name of the network whose features made the conflicts; its bar is greyed.
    """
    names = [f"<b>{one.title}</b><br>{describe_count(one)}" for one in tallies]
    shares = [100 * (one.bias or 0.0) for one in tallies]
    lows = [share - 100 * one.interval[0] for one, share in zip(tallies, shares, strict=True)]
    highs = [100 * one.interval[1] - share for one, share in zip(tallies, shares, strict=True)]
    known = [one.bias is not None for one in tallies]
    figure = go.Figure(
        go.Bar(
            x=shares,
            y=names,
            orientation="h",
            width=0.55,
            marker={"color": [_QUIET if one.network == maker else SHAPE_COLOR for one in tallies]},
            error_x={
                "type": "data",
                "symmetric": False,
                "array": [high if there else 0 for high, there in zip(highs, known, strict=True)],
                "arrayminus": [low if there else 0 for low, there in zip(lows, known, strict=True)],
                "color": TEXTURE_COLOR,
                "thickness": 1.5,
            },
            hovertemplate=f"%{{y}}: {hover_percent('x')}<extra></extra>",
        )
    )
    # One above the other: on a phone they would not fit side by side.
    for share, name, side, lift in (
        (PAPER_HUMANS, "people (paper)", "left", 16),
        (PAPER_RESNET50, "ResNet-50 (paper)", "right", 0),
    ):
        figure.add_vline(x=100 * share, line={"color": _QUIET, "width": 1.5, "dash": "dash"})
        figure.add_annotation(
            x=100 * share,
            y=1.0,
            yref="paper",
            yanchor="bottom",
            yshift=lift,
            xanchor="right" if side == "left" else "left",
            showarrow=False,
            text=f"{name}: {format_percent(share)}",
            font={"size": 11},
        )
    figure.update_layout(
        height=136 + 72 * len(tallies),
        margin={"l": 8, "r": 8, "t": 76, "b": 8},
        xaxis={"title": {"text": "shape bias, %"}, "range": [0, 104], "zeroline": False},
        yaxis={"autorange": "reversed", "automargin": True},
        showlegend=False,
    )
    return figure


def describe_count(tally: Tally) -> str:
    """Say how many pairs a bar stands on."""
    return f"{tally.shape} shape, {tally.texture} texture,<br>{tally.neither} neither"


def tabulate_bias(tallies: Sequence[Tally], *, maker: str) -> list[dict[str, object]]:
    """Make a table of the decisions."""
    return [
        {
            "network": one.title,
            "images that count": one.images,
            "pairs": one.pairs,
            "shape": one.shape,
            "texture": one.texture,
            "neither": one.neither,
            "shape bias, %": None if one.bias is None else round(100 * one.bias, 1),
            "95 % from": round(100 * one.interval[0], 1),
            "to": round(100 * one.interval[1], 1),
            "made with its own features": one.network == maker,
        }
        for one in tallies
    ]


def list_decisions(
    run: BiasRun, models: Sequence[LoadedModel], names: Sequence[str]
) -> list[dict[str, object]]:
    """List every cue conflict of a set with each network's top-1 class and decision."""
    rows: list[dict[str, object]] = []
    for place, one in enumerate(run.stimuli):
        row: dict[str, object] = {
            "shape": names[one.shape],
            "texture": names[one.texture],
            "made with": one.maker or "patches",
        }
        for model in models:
            cues = run.cues[model.spec.name]
            said = run.answers[model.spec.name][place]
            shape, texture = cues[one.shape], cues[one.texture]
            made = "not counted"
            if is_conflict(shape, texture):
                made = decide(said, shape=shape, texture=texture, rule=Rule.FIRST)
            row[f"{model.spec.title} predicts"] = name_classes(
                model, frozenset({int(said.argmax())})
            )
            row[f"{model.spec.title} decides"] = str(made)
        rows.append(row)
    return rows


def describe_tally(tally: Tally, run: BiasRun, *, maker: str, naming: Naming) -> str:
    """Say what a network's bias is and on how many conflicts it stands.

    Args:
        tally: The network's decisions.
        run: The measurement.
        maker: Name of the network whose features made the conflicts.
        naming: What an image was taken to show.
    """
    how = "predicted correctly" if naming is Naming.TRUTH else "counted by their top-1 class"
    start = (
        f"**{tally.title}**: {tally.images} of {run.images} images are {how}, and "
        f"{tally.pairs} of {len(run.stimuli)} conflicts count for it: "
    )
    if tally.bias is None:
        return f"{start}it predicted none by either cue, so there is no shape bias."
    bias, low, high = (format_percent(one, digits=0) for one in (tally.bias, *tally.interval))
    own = " The conflicts were made with its own features." if tally.network == maker else ""
    return f"{start}shape bias **{bias}**, 95 % confidence interval {low} to {high}.{own}"


def write_bias(tally: Tally) -> str:
    """Write a shape bias with its counts as a formula."""
    value = "?" if tally.bias is None else format_latex(format_percent(tally.bias, digits=0))
    return (
        r"b = \frac{\text{shape}}{\text{shape} + \text{texture}} = "
        rf"\frac{{{tally.shape}}}{{{tally.shape} + {tally.texture}}} = {value}"
    )

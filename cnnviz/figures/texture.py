"""Shape against texture as cards, charts and tables: what each network says, and its bias."""

import csv
import io
from collections.abc import Mapping, Sequence

import plotly.graph_objects as go
from torch import Tensor

from cnnviz.class_names import identify_classes, write_class
from cnnviz.corruptions import STRENGTHS, Corruption
from cnnviz.figures.format import (
    format_latex,
    format_number,
    format_percent,
    format_probability,
    format_setting,
    hover_number,
    hover_percent,
)
from cnnviz.inference import LoadedModel, Prediction
from cnnviz.texture.bias import (
    PAPER_HUMANS,
    PAPER_RESNET50,
    Rule,
    Tally,
    decide,
    is_conflict,
)
from cnnviz.texture.style import StyleTransfer
from cnnviz.texture.trials import BiasRun, RobustnessCurve, list_points

_SHAPE, _TEXTURE, _QUIET = "#3674B9", "#D96721", "#8A8577"
_TOP = 5

Card = dict[str, object]


def pack_card(
    model: LoadedModel,
    predictions: Sequence[Prediction],
    *,
    cues: tuple[frozenset[int], frozenset[int]],
    note: str = "",
) -> Card:
    """Pack what one network says of a cue conflict.

    Args:
        model: The network.
        predictions: Of the shape image, the texture image and the conflict.
        cues: Classes of the two images.
        note: One line below the decision.
    """
    shape, texture = cues
    said = predictions[2].probabilities
    if is_conflict(shape, texture):
        tone = str(decide(said, shape=shape, texture=texture, rule=Rule.FIRST))
        head = {"shape": "Shape", "texture": "Texture", "neither": "Neither"}[tone]
    else:
        tone, head = "", "No conflict"
        note = "Both originals have the same top-1 class."
    return {
        "title": model.spec.title,
        "year": model.spec.year,
        "head": head,
        "tone": tone,
        "note": note,
        "guesses": list_guesses(model, predictions[2], shape=shape, texture=texture),
    }


def pack_distorted_card(model: LoadedModel, clean: Prediction, now: Prediction) -> Card:
    """Pack what one network says of a distorted image beside what it says of the clean one."""
    before = clean.ranking[0]
    share = format_probability(float(clean.probabilities[before]))
    kept = now.ranking[0] == before
    name = name_classes(model, frozenset({before}))
    return {
        "title": model.spec.title,
        "year": model.spec.year,
        "head": name_classes(model, frozenset({now.ranking[0]})),
        "tone": "" if kept else "texture",
        "note": f"undistorted: {name}, {share}",
        "guesses": list_guesses(model, now, shape=frozenset({before}), texture=frozenset()),
    }


def list_guesses(
    model: LoadedModel,
    prediction: Prediction,
    *,
    shape: frozenset[int],
    texture: frozenset[int],
) -> list[dict[str, object]]:
    """List the five likeliest classes, each with the cue whose class it is."""
    found: list[dict[str, object]] = []
    for index in prediction.ranking[:_TOP]:
        share = float(prediction.probabilities[index])
        tone = "shape" if index in shape else "texture" if index in texture else ""
        name = name_classes(model, frozenset({index}))
        found.append(
            {"name": name, "share": share, "text": format_probability(share), "tone": tone}
        )
    return found


def name_classes(model: LoadedModel, classes: frozenset[int]) -> str:
    """Name classes by their plainest words."""
    identities = identify_classes(model.spec)
    return ", ".join(write_class(identities[index]) for index in sorted(classes)[:2])


def write_gram_formula(
    grams: Sequence[Tensor], *, places: int, names: Sequence[str]
) -> tuple[str, ...]:
    """Write the Gram matrix, with the entry that the texture has the most of beside the others.

    Args:
        grams: Of the shape image, the texture image and the conflict, (C, C).
        places: Of the layer's maps.
        names: Of the three.
    """
    texture = grams[1].clone()
    texture.fill_diagonal_(0)
    place = int(texture.argmax())
    row, column = divmod(place, texture.shape[1])
    entries = [format_latex(format_number(float(gram[row, column]))) for gram in grams]
    told = [
        rf"G^{{\text{{{name}}}}}_{{{row},{column}}} = {entry}"
        for name, entry in zip(names, entries, strict=True)
    ]
    formula = (
        rf"G_{{ij}} = \frac{{1}}{{M}} \sum_{{k=1}}^{{M}} F_{{ik}} F_{{jk}}, \quad M = {places}"
    )
    return formula, r",\;\; ".join(told[:2]), told[2]


def write_loss_formula(transfer: StyleTransfer, *, weight: float, layers: int) -> tuple[str, str]:
    """Write what was made small, and the last step's numbers in it."""
    content, style = transfer.content[-1], transfer.style[-1]
    formula = (
        r"L = \frac{\lVert F - P \rVert^2}{\lVert P \rVert^2} + w \cdot \frac{1}{"
        rf"{layers}" + r"} \sum_l \frac{\lVert G_l - A_l \rVert^2}{\lVert A_l \rVert^2}"
    )
    total, *terms = (
        format_latex(format_number(value)) for value in (content + weight * style, content, style)
    )
    told = rf"= {terms[0]} + {format_setting(weight)} \cdot {terms[1]} = {total}"
    return formula, told


def draw_losses(transfer: StyleTransfer) -> go.Figure:
    """Draw both losses against the steps, the axis as long as the whole run."""
    steps = list(range(1, len(transfer.content) + 1))
    figure = go.Figure(
        [
            go.Scatter(
                x=steps,
                y=list(values),
                name=name,
                mode="lines",
                line={"color": color, "width": 2},
                hovertemplate=f"{name}, step %{{x}}: {hover_number('y')}<extra></extra>",
            )
            for name, values, color in (
                ("content (shape)", transfer.content, _SHAPE),
                ("style (texture)", transfer.style, _TEXTURE),
            )
        ]
    )
    figure.update_layout(
        height=230,
        margin={"l": 8, "r": 8, "t": 8, "b": 8},
        legend={"orientation": "h", "yanchor": "bottom", "y": 1.0, "x": 0},
        xaxis={"title": {"text": "step"}, "range": [0, transfer.steps], "zeroline": False},
        yaxis={"title": {"text": "loss"}, "rangemode": "tozero"},
    )
    return figure


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
            marker={"color": [_QUIET if one.network == maker else _SHAPE for one in tallies]},
            error_x={
                "type": "data",
                "symmetric": False,
                "array": [high if there else 0 for high, there in zip(highs, known, strict=True)],
                "arrayminus": [low if there else 0 for low, there in zip(lows, known, strict=True)],
                "color": _TEXTURE,
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
        height=106 + 72 * len(tallies),
        margin={"l": 8, "r": 8, "t": 46, "b": 8},
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


def draw_robustness(curves: Sequence[RobustnessCurve], corruption: Corruption) -> go.Figure:
    """Draw how many images each network still names as before, against the strength."""
    points = list_points(corruption)
    figure = go.Figure()
    for curve in curves:
        if not curve.total:
            continue
        figure.add_trace(
            go.Scatter(
                x=points[: len(curve.kept)],
                y=[100 * kept / curve.total for kept in curve.kept],
                customdata=list(curve.kept),
                name=f"{curve.title} (of {curve.total})",
                mode="lines+markers",
                line={"width": 2.5},
                hovertemplate=f"<b>{curve.title}</b><br>%{{customdata}} of {curve.total} "
                "at %{x}<extra></extra>",
            )
        )
    unit = STRENGTHS[corruption].unit
    figure.update_layout(
        height=380,
        margin={"l": 8, "r": 8, "t": 8, "b": 8},
        legend={"orientation": "h", "yanchor": "bottom", "y": 1.0, "x": 0},
        showlegend=True,
        xaxis={
            "title": {"text": f"{corruption}, {unit}"},
            "range": [points[0], points[-1]],
            "zeroline": False,
        },
        yaxis={"title": {"text": "same top-1 class, %"}, "range": [-3, 103]},
    )
    return figure


def tabulate_robustness(
    curves: Sequence[RobustnessCurve], corruption: Corruption
) -> list[dict[str, object]]:
    """Make a table of the counts: a row a strength."""
    rows: list[dict[str, object]] = []
    for place, point in enumerate(list_points(corruption)):
        row: dict[str, object] = {str(corruption): point}
        for curve in curves:
            if place < len(curve.kept):
                row[f"{curve.title}, of {curve.total}"] = curve.kept[place]
        rows.append(row)
    return rows


def write_rows_csv(rows: Sequence[Mapping[str, object]]) -> bytes:
    """Write a table as CSV, the header first; unknown cells are left empty."""
    file = io.StringIO()
    writer = csv.DictWriter(file, list(rows[0]) if rows else [], lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return file.getvalue().encode()


def write_losses_csv(transfer: StyleTransfer) -> bytes:
    """Write both losses as CSV, a row a step."""
    return write_rows_csv(
        [
            {"step": step + 1, "content loss": content, "style loss": style}
            for step, (content, style) in enumerate(
                zip(transfer.content, transfer.style, strict=True)
            )
        ]
    )

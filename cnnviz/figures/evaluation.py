"""Networks on labelled images: accuracy, confusion matrix, calibration and robustness drawn."""

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from cnnviz.evaluation.calibration import Bin, find_calibration_error
from cnnviz.evaluation.run import CORRUPTION_POINTS, AccuracyCurve
from cnnviz.evaluation.scores import ClassScore, Confusion, Evaluation, NetworkScores, Outcome
from cnnviz.figures.colors import CATEGORY_COLORS
from cnnviz.figures.curves import lay_out_curves
from cnnviz.figures.format import format_count, format_percent, format_probability, hover_percent
from cnnviz.images.corruptions import STRENGTHS, Corruption

FORMATS = {"Images": "%d", "Time ms": "%.0f", "Calibration error %": "%.1f"}
_TOP1, _TOP5 = CATEGORY_COLORS[0], "rgba(128,128,128,0.45)"
_LOW, _HIGH, _INK = "#F3E9DC", "#D96721", "#1D2433"
_HEIGHT = 430
_WRITTEN = 15  # labels, up to which the counts stand in the cells
_OTHER = "other classes"


def draw_accuracy(networks: Sequence[NetworkScores]) -> go.Figure:
    """Draw top-1 accuracy of each network within its top-5 accuracy."""
    figure = go.Figure()
    titles = [one.spec.title for one in networks]
    for name, color, width, scores in (
        ("top-5", _TOP5, 0.62, [one.top5 for one in networks]),
        ("top-1", _TOP1, 0.38, [one.top1 for one in networks]),
    ):
        figure.add_bar(
            y=titles,
            x=[score.percent for score in scores],
            orientation="h",
            name=name,
            width=width,
            marker={"color": color},
            text=[format_percent(score.correct / score.total) for score in scores],
            textposition="inside" if name == "top-1" else "none",
            insidetextanchor="start",
            textfont={"size": 15},
            customdata=[
                f"{format_count(score.correct)} of {format_count(score.total)}" for score in scores
            ],
            hovertemplate=f"<b>%{{y}}</b><br>{name}: {hover_percent('x')}, "
            "%{customdata}<extra></extra>",
        )
    lay_out_curves(figure, x="accuracy, %", height=110 + 56 * len(networks))
    figure.update_layout(
        barmode="overlay",
        xaxis={"range": [0, 102]},
        yaxis={"autorange": "reversed", "automargin": True},
        legend={"traceorder": "reversed"},
    )
    return figure


def tabulate_networks(networks: Sequence[NetworkScores]) -> list[dict[str, object]]:
    """Return a row for each network."""
    return [
        {
            "Network": one.spec.title,
            "Top-1 %": one.top1.percent,
            "Top-5 %": one.top5.percent,
            "Images": len(one.outcomes),
            "Calibration error %": 100 * find_calibration_error(one.find_bins()),
            "Time ms": 1000 * one.seconds / len(one.outcomes),
        }
        for one in networks
    ]


def tabulate_classes(classes: Sequence[ClassScore]) -> list[dict[str, object]]:
    """Return a row for each class."""
    return [
        {
            "Class": one.name,
            "Top-1 %": one.top1.percent,
            "Top-5 %": one.top5.percent,
            "Images": one.top1.total,
            "Most frequent mistake": one.mistaken,
        }
        for one in classes
    ]


def tabulate_confusion(confusion: Confusion) -> list[dict[str, object]]:
    """Return a row for each label: how often its images get each class."""
    columns = (*confusion.names, _OTHER)
    return [
        {"label": name, **dict(zip(columns, counts.tolist(), strict=True))}
        for name, counts in zip(confusion.names, confusion.counts, strict=True)
    ]


def draw_confusion(confusion: Confusion) -> go.Figure:
    """Draw how often the images of a label (row) get the class of another (column)."""
    counts = confusion.counts
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    columns = (*confusion.names, _OTHER)[: counts.shape[1]]
    is_written = len(confusion.names) <= _WRITTEN
    figure = go.Figure(
        go.Heatmap(
            z=shares,
            x=columns,
            y=confusion.names,
            text=np.where(counts > 0, counts.astype(str), "") if is_written else None,
            texttemplate="%{text}" if is_written else None,
            textfont={"color": _INK},
            customdata=counts,
            zmin=0,
            zmax=1,
            colorscale=[[0, _LOW], [1, _HIGH]],
            showscale=False,
            xgap=1,
            ygap=1,
            hovertemplate="label %{y}<br>predicted %{x}<br>%{customdata} images<extra></extra>",
        )
    )
    figure.update_layout(
        height=_HEIGHT,
        margin={"l": 8, "r": 8, "t": 8, "b": 8},
        xaxis={"title": {"text": "predicted"}, "tickangle": -45},
        yaxis={"title": {"text": "label"}, "autorange": "reversed"},
    )
    # Categories also where the labels are digits, which plotly would read as numbers.
    figure.update_xaxes(type="category", automargin=True, showgrid=False)
    figure.update_yaxes(type="category", automargin=True, showgrid=False)
    return figure


def draw_calibration(networks: Sequence[NetworkScores]) -> go.Figure:
    """Draw accuracy against confidence for each network; on the diagonal both are equal."""
    figure = go.Figure()
    figure.add_scatter(
        x=[0, 100],
        y=[0, 100],
        mode="lines",
        name="calibrated",
        line={"color": "gray", "dash": "dot"},
        hoverinfo="skip",
    )
    for place, scores in enumerate(networks):
        bins = scores.find_bins()
        figure.add_scatter(
            x=[100 * one.confidence for one in bins],
            y=[100 * one.accuracy for one in bins],
            mode="lines+markers",
            name=f"{scores.spec.title}: ECE {format_percent(find_calibration_error(bins))}",
            line={"color": CATEGORY_COLORS[place % len(CATEGORY_COLORS)], "width": 2.5},
            marker={"size": [_find_size(one, bins) for one in bins]},
            customdata=[one.count for one in bins],
            hovertemplate=f"<b>{scores.spec.title}</b><br>confidence {hover_percent('x')}, "
            f"accuracy {hover_percent('y')}<br>%{{customdata}} images<extra></extra>",
        )
    lay_out_curves(
        figure, x="confidence: probability of the top-1 class, %", y="accuracy, %", height=_HEIGHT
    )
    figure.update_layout(xaxis={"range": [0, 102]}, yaxis={"range": [-3, 105]}, showlegend=True)
    return figure


def _find_size(one: Bin, bins: Sequence[Bin]) -> float:
    """A marker's diameter: its area shows how many of the images it stands for."""
    return 6 + 22 * float(np.sqrt(one.count / sum(each.count for each in bins)))


def draw_robustness(curves: Sequence[AccuracyCurve], corruption: Corruption) -> go.Figure:
    """Draw top-1 accuracy against the strength of a corruption."""
    points = CORRUPTION_POINTS[corruption]
    figure = go.Figure()
    for place, curve in enumerate(curves):
        if not curve.total:
            continue
        figure.add_scatter(
            x=points[: len(curve.correct)],
            y=[100 * correct / curve.total for correct in curve.correct],
            customdata=list(curve.correct),
            name=curve.title,
            mode="lines+markers",
            line={"color": CATEGORY_COLORS[place % len(CATEGORY_COLORS)], "width": 2.5},
            hovertemplate=f"<b>{curve.title}</b><br>%{{customdata}} of {curve.total} "
            "at %{x}<extra></extra>",
        )
    title = f"{corruption}, {STRENGTHS[corruption].unit}"
    lay_out_curves(figure, x=title, y="top-1 accuracy, %", height=_HEIGHT)
    figure.update_layout(
        xaxis={"range": [0, points[-1]]}, yaxis={"range": [-3, 105]}, showlegend=True
    )
    return figure


def tabulate_robustness(
    curves: Sequence[AccuracyCurve], corruption: Corruption
) -> list[dict[str, object]]:
    """Return a row for each network and strength."""
    points = CORRUPTION_POINTS[corruption]
    return [
        {
            "network": curve.title,
            "corruption": str(corruption),
            "strength": strength,
            "top-1 correct": correct,
            "images": curve.total,
        }
        for curve in curves
        for strength, correct in zip(points, curve.correct, strict=False)
    ]


def describe_mistake(scores: NetworkScores, one: Outcome) -> tuple[str, str]:
    """Return the wrong class with its confidence, and what the image shows."""
    said = f"{scores.name_class(one.ranking[0])}, {format_probability(one.confidence)}"
    return said, f"not {scores.name_label(one.image.label, one.truth)}"


def describe_evaluation(evaluation: Evaluation) -> str:
    """Say the accuracies in one sentence, for screen readers."""
    told = [
        f"{one.spec.title} {format_percent(one.top1.correct / one.top1.total)}"
        for one in evaluation.list_known()
    ]
    return f"Top-1 accuracy: {', '.join(told)}." if told else "No network knows any of the classes."

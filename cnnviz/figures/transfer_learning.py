"""Transfer learning drawn: accuracy, learning curves, depths, the four cases, maps of features."""

import base64
import io
from collections.abc import Sequence
from textwrap import wrap

import numpy as np
import numpy.typing as npt
import plotly.graph_objects as go
from PIL import Image
from plotly.subplots import make_subplots
from torch import Tensor

from cnnviz.evaluation.scores import Confusion
from cnnviz.figures.colors import CATEGORY_COLORS
from cnnviz.figures.curves import lay_out_curves
from cnnviz.figures.format import format_count, format_percent, hover_number, hover_percent
from cnnviz.images.image import Pixels
from cnnviz.labs.transfer.cases import Case, Way
from cnnviz.labs.transfer.features import FeatureSet
from cnnviz.labs.transfer.fine_tuning import Epoch, Transferred
from cnnviz.labs.transfer.head import CurvePoint, DepthAccuracy

HEIGHT = 400
_HEAD, _OTHER, _CHANCE = CATEGORY_COLORS[0], CATEGORY_COLORS[1], "gray"
_THUMBNAIL = 0.06  # of the axis, a thumbnail's side
_MARK = 30  # pixels
_TICK_WIDTH = 12  # characters


def count_predictions(found: FeatureSet, predictions: Tensor) -> Confusion:
    """Count predicted classes (columns) by the class of the image (rows)."""
    size = len(found.classes)
    counts = np.zeros((size, size), dtype=np.int64)
    np.add.at(counts, (found.test_labels.numpy(), predictions.numpy()), 1)
    return Confusion(found.classes, counts)


def write_accuracy(found: FeatureSet, trained: Transferred) -> str:
    """Say how many held-out images are right."""
    total = len(found.test_labels)
    right = int((trained.predictions == found.test_labels).sum())
    return (
        f"**{format_percent(right / total)}**: {format_count(right)} of {format_count(total)} "
        f"held-out images are correct. {format_count(trained.trained)} parameters trained on "
        f"{format_count(found.trained)} images."
    )


def draw_epochs(epochs: Sequence[Epoch]) -> go.Figure:
    """Draw accuracy by epoch of fine-tuning, and the frozen features' as a line."""
    figure = go.Figure()
    _add_line(figure, epochs[0].accuracy, "head alone")
    figure.add_scatter(
        x=[one.number for one in epochs],
        y=[100 * one.accuracy for one in epochs],
        customdata=[one.loss for one in epochs],
        mode="lines+markers",
        name="fine-tuned",
        line={"color": _HEAD, "width": 3},
        hovertemplate=f"epoch %{{x}}: {hover_percent('y')}<br>training loss "
        f"{hover_number('customdata')}<extra></extra>",
    )
    lay_out_curves(figure, x="epoch", y="accuracy, %", height=HEIGHT)
    figure.update_layout(
        xaxis={"dtick": 1},
        yaxis={"range": [0, 103]},
        showlegend=True,
        legend={"font": {"size": 14}},
    )
    return figure


def draw_curve(curve: Sequence[CurvePoint], *, classes: int) -> go.Figure:
    """Draw accuracy by images per class: the mean of the draws, and the least and the most."""
    figure = go.Figure()
    counts = [point.count for point in curve]
    for values, fill in (
        ([min(point.accuracies) for point in curve], None),
        ([max(point.accuracies) for point in curve], "tonexty"),
    ):
        figure.add_scatter(
            x=counts,
            y=[100 * value for value in values],
            mode="lines",
            line={"width": 0},
            fill=fill,
            fillcolor="rgba(209,96,42,0.2)",
            hoverinfo="skip",
            showlegend=False,
        )
    figure.add_scatter(
        x=counts,
        y=[100 * point.mean for point in curve],
        customdata=[len(point.accuracies) for point in curve],
        mode="lines+markers",
        name="linear head on frozen features",
        line={"color": _HEAD, "width": 3},
        hovertemplate=f"%{{x}} images per class: {hover_percent('y')}<br>"
        "mean of %{customdata} draws<extra></extra>",
    )
    _add_line(figure, 1 / classes, "chance")
    lay_out_curves(figure, x="images per class", y="accuracy, %", height=HEIGHT)
    figure.update_layout(
        xaxis={"type": "log", "tickvals": counts, "ticktext": [str(count) for count in counts]},
        yaxis={"range": [0, 103]},
        legend={"font": {"size": 14}},
    )
    return figure


def _add_line(figure: go.Figure, accuracy: float, name: str) -> None:
    figure.add_hline(
        y=100 * accuracy,
        line={"color": _CHANCE, "dash": "dash"},
        annotation={"text": f"{name} {format_percent(accuracy)}", "font": {"size": 14}},
    )


def draw_depths(
    depths: Sequence[DepthAccuracy], titles: Sequence[str], *, classes: int
) -> go.Figure:
    """Draw what a linear head and the nearest neighbor make of every depth's features."""
    figure = go.Figure()
    for name, color, values in (
        ("linear head", _HEAD, [one.head for one in depths]),
        ("nearest neighbor", _OTHER, [one.neighbor for one in depths]),
    ):
        figure.add_scatter(
            x=list(range(len(depths))),
            y=[100 * value for value in values],
            customdata=[[title, one.size] for title, one in zip(titles, depths, strict=False)],
            mode="lines+markers",
            name=name,
            line={"color": color, "width": 3},
            marker={"size": 10},
            hovertemplate="<b>%{customdata[0]}</b>, %{customdata[1]} numbers<br>"
            f"{name}: {hover_percent('y')}<extra></extra>",
        )
    _add_line(figure, 1 / classes, "chance")
    lay_out_curves(figure, x="", y="accuracy, %", height=HEIGHT)
    figure.update_layout(
        xaxis={
            "tickvals": list(range(len(titles))),
            "ticktext": ["<br>".join(wrap(title, _TICK_WIDTH)) for title in titles],
            "range": [-0.3, len(titles) - 0.7],
            "automargin": True,
            "tickangle": 0,
        },
        yaxis={"range": [0, 103]},
        legend={"font": {"size": 14}},
    )
    return figure


def draw_cases(cases: Sequence[Case], titles: dict[str, str]) -> go.Figure:
    """Draw the accuracies of each case as bars, the best in color.

    Args:
        cases: As far as they are done.
        titles: What the rows are called, by their data.
    """
    counts = sorted({case.count for case in cases}) or [0]
    figure = make_subplots(
        rows=len(titles),
        cols=2,
        shared_xaxes=True,
        shared_yaxes=True,
        vertical_spacing=0.14,
        horizontal_spacing=0.04,
        subplot_titles=[
            f"{title}, {word}" for title in titles.values() for word in ("little data", "much data")
        ],
    )
    places = {data: row for row, data in enumerate(titles, start=1)}
    for case in cases:
        best = max(case.accuracies.values())
        values = [case.accuracies.get(way) for way in Way]
        figure.add_bar(
            y=[str(way) for way in Way],
            x=[None if value is None else 100 * value for value in values],
            orientation="h",
            text=["" if value is None else format_percent(value) for value in values],
            textposition="inside",
            insidetextanchor="start",
            textfont={"size": 14, "color": "white"},
            marker={"color": [_HEAD if value == best else "#7F8BA0" for value in values]},
            hovertemplate=f"%{{y}}: {hover_percent('x')} of {case.total} images, "
            f"{case.count} images per class<extra></extra>",
            showlegend=False,
            row=places[case.data],
            col=1 + (case.count != counts[0]),
        )
    figure.update_layout(height=HEIGHT + 30, margin={"l": 8, "r": 8, "t": 28, "b": 36}, bargap=0.2)
    figure.update_xaxes(range=[0, 102])
    figure.update_xaxes(title_text="accuracy, %", row=len(titles))
    figure.update_yaxes(autorange="reversed", automargin=True, tickfont={"size": 14})
    return figure


def tabulate_cases(cases: Sequence[Case], titles: dict[str, str]) -> list[dict[str, object]]:
    """Return a row for each case."""
    return [
        {"images": titles[case.data], "images per class": case.count, "held out": case.total}
        | {str(way): format_percent(value) for way, value in case.accuracies.items()}
        for case in cases
    ]


def draw_map(
    found: FeatureSet, places: npt.NDArray[np.float64], *, picked: int, near: Sequence[int]
) -> go.Figure:
    """Draw images where a projection puts them, each framed in its class's color.

    Args:
        found: The images.
        places: (N, 2).
        picked: The image whose neighbors are asked for.
        near: Its neighbors.
    """
    spans = np.ptp(places, axis=0).clip(min=1e-9)
    unit = (places - places.min(axis=0)) / spans
    figure = go.Figure()
    labels = found.labels.numpy()
    for label, name in enumerate(found.classes):
        rows = np.flatnonzero(labels == label)
        figure.add_scatter(
            x=unit[rows, 0],
            y=unit[rows, 1],
            mode="markers",
            name=name,
            marker={
                "symbol": "square",
                "size": _MARK,
                "color": CATEGORY_COLORS[label],
                "opacity": 1,
            },
            customdata=[[int(row), found.images[row].name] for row in rows],
            hovertemplate="%{customdata[1]}<extra></extra>",
        )
    for row, (x, y) in enumerate(unit):
        figure.add_layout_image(
            source=_encode(found.thumbnails[row]),
            x=x,
            y=y,
            xref="x",
            yref="y",
            sizex=_THUMBNAIL * 0.6,
            sizey=_THUMBNAIL,
            xanchor="center",
            yanchor="middle",
            layer="above",
        )
    for row, dash in ((picked, "solid"), *((one, "dot") for one in near)):
        figure.add_shape(
            type="circle",
            x0=unit[row, 0] - 0.032,
            x1=unit[row, 0] + 0.032,
            y0=unit[row, 1] - 0.055,
            y1=unit[row, 1] + 0.055,
            line={"color": _CHANCE, "width": 3, "dash": dash},
        )
    lay_out_curves(figure, x="", height=HEIGHT)
    figure.update_layout(
        xaxis={"range": [-0.05, 1.05], "visible": False},
        yaxis={"range": [-0.07, 1.07], "visible": False},
        margin={"l": 4, "r": 4, "t": 8, "b": 4},
        legend={"font": {"size": 14}, "itemsizing": "constant"},
    )
    return figure


def _encode(pixels: Pixels) -> str:
    """A small JPEG as a data address."""
    file = io.BytesIO()
    Image.fromarray(pixels).resize((32, 32)).save(file, "JPEG", quality=80)
    return f"data:image/jpeg;base64,{base64.b64encode(file.getvalue()).decode('ascii')}"

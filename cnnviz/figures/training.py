"""How networks were trained: error curves, a table of recipes, and what they say in sentences."""

import csv
import io
from collections.abc import Mapping
from typing import TypeVar

import plotly.graph_objects as go

from cnnviz.figures.colors import CATEGORY_COLORS
from cnnviz.figures.format import format_percent, hover_percent
from cnnviz.training.history import History

_HEIGHT = 420
_LEGEND_ROW = 22  # pixels
_Value = TypeVar("_Value")


def draw_histories(histories: Mapping[str, History]) -> go.Figure:
    """Draw error against epoch: solid on images held out, dotted on those trained on.

    Args:
        histories: By the networks' titles.

    Source: the manner of figure 4 in He and others 2016, "Deep residual learning for image
    recognition".
    """
    figure = go.Figure()
    for place, (title, history) in enumerate(histories.items()):
        color = CATEGORY_COLORS[place % len(CATEGORY_COLORS)]
        epochs = [epoch.number for epoch in history.epochs]
        held_out = [epoch.held_out_error for epoch in history.epochs]
        trained_on = [epoch.train_error for epoch in history.epochs]
        for which, errors, dash in (
            ("held out", held_out, "solid"),
            ("trained on", trained_on, "dot"),
        ):
            figure.add_trace(
                go.Scatter(
                    x=epochs,
                    y=errors,
                    name=title,
                    legendgroup=title,
                    showlegend=dash == "solid",
                    mode="lines",
                    line={"color": color, "dash": dash, "width": 2},
                    hovertemplate=(
                        f"<b>{title}</b>, {which}<br>{hover_percent('y')} wrong after epoch "
                        "%{x}"
                        "<extra></extra>"
                    ),
                )
            )
    figure.update_xaxes(title="Epoch", zeroline=False)
    figure.update_yaxes(title="Top-1 error, %", rangemode="tozero", zeroline=False)
    figure.update_layout(
        height=_HEIGHT + _LEGEND_ROW * len(histories),
        margin={"l": 8, "r": 8, "t": 8, "b": 8},
        legend={"orientation": "h", "y": -0.18, "yanchor": "top", "title": None},
        showlegend=True,
    )
    return figure


def tabulate_histories(
    histories: Mapping[str, History],
) -> dict[str, list[str] | list[int] | list[float] | list[float | None]]:
    """Return the recipes as columns, a line for each network."""
    told = list(histories.values())
    return {
        "Network": list(histories),
        "Trained on": [one.trained_on for one in told],
        "Training error, %": [one.epochs[-1].train_error for one in told],
        "Measured on": [one.measured_on for one in told],
        "Held-out error, %": [round(one.final_error, 2) for one in told],
        "Epochs": [len(one.epochs) for one in told],
        "Batch": [one.batch for one in told],
        "Optimizer": [one.optimizer for one in told],
        "Learning rate": [one.learning_rate for one in told],
        "Weight decay": [one.weight_decay for one in told],
        "Label smoothing": [one.label_smoothing for one in told],
        "Temperature": [one.temperature for one in told],
        "Calibration error, %": [one.calibration_error for one in told],
        "Minutes": [one.minutes for one in told],
        "Machine": [one.machine for one in told],
        "Precision": [one.precision for one in told],
    }


def write_histories_csv(histories: Mapping[str, History]) -> bytes:
    """Write every epoch of every network as CSV, the header first."""
    file = io.StringIO()
    writer = csv.writer(file)
    writer.writerow(["network", "epoch", "loss", "train_error_percent", "held_out_error_percent"])
    for title, history in histories.items():
        for epoch in history.epochs:
            row = (title, epoch.number, epoch.loss, epoch.train_error, epoch.held_out_error)
            writer.writerow([row[0], row[1], *(f"{value:.5g}" for value in row[2:])])
    return file.getvalue().encode()


def write_result(history: History) -> str:
    """Say in a sentence what a network learned from and how well."""
    accuracy = format_percent(1 - history.final_error / 100)
    return (
        f"Trained for {len(history.epochs)} epochs on {history.trained_on}. Top-1 accuracy: "
        f"{accuracy} on {history.measured_on}."
    )


def write_sizes(histories: Mapping[str, History]) -> str:
    """Say which networks began with smaller images; empty where none did."""
    sentences = []
    for early, titles in _group({title: one.early for title, one in histories.items()}):
        ends, done = [], 0
        for epochs, side in early:
            done += epochs
            ends.append(f"{side}×{side} pixels up to epoch {done}")
        sentences.append(f"{titles} learned from images of {' and '.join(ends)}, to save time.")
    if not sentences:
        return ""
    return (
        f"{' '.join(sentences)} The held-out images always had their full size, which explains "
        "the steps of the curves."
    )


def write_pasting(histories: Mapping[str, History]) -> str:
    """Say how many training images had a patch of another; empty where none had.

    Source: Yun and others 2019, "CutMix".
    """
    sentences = []
    for share, titles in _group({title: one.pasted for title, one in histories.items()}):
        sentences.append(
            f"{titles} had a patch of another image pasted into "
            f"{format_percent(share, digits=0)} of their "
            "training images (CutMix), and had to name what most of each shows: with a patch "
            "that covers half, a coin's toss. Their dotted curves lie higher for it."
        )
    return " ".join(sentences)


def write_refitting(histories: Mapping[str, History]) -> str:
    """Say of which networks the last layer was fitted anew; empty where none was.

    Source: Kang and others 2020, "Decoupling representation and classifier".
    """
    gains = [
        f"{title} from {format_percent(one.epochs[-1].held_out_error / 100)} to "
        f"{format_percent(one.final_error / 100)}"
        for title, one in histories.items()
        if one.was_refitted
    ]
    if not gains:
        return ""
    return (
        "After the last epoch the last layer was fitted anew to whole images, the others kept; "
        f"that changed the error on images never seen: {', '.join(gains)}."
    )


def _group(values: Mapping[str, _Value]) -> list[tuple[_Value, str]]:
    """List the values that say something, each once with the titles it belongs to."""
    return [
        (value, ", ".join(title for title, other in values.items() if other == value))
        for value in dict.fromkeys(values.values())
        if value
    ]


def write_degradation(titles: tuple[str, str], shortcut: History, plain: History) -> str:
    """Say what a deep network loses without its shortcuts, on the images it was trained on.

    Args:
        titles: Of the network with shortcuts, and of the one without.
        shortcut: How the first was trained.
        plain: How the second was.

    Source: He and others 2016, section 4.1: the degradation is no overfitting, for the training
    error is higher too.
    """
    left, without = shortcut.epochs[-1], plain.epochs[-1]
    found = (
        f"**{titles[1]}** has the layers of **{titles[0]}** and no shortcuts. It ends with "
        f"{format_percent(without.train_error / 100)} errors on the images it was trained on, "
        f"against "
        f"{format_percent(left.train_error / 100)}, and with "
        f"{format_percent(without.held_out_error / 100)} against "
        f"{format_percent(left.held_out_error / 100)} on the others."
    )
    if without.train_error <= left.train_error:
        return f"{found} In this training the shortcuts made it no easier."
    return (
        f"{found} A network that fits its own training images worse does not overfit: it is "
        "harder to train. That is the degradation that residual networks were made against."
    )

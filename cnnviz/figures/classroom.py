"""A class drawn: averaged maps, accuracy by digit, fine-tuning, and submitted runs of training."""

import textwrap
from collections.abc import Mapping, Sequence

import plotly.graph_objects as go

from cnnviz.classroom.attacks import ClassAttack
from cnnviz.classroom.average import Averages
from cnnviz.classroom.fine_tuning import Epoch, FineTuned
from cnnviz.classroom.runs import ClassRun
from cnnviz.figures.colors import CATEGORY_COLORS
from cnnviz.figures.curves import lay_out_curves
from cnnviz.figures.format import (
    format_count,
    format_number,
    format_percent,
    format_probability,
    format_seconds,
    format_setting,
    hover_percent,
)
from cnnviz.figures.optimizers import OPTIMIZERS
from cnnviz.figures.strip import Strip, pack_ink, pack_signed
from cnnviz.labs.digit_sets import DigitSource
from cnnviz.labs.optimizers import Optimizer
from cnnviz.networks.load import LoadedModel
from cnnviz.training.measure import Score

_HEIGHT = 330
_HOVER_WIDTH = 60  # characters
_SYMBOLS = ("circle", "diamond")
_PARAMETERS = [digit * 10**power for power in range(1, 9) for digit in (1, 2, 5)]
_ACROSS = {"c1": 2, "c3": 4}
# What is measured on beside the class; the machine need not have MNIST.
HELD_TITLES = {
    DigitSource.MNIST: "MNIST test digits",
    DigitSource.WRITTEN: "scikit-learn's digits",
}


def draw_averages(averages: Averages, model: LoadedModel, *, digit: int | None) -> Strip:
    """Draw the averages from the input to the output.

    Args:
        averages: Over the drawings.
        model: LeNet-5.
        digit: The requested digit; None for several.
    """
    over = f"{format_count(averages.count)} {'drawing' if averages.count == 1 else 'drawings'}"
    panels = [pack_ink(averages.ink[None].numpy(), title="Drawings", note=f"mean of {over}")]
    for name, maps in averages.maps.items():
        count, rows, columns = maps.shape
        title = model.graph.find(name).title
        kept = format_percent(averages.kept[name], digits=0)
        note = f"{count} of {rows} × {columns}; averaging keeps {kept}"
        panels.append(pack_signed(maps[None], title=title, note=note, across=_ACROSS[name]))
    asked = "several digits" if digit is None else f"the digit {digit}"
    return Strip(
        panels=panels,
        layout="flow",
        label=f"Activation maps of {asked}, averaged over {over}.",
        classes=model.spec.classes,
        probabilities=(averages.probabilities.tolist(),),
    )


def draw_digits(series: Mapping[str, Sequence[Score]]) -> go.Figure:
    """Draw accuracy by digit, one bar for each series."""
    figure = go.Figure()
    for color, (name, scores) in zip(CATEGORY_COLORS[1::-1], series.items(), strict=False):
        figure.add_bar(
            x=[str(digit) for digit, one in enumerate(scores) if one.total],
            y=[one.percent for one in scores if one.total],
            customdata=[f"{one.correct} of {one.total}" for one in scores if one.total],
            name=name,
            marker_color=color,
            hovertemplate=f"{name}, digit %{{x}}: %{{customdata}}<extra></extra>",
        )
    lay_out_curves(figure, x="requested digit", y="accuracy, %", height=_HEIGHT)
    figure.update_layout(
        xaxis={"type": "category", "categoryorder": "category ascending"},
        yaxis={"range": [0, 103]},
        showlegend=len(series) > 1,
    )
    return figure


def draw_epochs(epochs: Sequence[Epoch], *, held: str) -> go.Figure:
    """Draw both accuracies by epoch.

    Args:
        epochs: From 0, which is LeNet-5 as it is.
        held: What the digits are called that the class did not draw.
    """
    figure = go.Figure()
    for name, color, values in (
        ("your class, other half", CATEGORY_COLORS[0], [one.accuracy for one in epochs]),
        (held, CATEGORY_COLORS[1], [one.kept for one in epochs]),
    ):
        figure.add_scatter(
            x=[one.number for one in epochs],
            y=[100 * value for value in values],
            mode="lines+markers",
            name=name,
            line={"color": color, "width": 3},
            hovertemplate=f"{name}, epoch %{{x}}: {hover_percent('y')}<extra></extra>",
        )
    lay_out_curves(figure, x="epoch", y="accuracy, %", height=_HEIGHT)
    lowest = min(min(one.accuracy, one.kept) for one in epochs)
    figure.update_layout(
        yaxis={"range": [max(0, 10 * int(10 * lowest) - 10), 102]}, showlegend=True
    )
    return figure


def write_tuned(tuned: FineTuned) -> dict[str, str]:
    """Return both accuracies before and after, and over how many digits, for a sentence."""
    first, last = tuned.epochs[0], tuned.epochs[-1]
    return {
        "before": format_percent(first.accuracy),
        "after": format_percent(last.accuracy),
        "kept_before": format_percent(first.kept),
        "kept_after": format_percent(last.kept),
        "measured": format_count(sum(one.total for one in tuned.after)),
        "held": format_count(tuned.held),
        "epochs": _count_epochs(last.number),
    }


def _count_epochs(count: int) -> str:
    return f"{format_count(count)} {'epoch' if count == 1 else 'epochs'}"


def draw_runs(runs: Sequence[ClassRun]) -> go.Figure:
    """Draw accuracy against parameters, colored by the time of training."""
    figure = go.Figure()
    for symbol, source in zip(_SYMBOLS, DigitSource, strict=True):
        members = [one for one in runs if one.digits == source]
        if members:
            figure.add_scatter(
                x=[one.parameters for one in members],
                y=[100 * one.accuracy for one in members],
                customdata=[_describe_run(one) for one in members],
                mode="markers",
                name=HELD_TITLES[source],
                marker={
                    "color": [one.seconds for one in members],
                    "coloraxis": "coloraxis",
                    "symbol": symbol,
                    "size": 14,
                    "line": {"width": 1, "color": "#808080"},
                },
                hovertemplate="%{customdata}<extra></extra>",
            )
    lay_out_curves(figure, x="parameters, logarithmic", y="accuracy, %", height=_HEIGHT)
    figure.update_layout(
        xaxis={"type": "log", "tickvals": _PARAMETERS, "tickformat": "~s"},
        coloraxis={
            "colorscale": "Viridis",
            "colorbar": {"title": {"text": "training, s"}, "thickness": 12},
        },
        hoverlabel={"align": "left"},
        showlegend=len(figure.data) > 1,
    )
    return figure


def _describe_run(run: ClassRun) -> str:
    told = write_run(run)
    layers = "<br>".join(textwrap.wrap(run.layers, _HOVER_WIDTH))
    return (
        f"<b>{told['accuracy']}</b>, {told['parameters']} parameters, entry {run.id}<br>"
        f"{layers}<br>{told['optimizer']}, {told['epochs']}, {told['seconds']}, {told['digits']}"
    )


def find_best(runs: Sequence[ClassRun]) -> tuple[ClassRun, ...]:
    """Return the most accurate run on each source of digits; of several, the smallest network."""
    groups = [[one for one in runs if one.digits == source] for source in DigitSource]
    return tuple(
        max(group, key=lambda one: (one.accuracy, -one.parameters)) for group in groups if group
    )


def write_run(run: ClassRun) -> dict[str, str]:
    """Return a run's values for a sentence."""
    return {
        "accuracy": format_percent(run.accuracy),
        "digits": HELD_TITLES[DigitSource(run.digits)],
        "layers": run.layers,
        "parameters": format_count(run.parameters),
        "epochs": _count_epochs(run.epochs),
        "optimizer": OPTIMIZERS[Optimizer(run.optimizer)],
        "seconds": format_seconds(run.seconds),
    }


def list_results(runs: Sequence[ClassRun]) -> list[dict[str, object]]:
    """List the runs for a table, the most accurate first."""
    return [
        {
            "Entry": one.id,
            "Accuracy %": round(100 * one.accuracy, 2),
            "Parameters": one.parameters,
            "Time s": round(one.seconds, 1),
            "Epochs": one.epochs,
            "Optimizer": OPTIMIZERS[Optimizer(one.optimizer)],
            "Digits": HELD_TITLES[DigitSource(one.digits)],
            "Layers": one.layers,
        }
        for one in sorted(runs, key=lambda one: (-one.accuracy, one.parameters))
    ]


def write_attack(attack: ClassAttack) -> str:
    """Describe an adversarial example in one line."""
    return (
        f"Entry {attack.id}: {format_setting(attack.linf)}/255 by {attack.method}: "
        f"{attack.before} is now {attack.after}, {format_probability(attack.share)}"
    )


def list_attack_rows(ranked: Sequence[ClassAttack]) -> list[dict[str, object]]:
    """List ranked adversarial examples for a table."""
    return [
        {
            "Rank": place,
            "Entry": one.id,
            "Largest change": f"{format_setting(one.linf)}/255",
            "L2 norm": f"{format_number(one.l2)}/255",
            "Attack": one.method,
            "Predicted now": one.after,
            "Probability": format_probability(one.share),
        }
        for place, one in enumerate(ranked, start=1)
    ]

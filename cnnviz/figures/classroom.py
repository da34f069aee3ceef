"""A class's drawings drawn: averaged maps, accuracy by digit, and fine-tuning on them."""

from collections.abc import Mapping, Sequence

import plotly.graph_objects as go

from cnnviz.classroom.average import Averages
from cnnviz.classroom.fine_tuning import Epoch, FineTuned
from cnnviz.figures.colors import CATEGORY_COLORS
from cnnviz.figures.curves import lay_out_curves
from cnnviz.figures.format import format_count, format_percent, hover_percent
from cnnviz.figures.strip import Strip, pack_ink, pack_signed
from cnnviz.labs.digit_sets import DigitSource
from cnnviz.networks.load import LoadedModel
from cnnviz.training.measure import Score

_HEIGHT = 330
_ACROSS = {"c1": 2, "c3": 4}
# What is measured on beside the class; the machine need not have MNIST.
HELD_TITLES = {
    DigitSource.MNIST: "MNIST test digits",
    DigitSource.WRITTEN: "load_digits",
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
        "epochs": f"{last.number} {'epoch' if last.number == 1 else 'epochs'}",
    }

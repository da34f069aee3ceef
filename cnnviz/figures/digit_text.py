"""What the digit page says in numbers: sentences, the softmax in LaTeX and as a table, the CSV."""

import csv
import io
import itertools
import math
from collections.abc import Mapping
from typing import Any

from torch import Tensor

from cnnviz.digits.experiments import FilterResponse, PenTrial, Reading, ShiftTrial, Softmax
from cnnviz.figures.format import (
    format_count,
    format_latex,
    format_number,
    format_percent,
    format_probability,
    format_setting,
    format_share,
)
from cnnviz.networks.load import Prediction

Classes = tuple[str, ...]


def write_softmax_table(softmax: Softmax, *, classes: Classes, winner: int) -> str:
    """Every class's way from logit to probability, as a Markdown table."""
    lines = ["| digit | $z$ | $e^z$ | probability |", "|:---:|---:|---:|---:|"]
    steps = zip(classes, softmax.logits, softmax.exponentials, softmax.probabilities, strict=True)
    for index, (name, logit, exponential, probability) in enumerate(steps):
        cells = (
            name,
            format_number(logit),
            format_number(exponential),
            format_probability(probability),
        )
        mark = "**" if index == winner else ""
        lines.append("| " + " | ".join(f"{mark}{cell}{mark}" for cell in cells) + " |")
    return "\n".join([*lines, f"| sum | | {format_number(softmax.total)} | 100 % |"])


def write_softmax_formula(softmax: Softmax, *, classes: Classes, winner: int) -> str:
    """The winner's probability worked out, in LaTeX."""
    name = classes[winner]
    first, last = (format_latex(format_number(softmax.logits[at])) for at in (0, -1))
    logit, exponential, total = (
        format_latex(format_number(value))
        for value in (softmax.logits[winner], softmax.exponentials[winner], softmax.total)
    )
    percent = format_latex(format_probability(softmax.probabilities[winner]))
    # A rounded percentage that is bounded, not given, is no equation.
    relation = "" if percent[0] in "<>" else "= "
    return (
        r"\begin{aligned}"
        rf"p(\text{{{name}}}) &= \frac{{e^{{z_{{{name}}}}}}}{{\sum_k e^{{z_k}}}}"
        rf" = \frac{{e^{{{logit}}}}}"
        rf"{{e^{{{first}}} + \dots + e^{{{last}}}}} \\[3ex]"
        rf"&= \frac{{{exponential}}}{{{total}}} {relation}{percent}"
        r"\end{aligned}"
    )


def describe_softmax(softmax: Softmax, *, classes: Classes, winner: int, second: int) -> str:
    """Why only differences between logits count."""
    gap = softmax.logits[winner] - softmax.logits[second]
    power = format_latex(format_number(gap))
    return (
        f"Only differences count. The second guess, {classes[second]}, has a logit "
        f"{format_number(gap)} lower "
        f"than {classes[winner]}, so its probability is $e^{{{power}}}$ = "
        f"{format_number(math.exp(gap))} times smaller."
    )


def describe_filters(filters: tuple[FilterResponse, ...], *, guess: str) -> str:
    """Which kernel of the first layer answers the drawing most, and which least."""
    strongest = max(filters, key=lambda one: one.peak)
    quietest = min(filters, key=lambda one: one.active)
    return (
        "Each kernel of C1 slides over the whole input and answers where the ink looks like it. "
        f"Map {strongest.channel} answers this {guess} most: {format_number(strongest.peak)} at "
        f"row {strongest.row}, column {strongest.column}. Map {quietest.channel} is above zero in "
        f"only {format_percent(quietest.active, digits=0)} of its cells."
    )


def describe_deeper_filters(filters: tuple[FilterResponse, ...], *, below: int) -> str:
    """How to read the table of a deeper layer's kernels, and which answers the drawing most."""
    strongest = max(filters, key=lambda one: one.peak)
    return (
        f"The kernels of C3: a column for each of its {len(filters)} maps, a row for each of the "
        f"{below} S2 maps that it reads. They look for combinations of what C1 found, so they no "
        f"longer look like strokes. Map {strongest.channel} answers this drawing most: "
        f"{format_number(strongest.peak)} at row {strongest.row}, column {strongest.column}."
    )


def describe_shifts(trial: ShiftTrial, *, classes: Classes) -> str:
    """What two pixels change, and how many of all shifts change the guess."""
    winner = classes[trial.winner]
    _, before = trial.at(down=0, right=0)
    guess, after = trial.at(down=0, right=2)
    changed = int((trial.guesses != trial.winner).sum())
    still = "still reads" if guess == trial.winner else "reads"
    return (
        f"**Two pixels to the right** the network {still} {classes[guess]}: the probability of "
        f"{winner} goes from {format_probability(before)} to {format_probability(after)}. At "
        f"{changed} of the {trial.guesses.numel() - 1} shifts the first guess is another. "
        f"Convolution moves its "
        "maps along with the ink, and subsampling forgives a pixel or so; the layers above have "
        "learned where the strokes of a centered digit lie."
    )


def describe_pens(trials: tuple[PenTrial, ...], *, winner: int, classes: Classes) -> str:
    """How many pens keep the guess, and what the thinnest and the thickest give."""
    agree = sum(trial.guess == winner for trial in trials)
    thin, thick = trials[0], trials[-1]
    return (
        f"With {agree} of {len(trials)} pens the same strokes are read as {classes[winner]}. "
        f"The thinnest gives {classes[thin.guess]} with {format_probability(thin.probability)}, "
        f"the thickest {classes[thick.guess]} with {format_probability(thick.probability)}. "
        "Scaled down to 20×20, thin strokes grow faint and thick ones close the holes."
    )


def write_accuracy(accuracy: Mapping[str, Any]) -> dict[str, str]:
    """Write a model card's accuracy on MNIST's test set and on other writers' digits."""
    words: dict[str, str] = {}
    for own, total, name in (
        ("own", "total", "mnist_test"),
        ("other", "others_total", "load_digits"),
    ):
        score = accuracy[name]
        words |= {own: format_percent(score["percent"] / 100, digits=2)}
        words |= {total: format_count(score["total"])}
    return words


def describe_top_two(prediction: Prediction, *, classes: Classes, network: str) -> str:
    """Say which two classes a network gives the largest probabilities."""
    first, second = prediction.ranking[:2]
    return (
        f"{network} sees {classes[first]} ({format_share(prediction, first)}), "
        f"then {classes[second]} ({format_share(prediction, second)})."
    )


def write_numbers(values: dict[str, Tensor], *, reading: Reading, classes: Classes) -> str:
    """Every cell of every layer as CSV, the probabilities last.

    Args:
        values: Activations of one image by layer, (C, H, W) or (N,).
        reading: What the network said.
        classes: Names of its outputs.
    """
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(["layer", "channel", "row", "column", "value"])
    for name, value in values.items():
        maps = value.reshape(*(*value.shape, 1, 1)[:3])  # (C, H, W)
        cells = itertools.product(*map(range, maps.shape))
        for cell, number in zip(cells, maps.flatten().tolist(), strict=True):
            writer.writerow([name, *cell, f"{number:.6g}"])
    for name, probability in zip(classes, reading.prediction.probabilities.tolist(), strict=True):
        writer.writerow(["probability", name, 0, 0, f"{probability:.6g}"])
    return text.getvalue()


def write_words(reading: Reading | None) -> dict[str, object]:
    """Write the two largest logits for a sentence of a lesson; none without a drawing."""
    if reading is None:
        return {}
    first, second = (format_setting(round(logit, 2)) for logit in _list_logits(reading))
    return {"first": first, "second": second}


def _list_logits(reading: Reading) -> tuple[float, float]:
    logits, (first, second) = reading.prediction.logits, reading.prediction.ranking[:2]
    return float(logits[first]), float(logits[second])


def find_answers(reading: Reading | None) -> dict[str, float]:
    """Return the gap between the two largest logits, and the parameters of C1."""
    if reading is None:
        return {}
    first, second = _list_logits(reading)
    gap = first - second
    return {"gap": round(gap, 2), "kernels": 6 * 5 * 5 + 6} if math.isfinite(gap) else {}

"""A linear classifier's templates, its training, and a perturbed image, drawn."""

from dataclasses import replace

import numpy as np
import plotly.graph_objects as go
import torch

from cnnviz.adversarial.linear.case import Case
from cnnviz.adversarial.linear.data import PixelRows
from cnnviz.adversarial.linear.perturb import Perturbation, PerturbedImage, draw_values
from cnnviz.adversarial.linear.regression import LinearClassifier
from cnnviz.figures.attack import Frame, amplify_change, list_top, pack_pixels
from cnnviz.figures.format import (
    format_latex,
    format_number,
    format_probability,
    format_setting,
    format_sum,
    hover_number,
    hover_percent,
)
from cnnviz.figures.strip import Panel, pack_signed
from cnnviz.images.image import Pixels

_TRAIN, _TEST, _REAL, _LINE = "#8A8577", "#D96721", "#D96721", "#3674B9"
_MIDDLE, _REACH = 128, 127
_STRAIGHT = 0.2  # of the gain: what may be missing


def pack_templates(classifier: LinearClassifier, data: PixelRows) -> tuple[Panel, ...]:
    """Pack grey templates for the browser; all share one scale."""
    limit = float(classifier.weights.abs().max()) or 1.0
    panels = []
    for name, weights in zip(data.classes, classifier.weights, strict=True):
        corner = torch.tensor([limit])  # the scale's end, as a second moment's only value
        folded = weights.reshape(1, 1, *data.shape)
        scaled = torch.cat([folded, corner.expand_as(folded)])
        panel = pack_signed(scaled, note=name)
        panels.append(replace(panel, frames=panel.frames[:1]))
    return tuple(panels)


def draw_color_templates(classifier: LinearClassifier, data: PixelRows) -> tuple[Pixels, ...]:
    """Draw templates of colour images around middle grey, each on its own scale."""
    drawn = []
    for weights in classifier.weights.numpy():
        share = weights / (abs(weights).max() or 1.0)
        levels = (_MIDDLE + _REACH * share).round().astype(np.uint8)
        drawn.append(levels.reshape(data.shape))
    return tuple(drawn)


def draw_training(classifier: LinearClassifier) -> go.Figure:
    """Draw accuracy against the training step."""
    steps = [point.step for point in classifier.curve]
    figure = go.Figure(
        [
            go.Scatter(
                x=steps,
                y=[100 * getattr(point, part) for point in classifier.curve],
                name=name,
                line={"color": color, "width": 2.5},
                hovertemplate=f"{name}, step %{{x}}: {hover_percent('y')}<extra></extra>",
            )
            for part, name, color in (
                ("train", "training images", _TRAIN),
                ("test", "held-out images", _TEST),
            )
        ]
    )
    figure.update_layout(
        height=280,
        margin={"l": 48, "r": 8, "t": 8, "b": 40},
        legend={"orientation": "h", "yanchor": "bottom", "y": 1.0, "x": 0},
        yaxis={"title": {"text": "accuracy, %"}, "range": [0, 102]},
        xaxis={"title": {"text": "training step"}},
    )
    return figure


def draw_scores(perturbation: Perturbation, *, chosen: int, name: str) -> go.Figure:
    """Draw the target's score against a, beside the straight line of slope |w|²."""
    amounts = [image.amount for image in perturbation.images]
    lines = (
        ("score + a·|w|²", "dash", _LINE, [image.predicted for image in perturbation.images]),
        (f"score of {name}", "solid", _REAL, [image.score for image in perturbation.images]),
    )
    figure = go.Figure(
        [
            go.Scatter(
                x=amounts,
                y=values,
                name=label,
                line={"color": color, "dash": dash, "width": 2.5},
                hovertemplate=(
                    f"{label}<br>a = {hover_number('x')}: {hover_number('y')}<extra></extra>"
                ),
            )
            for label, dash, color, values in lines
        ]
    )
    figure.update_layout(
        height=280,
        margin={"l": 48, "r": 8, "t": 8, "b": 40},
        legend={"orientation": "h", "yanchor": "bottom", "y": 1.0, "x": 0},
        yaxis={"title": {"text": "logit"}},
        xaxis={"title": {"text": "a"}},
    )
    figure.add_vline(x=amounts[chosen], line={"color": _TRAIN, "width": 1.5, "dash": "dash"})
    return figure


def write_sum(perturbation: Perturbation, image: PerturbedImage) -> str:
    """Write the score of x + a·w as a formula, with an image's own numbers."""
    start, amount, square = (
        format_latex(format_number(value))
        for value in (perturbation.score, image.amount, perturbation.square)
    )
    terms = (perturbation.score, image.amount * perturbation.square)
    total = format_latex(format_sum(image.predicted, terms))
    return (
        r"\begin{aligned}s(x + a w) &= s(x) + a\,\lVert w\rVert^2\\"
        rf"&= {start} + {amount} \cdot {square}\\&= {total}\end{{aligned}}"
    )


def is_straight(perturbation: Perturbation, image: PerturbedImage) -> bool:
    """Tell whether a score still counts as linear: what is missing is a small part of the gain."""
    gain = image.amount * perturbation.square
    return abs(image.score - image.predicted) <= _STRAIGHT * gain


def name_amount(image: PerturbedImage) -> str:
    """Name how much of a template was added."""
    return f"a = {format_setting(image.amount)}"


def find_turn(perturbation: Perturbation) -> int:
    """Return the first place that is predicted as the target once it is saved in 8 bits.

    The last place, where none is.
    """
    fools = [is_fooled(image, perturbation) for image in perturbation.images]
    return fools.index(True) if any(fools) else len(fools) - 1


def is_fooled(image: PerturbedImage, perturbation: Perturbation) -> bool:
    """Tell whether a saved image reaches a target that the original was not predicted as."""
    first = perturbation.images[0].prediction.ranking[0]
    return image.saved.ranking[0] == perturbation.target != first


def pack_perturbation(
    perturbation: Perturbation, *, shape: tuple[int, ...], classes: tuple[str, ...]
) -> list[Frame]:
    """Pack a perturbed image for the slider; what is said is said of the saved image."""
    first = perturbation.images[0].prediction.ranking[0]
    return [
        _pack(one, perturbation, shape=shape, classes=classes, first=first)
        for one in perturbation.images
    ]


def _pack(
    one: PerturbedImage,
    perturbation: Perturbation,
    *,
    shape: tuple[int, ...],
    classes: tuple[str, ...],
    first: int,
) -> Frame:
    change = one.change[0].permute(1, 2, 0) if one.change.ndim == 4 else one.change
    levels = np.rint(255 * change.numpy()).astype(np.int16).reshape(shape)
    drawn, factor = amplify_change(levels)
    mean = 255 * float(one.change.abs().mean())
    return Frame(
        name=name_amount(one),
        pixels=pack_pixels(draw_values(one.values, shape=shape)),
        change=pack_pixels(drawn),
        scale=f"shown ×{factor}" if one.amount else "no change",
        top=list_top(one.saved, classes),
        verdict=_describe(one, perturbation, classes=classes, first=first),
        fooled=is_fooled(one, perturbation),
        note=f"{format_number(mean)}/255 on average",
    )


def _describe(
    one: PerturbedImage, perturbation: Perturbation, *, classes: tuple[str, ...], first: int
) -> str:
    guess, target = one.saved.ranking[0], perturbation.target
    share = format_probability(float(one.saved.probabilities[guess]))
    if is_fooled(one, perturbation):
        return f"Fooled: {classes[first]} is now {classes[guess]} with {share}."
    if one.prediction.ranking[0] == target != guess:
        return f"Not fooled: cut to 8 bits it is {classes[guess]} with {share}."
    return f"Not fooled: {classes[guess]} with {share}."


def write_words(case: Case, chosen: int) -> dict[str, object]:
    """Write the facts of the chosen amount for a sentence of a lesson, by name."""
    push = case.perturbation
    return {
        "target": case.target,
        "square": format_number(push.square),
        "amount": format_number(push.images[chosen].amount),
        "turn": format_number(push.images[find_turn(push)].amount),
        "mean": format_number(255 * float(push.images[chosen].change.abs().mean())),
    }


def find_answers(case: Case) -> dict[str, float]:
    """Return how many values are changed, and which amount adds 1 to the score."""
    push = case.perturbation
    return {"values": float(push.direction.numel()), "one": 1 / push.square}

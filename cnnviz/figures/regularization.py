"""Dropout, early stopping, training-set sizes, augmentation and search drawn."""

from collections.abc import Mapping, Sequence

import numpy as np
import plotly.graph_objects as go
import torch
from plotly.subplots import make_subplots
from torch import Tensor

from cnnviz.figures.colors import CATEGORY_COLORS
from cnnviz.figures.curves import lay_out_curves
from cnnviz.figures.format import format_probability, format_setting, hover_number, hover_percent
from cnnviz.labs.augmentation import Race, Transform
from cnnviz.labs.dropout import REMOVED, Answers, CoAdaptation, Scaling
from cnnviz.labs.hyperparameter_search import DECAYS, RATES, Found, Strategy, find_best
from cnnviz.labs.overfitting import Course, Method, SizeCourse, Stop

SCALINGS = {Scaling.INVERTED: "Inverted dropout", Scaling.ORIGINAL: "Original, 2012"}
METHODS = {Method.NONE: "None", Method.L2: "L2", Method.DROPOUT: "Dropout"}
TRANSFORMS = {
    Transform.FLIP: "Flip",
    Transform.CROP: "Crop",
    Transform.ROTATION: "Rotation",
    Transform.COLOR: "Color",
    Transform.ERASING: "Erasing",
    Transform.RANDAUGMENT: "RandAugment",
    Transform.MIXUP: "MixUp",
    Transform.CUTMIX: "CutMix",
}
STRATEGIES = {
    Strategy.GRID: "Grid",
    Strategy.RANDOM: "Random",
    Strategy.COARSE_TO_FINE: "Coarse to fine",
    Strategy.TPE: "TPE",
}
_WITH, _WITHOUT, _GRAY = CATEGORY_COLORS[0], CATEGORY_COLORS[1], "#8A8577"
_BINS = 60


def draw_expectation(values: Tensor, *, expected: float) -> go.Figure:
    """Draw what one unit gives mask by mask, its running mean, and its value at test time.

    Args:
        values: In training, (DRAWS,).
        expected: At test time.
    """
    masks = list(range(1, len(values) + 1))
    mean = values.cumsum(dim=0) / torch.tensor(masks)
    figure = go.Figure()
    figure.add_scatter(
        x=masks,
        y=values.tolist(),
        name="one mask",
        mode="markers",
        marker={"color": _GRAY, "size": 5, "opacity": 0.5},
        hovertemplate=f"mask %{{x}}: {hover_number('y')}<extra></extra>",
    )
    figure.add_scatter(
        x=masks,
        y=mean.tolist(),
        name="mean so far",
        line={"color": _WITHOUT, "width": 3},
        hovertemplate=f"mean of %{{x}} masks: {hover_number('y')}<extra></extra>",
    )
    figure.add_scatter(
        x=[masks[0], masks[-1]],
        y=[expected] * 2,
        name="at test time",
        mode="lines",
        line={"color": _WITH, "width": 3, "dash": "dash"},
        hovertemplate=f"at test time: {hover_number('y')}<extra></extra>",
    )
    lay_out_curves(figure, x="mask", y="to the next layer")
    return figure


def draw_answers(answers: Answers, *, digit: int) -> go.Figure:
    """Draw the probability of the right digit from one mask, from many, and at test time."""
    bars = {
        "no scaling": answers.unscaled,
        "all units, scaled": answers.scaled,
        "mean of all masks": answers.mean,
        "this mask": answers.thinned,
    }
    shares = [float(one[digit]) for one in bars.values()]
    figure = go.Figure()
    figure.add_bar(
        x=[100 * share for share in shares],
        y=list(bars),
        orientation="h",
        marker={"color": [_GRAY, _WITH, _WITHOUT, _GRAY]},
        text=[format_probability(share) for share in shares],
        textposition="auto",
        hovertemplate=f"%{{y}}: {hover_percent('x')}<extra></extra>",
    )
    lay_out_curves(figure, x=f"probability of {digit}, %")
    figure.update_layout(xaxis={"range": [0, 102]}, margin={"l": 130})
    return figure


def draw_co_adaptation(found: CoAdaptation, *, drop: float) -> go.Figure:
    """Draw the accuracy of both networks against the hidden units that are removed."""
    figure = go.Figure()
    names = ("without dropout", f"with dropout, p = {format_setting(drop)}")
    for name, color, values in zip(names, (_WITHOUT, _WITH), found.accuracies, strict=True):
        figure.add_scatter(
            x=list(REMOVED),
            y=[100 * value for value in values],
            name=name,
            mode="lines+markers",
            line={"color": color, "width": 3.5},
            hovertemplate=f"{name}, %{{x}} units less: {hover_percent('y')}<extra></extra>",
        )
    lay_out_curves(figure, x="hidden units removed", y="held-out accuracy, %", height=320)
    figure.update_layout(yaxis={"range": [0, 102]})
    return figure


def draw_courses(courses: Mapping[str, Course], stops: Mapping[str, Stop]) -> go.Figure:
    """Draw training and validation loss by step, and where early stopping ends each.

    Args:
        courses: By name; the first is the plain one.
        stops: By the same names.
    """
    figure = go.Figure()
    looks = zip(courses.items(), (_WITHOUT, _WITH), ("star-open", "star"), strict=False)
    for (name, course), color, star in looks:
        for part, values, dash in (
            ("training", course.train, "dot"),
            ("validation", course.validation, "solid"),
        ):
            figure.add_scatter(
                x=course.steps,
                y=values,
                name=f"{name}, {part}",
                mode="lines",
                line={"color": color, "width": 3, "dash": dash},
                hovertemplate=f"{name}, {part}, step %{{x}}: {hover_number('y')}<extra></extra>",
            )
        stop = stops[name]
        figure.add_scatter(
            x=[course.steps[stop.best]],
            y=[course.validation[stop.best]],
            name=f"{name}, weights kept",
            mode="markers",
            marker={"color": color, "size": 16, "symbol": star, "line": {"width": 2}},
            hovertemplate=f"{name}, kept: step %{{x}}<extra></extra>",
            showlegend=False,
        )
        if stop.is_early:
            place = course.steps[stop.end]
            figure.add_vline(x=place, line={"color": color, "dash": "dash", "width": 1.5})
    lay_out_curves(figure, x="training step", y="loss", height=400)
    figure.update_layout(yaxis={"rangemode": "tozero"})
    return figure


def draw_weights(courses: Mapping[str, Course]) -> go.Figure:
    """Draw how the weights of each network are distributed."""
    figure = go.Figure()
    reach = max(float(course.weights.abs().max()) for course in courses.values())
    for (name, course), color in zip(courses.items(), (_WITHOUT, _WITH), strict=False):
        counts, edges = np.histogram(course.weights.numpy(), bins=_BINS, range=(-reach, reach))
        figure.add_scatter(
            x=(edges[:-1] + edges[1:]) / 2,
            y=counts,
            name=name,
            line={"color": color, "width": 2.5, "shape": "hvh"},
            fill="tozeroy",
            hovertemplate=f"{name}, w near {hover_number('x')}: %{{y}} weights<extra></extra>",
        )
    lay_out_curves(figure, x="weight", y="count", height=400)
    return figure


def draw_sizes(courses: Sequence[SizeCourse]) -> go.Figure:
    """Draw training and held-out accuracy against the number of training digits."""
    figure = go.Figure()
    sizes = [one.size for one in courses]
    parts = (
        ("training", [one.train_accuracy for one in courses], _WITHOUT, None),
        ("held-out", [one.test_accuracy for one in courses], _WITH, "tonexty"),
    )
    for name, values, color, fill in parts:
        figure.add_scatter(
            x=sizes,
            y=[100 * value for value in values],
            name=name,
            mode="lines+markers",
            line={"color": color, "width": 3.5},
            fill=fill,
            fillcolor="rgba(128,128,128,0.2)",
            hovertemplate=f"{name}, %{{x}} digits: {hover_percent('y')}<extra></extra>",
        )
    lay_out_curves(figure, x="training digits", y="accuracy, %", height=430)
    figure.update_layout(xaxis={"type": "log", "tickvals": sizes, "ticktext": sizes})
    return figure


def draw_gaps(courses: Sequence[SizeCourse]) -> go.Figure:
    """Draw held-out minus training loss by step, for each number of training digits."""
    figure = go.Figure()
    for course, color in zip(courses, CATEGORY_COLORS, strict=False):
        figure.add_scatter(
            x=course.steps,
            y=course.find_gaps(),
            name=f"{course.size} digits",
            line={"color": color, "width": 2.5},
            hovertemplate=f"{course.size} digits, step %{{x}}: {hover_number('y')}<extra></extra>",
        )
    lay_out_curves(figure, x="training step", y="held-out − training loss", height=430)
    return figure


def draw_augmentation(race: Race) -> go.Figure:
    """Draw the accuracy of both networks on training digits and on other writers' digits."""
    figure = go.Figure()
    for place, (name, color) in enumerate((("without", _WITHOUT), ("augmented", _WITH))):
        for part, values, dash in (
            ("training", race.train[place], "dot"),
            ("other writers", race.test[place], "solid"),
        ):
            figure.add_scatter(
                x=race.steps,
                y=[100 * value for value in values],
                name=f"{name}, {part}",
                mode="lines",
                line={"color": color, "width": 3, "dash": dash},
                hovertemplate=f"{name}, {part}, step %{{x}}: {hover_percent('y')}<extra></extra>",
            )
    lay_out_curves(figure, x="training step", y="accuracy, %", height=320)
    figure.update_layout(yaxis={"range": [0, 102]})
    return figure


def draw_trials(found: Found) -> go.Figure:
    """Draw the trials of each strategy over both hyperparameters, colored by their accuracy."""
    figure = make_subplots(
        cols=len(found),
        shared_yaxes=True,
        horizontal_spacing=0.015,
        subplot_titles=[STRATEGIES[name] for name in found],
    )
    for column, (name, trials) in enumerate(found.items(), start=1):
        best = max(trials, key=lambda one: one.accuracy)
        figure.add_scatter(
            x=[one.rate for one in trials],
            y=[one.decay for one in trials],
            mode="markers",
            marker={
                "color": [100 * one.accuracy for one in trials],
                "coloraxis": "coloraxis",
                "size": [18 if one is best else 12 for one in trials],
                "symbol": ["star" if one is best else "circle" for one in trials],
                "line": {"width": 1, "color": _GRAY},
            },
            customdata=[[number] for number, _ in enumerate(trials, start=1)],
            cliponaxis=False,
            hovertemplate=(
                f"{STRATEGIES[name]}, trial %{{customdata[0]}}<br>"
                f"rate {hover_number('x')}, λ {hover_number('y')}<br>"
                f"accuracy {hover_percent('marker.color')}<extra></extra>"
            ),
            row=1,
            col=column,
        )
    log = {"type": "log", "exponentformat": "power"}
    rates, decays = (np.log10(ends).tolist() for ends in (RATES, DECAYS))
    figure.update_xaxes(range=rates, title_text="learning rate", tick0=-3, dtick=2, **log)
    figure.update_yaxes(range=decays, dtick=1, **log)
    figure.update_yaxes(title_text="weight decay λ", col=1)
    figure.update_layout(
        height=280,
        margin={"l": 48, "r": 8, "t": 32, "b": 40},
        showlegend=False,
        coloraxis={
            "colorscale": "Viridis",
            "cmin": 0,
            "cmax": 100,
            "colorbar": {"title": {"text": "%"}, "thickness": 12},
        },
    )
    return figure


def draw_best(found: Found, *, trials: int) -> go.Figure:
    """Draw the best accuracy so far against the number of trials, up to all of them."""
    figure = go.Figure()
    for (name, done), color in zip(found.items(), CATEGORY_COLORS, strict=False):
        title = STRATEGIES[name]
        figure.add_scatter(
            x=list(range(1, len(done) + 1)),
            y=[100 * value for value in find_best(done)],
            name=title,
            line={"color": color, "width": 3, "shape": "hv"},
            hovertemplate=f"{title}, %{{x}} trials: {hover_percent('y')}<extra></extra>",
        )
    lay_out_curves(figure, x="trials", y="best accuracy, %", height=220)
    figure.update_layout(xaxis={"range": [0.5, trials + 0.5], "tick0": 1, "dtick": 3})
    return figure

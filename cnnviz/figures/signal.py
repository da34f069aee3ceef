"""Activation functions and initializations drawn: curves, deviations by layer, loss surfaces."""

from collections.abc import Mapping

import numpy as np
import plotly.graph_objects as go
import torch
from plotly.subplots import make_subplots
from torch import Tensor

from cnnviz.figures.curves import lay_out_curves
from cnnviz.figures.format import format_number, hover_number, hover_percent
from cnnviz.labs.signal import (
    Activation,
    Bowl,
    Initialization,
    Race,
    Scaling,
    activate,
    differentiate,
)

ACTIVATIONS = {
    Activation.SIGMOID: "Sigmoid",
    Activation.TANH: "tanh",
    Activation.RELU: "ReLU",
    Activation.LEAKY_RELU: "Leaky ReLU",
    Activation.GELU: "GELU",
    Activation.SILU: "SiLU",
}
INITIALIZATIONS = {
    Initialization.ZERO: "Zero",
    Initialization.SMALL: "Small, 0.01",
    Initialization.XAVIER: "Xavier",
    Initialization.HE: "He",
    Initialization.LARGE: "Large, 1",
}
SCALINGS = {
    Scaling.RAW: "Raw",
    Scaling.CENTERED: "Centered",
    Scaling.STANDARDIZED: "Standardized",
}
_COLORS = {
    Initialization.ZERO: "#8A8577",
    Initialization.SMALL: "#B48A00",
    Initialization.XAVIER: "#3674B9",
    Initialization.HE: "#D96721",
    Initialization.LARGE: "#7A4FA3",
}
_CURVE, _SLOPE, _BARS = "#D96721", "#3674B9", "rgba(128,128,128,0.45)"
_LOWEST, _HIGHEST = 1e-9, 1e9  # what a chart by layers shows
_REACH, _BINS, _GRID = 5.0, 40, 41


def draw_layers(
    values: Mapping[Initialization, Tensor], *, chosen: Initialization, has_legend: bool
) -> go.Figure:
    """Draw one number of each hidden layer for every initialization; zeros have no place there."""
    figure = go.Figure()
    for name, numbers in values.items():
        shown = [value if value > 0 else None for value in numbers.tolist()]
        figure.add_scatter(
            x=list(range(1, len(shown) + 1)),
            y=shown,
            name=INITIALIZATIONS[name],
            mode="lines+markers" if name is chosen else "lines",
            line={"color": _COLORS[name], "width": 4 if name is chosen else 1.5},
            hovertemplate=(
                f"{INITIALIZATIONS[name]}, layer %{{x}}: {hover_number('y')}<extra></extra>"
            ),
        )
    lay_out_curves(figure, x="hidden layer", height=260)
    seen = [float(v) for numbers in values.values() for v in numbers[numbers > 0].tolist()]
    low, high = max(min(seen, default=1), _LOWEST), min(max(seen, default=1), _HIGHEST)
    span = [np.log10(low) - 0.3, np.log10(high) + 0.3]
    figure.update_layout(
        yaxis={"type": "log", "range": span, "exponentformat": "power"},
        legend={"orientation": "v", "x": 1.02, "y": 1, "yanchor": "top"},
        showlegend=has_legend,
    )
    return figure


def draw_function(function: Activation, inputs: Tensor) -> go.Figure:
    """Draw an activation function and its slope over how a layer's z are distributed.

    Args:
        function: The function.
        inputs: z of the layer, of any shape.
    """
    reach = max(_REACH, min(2 * _REACH, float(inputs.abs().max())))
    z = torch.linspace(-reach, reach, 201)
    counts, edges = np.histogram(
        inputs.clamp(-reach, reach).numpy(), bins=_BINS, range=(-reach, reach)
    )
    figure = make_subplots(specs=[[{"secondary_y": True}]])
    figure.add_bar(
        x=(edges[:-1] + edges[1:]) / 2,
        y=100 * counts / counts.sum(),
        name="z of this layer",
        marker={"color": _BARS},
        hovertemplate=f"z {hover_number('x')}: {hover_percent('y')}<extra></extra>",
        secondary_y=True,
    )
    curves = (
        ("f(z)", activate(function, z), _CURVE),
        ("f′(z)", differentiate(function, z), _SLOPE),
    )
    for name, values, color in curves:
        figure.add_scatter(
            x=z.tolist(),
            y=values.tolist(),
            name=name,
            line={"color": color, "width": 3},
            hovertemplate=f"{name} at {hover_number('x')}: {hover_number('y')}<extra></extra>",
        )
    lay_out_curves(figure, x="z", height=260)
    figure.update_layout(
        bargap=0,
        yaxis={"range": [-1.2, 2.2]},
        yaxis2={"showgrid": False, "showticklabels": False, "rangemode": "tozero"},
    )
    return figure


def draw_bowls(bowls: Mapping[Scaling, Bowl]) -> go.Figure:
    """Draw the loss of a linear model of two pixels around its minimum, for each scaling."""
    titles = [
        f"{SCALINGS[name]}: κ = {format_number(bowl.condition)}" for name, bowl in bowls.items()
    ]
    figure = make_subplots(cols=len(bowls), subplot_titles=titles, shared_yaxes=True)
    line = np.linspace(-1, 1, _GRID)
    for column, bowl in enumerate(bowls.values(), start=1):
        loss = bowl.find_loss(1.0, _GRID)
        figure.add_contour(
            x=line,
            y=line,
            z=(loss / loss.max()).numpy(),
            colorscale="Blues",
            reversescale=True,
            showscale=False,
            contours={"start": 0, "end": 1, "size": 0.05},
            hovertemplate=f"{hover_number('z')} of the largest<extra></extra>",
            row=1,
            col=column,
        )
    figure.update_layout(height=260, margin={"l": 40, "r": 8, "t": 36, "b": 36}, dragmode=False)
    figure.update_xaxes(title_text="w₁ − w₁*")
    figure.update_yaxes(title_text="w₂ − w₂*", col=1)
    return figure


def draw_race(race: Race) -> go.Figure:
    """Draw the held-out accuracy from every initialization."""
    figure = go.Figure()
    for name, values in race.accuracies.items():
        figure.add_scatter(
            x=race.steps,
            y=[100 * value for value in values],
            name=INITIALIZATIONS[name],
            line={"color": _COLORS[name], "width": 2.5},
            hovertemplate=(
                f"{INITIALIZATIONS[name]}, step %{{x}}: {hover_percent('y')}<extra></extra>"
            ),
        )
    lay_out_curves(figure, x="training step", y="held-out accuracy, %")
    figure.update_layout(yaxis={"range": [0, 102]})
    return figure

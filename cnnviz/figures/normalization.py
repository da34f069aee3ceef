"""Normalization drawn: the cube of Wu and He, values before and after, curves."""

import numpy as np
import plotly.graph_objects as go
import torch
from torch import Tensor
from torch.nn import functional

from cnnviz.figures.curves import lay_out_curves
from cnnviz.figures.format import hover_number, hover_percent
from cnnviz.figures.oblique import LINE, Point, add_face, add_name, lay_out
from cnnviz.figures.strip import Strip, pack_signed
from cnnviz.labs.normalization import Normalized, Race, RunningMean

SHOWN = 8  # channels that are drawn
_MAX_SIDE = 24  # of a drawn map, in cells
_LIT, _PALE, _OTHER = "#D96721", "rgba(128,128,128,0.12)", "#3674B9"
_BINS = 60


def find_shown(channel: int, channels: int) -> range:
    """Return the channels that are drawn: the eight among which the chosen one is."""
    start = channel // SHOWN * SHOWN
    return range(start, min(start + SHOWN, channels))


def draw_maps(found: Normalized, scaled: Tensor, *, image: int, channel: int) -> Strip:
    """Draw activations, those that share a mean with the chosen map, and the normalized ones."""
    shown = find_shown(channel, found.values.shape[1])
    shared = found.find_shared(image, channel)
    kept = found.values * shared[:, :, None, None]
    titles = ("Activations", "Values with one μ and σ", "Normalized")
    panels = [
        pack_signed(
            _reduce(values[:, shown.start : shown.stop]).flatten(0, 1)[None],
            title=title,
            note="",
            across=len(shown),
        )
        for title, values in zip(titles, (found.values, kept, scaled), strict=True)
    ]
    rows = f"{len(found.values)} images, one a row; channels {shown.start} to {shown.stop - 1}"
    label = f"{rows}. {int(shared.sum())} of {shared.numel()} maps share a mean and a variance."
    return Strip(panels, label=label, layout="panels")


def _reduce(values: Tensor) -> Tensor:
    height, width = (min(size, _MAX_SIDE) for size in values.shape[2:])
    return functional.adaptive_avg_pool2d(values, (height, width))


def draw_cube(found: Normalized, *, image: int, channel: int) -> go.Figure:
    """Draw the cube of the activations, N into the depth, C across, H·W up, as Wu and He do.

    The chosen image is in front. Orange cells share a mean.
    """
    shown = find_shown(channel, found.values.shape[1])
    shared = found.find_shared(image, channel)[:, shown.start : shown.stop]
    order = [image, *(one for one in range(len(shared)) if one != image)]
    lit = shared[order]
    images, channels = lit.shape
    figure = go.Figure()
    up = _tall(channels)

    def add(corner: Point, one: Point, two: Point, is_lit: Tensor) -> None:
        add_face(figure, corner, one, two, fill=_LIT if is_lit else _PALE)

    for column in range(channels):
        add((column, 0, 0), (1, 0, 0), (0, up, 0), lit[0, column])
    for row in range(images):
        for column in range(channels):
            add((column, up, row), (1, 0, 0), (0, 0, 1), lit[row, column])
        add((channels, 0, row), (0, 0, 1), (0, up, 0), lit[row, channels - 1])
    add_name(figure, (channels / 2, -0.6, 0.0), "C")
    add_name(figure, (-0.9, up / 2, 0.0), "H, W")
    add_name(figure, (channels + 0.6, -0.3, images / 2), "N")
    lay_out(figure, height=240)
    return figure


def _tall(channels: int) -> float:
    return max(channels / 2, 1.5)


def draw_histograms(found: Normalized, scaled: Tensor, *, image: int, channel: int) -> go.Figure:
    """Draw how the values that share a mean are distributed before and after."""
    shared = found.find_shared(image, channel)
    figure = go.Figure()
    parts = (("before", found.values, _OTHER), ("after", scaled, _LIT))
    low = min(float(values[shared].min()) for _, values, _ in parts)
    high = max(float(values[shared].max()) for _, values, _ in parts)
    edges = np.linspace(low, high if high > low else low + 1, _BINS + 1)
    for name, values, color in parts:
        counts, _ = np.histogram(values[shared].numpy(), bins=edges)
        figure.add_bar(
            x=(edges[:-1] + edges[1:]) / 2,
            y=counts,
            name=name,
            marker={"color": color},
            opacity=0.7,
            hovertemplate=f"{name}, {hover_number('x')}: {hover_number('y')} values<extra></extra>",
        )
    lay_out_curves(figure, x="value", y="values")
    figure.update_layout(barmode="overlay", bargap=0)
    return figure


def draw_running(found: RunningMean) -> go.Figure:
    """Draw the mean of each batch and the moving average that follows."""
    steps = list(range(1, len(found.batches) + 1))
    figure = go.Figure()
    lines = (
        ("mean of the batch", found.batches, "markers", LINE),
        ("running mean", found.running, "lines", _LIT),
        ("mean of all images", torch.full_like(found.running, found.whole), "lines", _OTHER),
    )
    for name, values, mode, color in lines:
        figure.add_scatter(
            x=steps,
            y=values.tolist(),
            name=name,
            mode=mode,
            line={"color": color, "width": 2.5},
            marker={"color": color, "size": 5},
            hovertemplate=f"{name}, step %{{x}}: {hover_number('y')}<extra></extra>",
        )
    lay_out_curves(figure, x="training step", y="mean")
    return figure


def draw_race(race: Race) -> go.Figure:
    """Draw the held-out accuracy of both networks."""
    figure = go.Figure()
    names = ("without", "with batch normalization")
    for name, values, color in zip(names, race.accuracies, (LINE, _LIT), strict=True):
        figure.add_scatter(
            x=race.steps,
            y=[100 * value for value in values],
            name=name,
            line={"color": color, "width": 2.5},
            hovertemplate=f"{name}, step %{{x}}: {hover_percent('y')}<extra></extra>",
        )
    lay_out_curves(figure, x="training step", y="held-out accuracy, %")
    figure.update_layout(yaxis={"range": [0, 102]})
    return figure

"""Loss landscapes drawn: a surface to turn, and contours with the same colors for all networks."""

import math
from collections.abc import Mapping, Sequence

import numpy as np
import plotly.graph_objects as go

from cnnviz.figures.format import (
    format_number,
    format_percent,
    format_setting,
    hover_number,
)
from cnnviz.labs.landscapes import Landscape

_SCALE = "Viridis"
_TICKS = (0.5, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 10_000, 100_000)
_SURFACE, _CONTOURS = 480, 230  # pixels


def draw_surface(landscape: Landscape, *, limits: tuple[float, float]) -> go.Figure:
    """Draw a loss surface over both directions, the loss on a logarithmic axis.

    Args:
        landscape: The surface.
        limits: The least and largest loss that colors tell apart.
    """
    losses = landscape.losses.numpy()
    figure = go.Figure(
        go.Surface(
            x=landscape.offsets,
            y=landscape.offsets,
            z=losses,
            surfacecolor=np.log10(losses),
            showscale=False,
            hovertemplate=f"a = %{{x}}, b = %{{y}}: loss {hover_number('z')}<extra></extra>",
            **_color(limits),
        )
    )
    spread = [math.log10(limit) for limit in limits]
    figure.update_layout(
        height=_SURFACE,
        margin={"l": 0, "r": 0, "t": 0, "b": 0},
        uirevision="landscape",  # the surface stays as it was turned
        scene={
            "xaxis": {"title": {"text": "a"}},
            "yaxis": {"title": {"text": "b"}},
            "zaxis": {"title": {"text": "loss"}, "type": "log", "range": spread},
            "camera": {"eye": {"x": 1.4, "y": -1.4, "z": 0.9}},
        },
    )
    return figure


def draw_contours(landscape: Landscape, *, limits: tuple[float, float]) -> go.Figure:
    """Draw where the loss is alike, and the trained weights in the middle."""
    low, high = (math.log10(limit) for limit in limits)
    ticks = [one for one in _TICKS if limits[0] <= one <= limits[1]]
    losses = landscape.losses.numpy()
    figure = go.Figure(
        go.Contour(
            x=landscape.offsets,
            y=landscape.offsets,
            z=np.log10(losses),
            customdata=losses,
            contours={"start": low, "end": high, "size": (high - low) / 16},
            colorbar={
                "title": {"text": "loss"},
                "tickvals": [math.log10(one) for one in ticks],
                "ticktext": [format_setting(one) for one in ticks],
                "thickness": 12,
            },
            hovertemplate="a = %{x}, b = %{y}: loss "
            + hover_number("customdata")
            + "<extra></extra>",
            colorscale=_SCALE,
            zmin=low,
            zmax=high,
        )
    )
    mark = {"symbol": "x", "size": 11, "color": "#FFFFFF", "line": {"width": 1}}
    figure.add_scatter(x=[0], y=[0], mode="markers", marker=mark, hoverinfo="skip")
    figure.update_layout(
        height=_CONTOURS,
        margin={"l": 40, "r": 8, "t": 8, "b": 36},
        xaxis={"title": {"text": "a"}},
        yaxis={"title": {"text": "b"}},
        showlegend=False,
    )
    return figure


def _color(limits: tuple[float, float]) -> dict[str, object]:
    low, high = (math.log10(limit) for limit in limits)
    return {"colorscale": _SCALE, "cmin": low, "cmax": high}


def find_limits(landscapes: Sequence[Landscape]) -> tuple[float, float]:
    """Return the least and the largest loss of all of them."""
    return (
        min(float(one.losses.min()) for one in landscapes),
        max(float(one.losses.max()) for one in landscapes),
    )


def write_landscapes(landscapes: Mapping[str, Landscape], *, chance: float) -> str:
    """Say of each network where its loss is below that of guessing.

    Args:
        landscapes: By the networks' titles.
        chance: The loss of guessing.
    """
    return " ".join(
        f"{title}: loss {format_number(one.center)} in the middle, at most "
        f"{format_number(float(one.losses.max()))}, below that of guessing on "
        f"{format_percent(one.find_share_below(chance), digits=0)} of the square."
        for title, one in landscapes.items()
    )

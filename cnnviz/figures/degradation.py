"""Degradation drawn: the error of shallow and deep networks while they are trained."""

from collections.abc import Sequence

import plotly.graph_objects as go

from cnnviz.figures.colors import CATEGORY_COLORS
from cnnviz.figures.curves import lay_out_curves
from cnnviz.figures.format import format_percent, hover_number
from cnnviz.labs.degradation import ErrorCurve

_HEIGHT = 380  # pixels
_THIN, _THICK = 1.5, 3


def draw_errors(curves: Sequence[ErrorCurve], *, limits: tuple[float, float]) -> go.Figure:
    """Draw training errors thin and dotted and test errors thick, as the paper's figure 6 does.

    Args:
        curves: Of one kind, each depth in a color of its own.
        limits: Of the errors in percent, the same for all charts.
    """
    figure = go.Figure()
    for curve, color in zip(curves, CATEGORY_COLORS, strict=False):
        for kind, errors, width, dash in (
            ("training", curve.train, _THIN, "dot"),
            ("test", curve.test, _THICK, "solid"),
        ):
            figure.add_scatter(
                x=curve.seen,
                y=errors,
                mode="lines",
                name=f"{curve.title}, {kind}",
                line={"color": color, "width": width, "dash": dash},
                hovertemplate=f"{curve.title}, {kind} error: {hover_number('y')} %<extra></extra>",
            )
    lay_out_curves(figure, x="training images seen", y="top-1 error, %", height=_HEIGHT)
    figure.update_yaxes(range=limits)
    return figure


def find_limits(curves: Sequence[ErrorCurve]) -> tuple[float, float]:
    """Return the least error, with some room below it, and 100 %."""
    least = min(min(*curve.train, *curve.test) for curve in curves)
    return (max(0.0, 5 * (least // 5) - 5), 100.0)


def write_errors(curves: Sequence[ErrorCurve]) -> str:
    """Say the last errors of each network."""
    return "; ".join(
        f"{curve.title}: training error {format_percent(curve.train[-1] / 100)}, test error "
        f"{format_percent(curve.test[-1] / 100)}"
        for curve in curves
    )

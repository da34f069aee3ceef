"""The look that charts of curves share."""

import plotly.graph_objects as go


def lay_out_curves(figure: go.Figure, *, x: str, y: str = "", height: int = 240) -> None:
    """Name the axes, and put the legend above the curves.

    Args:
        figure: The chart.
        x: What is across.
        y: What is up.
        height: In pixels.
    """
    figure.update_layout(
        height=height,
        margin={"l": 48, "r": 8, "t": 8, "b": 40},
        legend={"orientation": "h", "yanchor": "bottom", "y": 1.0, "x": 0},
        xaxis={"title": {"text": x}},
        yaxis={"title": {"text": y}},
    )

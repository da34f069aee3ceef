"""Bodies drawn in oblique projection: faces of cubes and cuboids on a flat chart."""

import numpy as np
import plotly.graph_objects as go

Point = tuple[float, float, float]
LINE = "#8A8577"
_SLANT = (0.45, 0.35)  # of one step into the depth, right and up


def project(point: Point) -> tuple[float, float]:
    """Return where a point (across, up, into the depth) lies on the chart."""
    x, y, depth = point
    return x + _SLANT[0] * depth, y + _SLANT[1] * depth


def add_face(figure: go.Figure, corner: Point, one: Point, two: Point, *, fill: str) -> None:
    """Add a parallelogram by its corner and two edges."""
    start, first, second = (np.array(each, dtype=float) for each in (corner, one, two))
    corners = (start, start + first, start + first + second, start + second, start)
    points = [project((point[0], point[1], point[2])) for point in corners]
    figure.add_scatter(
        x=[x for x, _ in points],
        y=[y for _, y in points],
        mode="lines",
        fill="toself",
        fillcolor=fill,
        line={"color": LINE, "width": 1},
        hoverinfo="skip",
    )


def add_cuboid(figure: go.Figure, corner: Point, size: Point, *, fill: str) -> None:
    """Add the three faces of a cuboid that are seen: front, top and right.

    Args:
        figure: The chart.
        corner: Its lower left front corner.
        size: Across, up, into the depth.
        fill: Color of the faces.
    """
    (x, y, depth), (across, up, deep) = corner, size
    add_face(figure, corner, (across, 0, 0), (0, up, 0), fill=fill)
    add_face(figure, (x, y + up, depth), (across, 0, 0), (0, 0, deep), fill=fill)
    add_face(figure, (x + across, y, depth), (0, 0, deep), (0, up, 0), fill=fill)


def add_name(figure: go.Figure, point: Point, text: str, *, size: int = 16) -> None:
    """Write a name at a point."""
    across, up = project(point)
    figure.add_annotation(x=across, y=up, text=text, showarrow=False, font={"size": size})


def lay_out(figure: go.Figure, *, height: int) -> None:
    """Hide the axes, and give both the same scale."""
    figure.update_layout(
        height=height,
        margin={"l": 0, "r": 0, "t": 0, "b": 0},
        showlegend=False,
        xaxis={"visible": False},
        yaxis={"visible": False, "scaleanchor": "x"},
        dragmode=False,
    )

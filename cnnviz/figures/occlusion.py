"""Occlusion maps, the work that windows saved, and their files."""

import csv
import io
from collections import Counter

import numpy as np
import numpy.typing as npt
import plotly.graph_objects as go
from PIL import Image, ImageDraw
from plotly.colors import sample_colorscale

from cnnviz.attribution.occlusion import LayerSaving, Occlusion, OcclusionMap
from cnnviz.graph import Graph, LayerKind
from cnnviz.imaging import Pixels, to_png, upscale_nearest

_SCALE = "Viridis"
# Middle tones that stand out on light and dark ground; grey is all further classes.
_CLASS_COLORS = (
    *("#3F8F6B", "#D9722E", "#4285CD", "#B58A1B", "#9A62B5"),
    *("#C25B7A", "#4AA3A2", "#8C6D4F"),
)
_OTHER, _EMPTY = "#7F8BA0", "#00000000"
_HEIGHT, _FILE_SIDE = 330, 420
# A sure network whose map is even must look even.
_LEAST_RANGE = 0.1
Numbers = npt.NDArray[np.float64]


def spread_coarse(values: Numbers, done: npt.NDArray[np.bool_]) -> Numbers:
    """Give a position that was not covered yet the value of the coarser grid's one before it."""
    spread = values.copy()
    for row, column in zip(*np.nonzero(~done), strict=True):
        for step in (2, 4):
            place = (row - row % step, column - column % step)
            if done[place]:
                spread[row, column] = values[place]
                break
    return spread


def draw_probability(occlusion: Occlusion, found: OcclusionMap, *, name: str) -> go.Figure:
    """Draw the class's probability at each position, dark where covering it takes the class away.

    Args:
        occlusion: The positions.
        found: The class's maps.
        name: Of the class.
    """
    values = spread_coarse(found.probability.double().numpy(), occlusion.done.numpy())
    low, top = _find_range(values, found)
    figure = go.Figure(
        go.Heatmap(
            x=_list_centers(occlusion.lefts, occlusion, axis=1),
            y=_list_centers(occlusion.tops, occlusion, axis=0),
            z=values,
            zmin=low,
            zmax=top,
            colorscale=_SCALE,
            colorbar={"thickness": 12, "tickformat": ".0%", "len": 1.0},
            hoverinfo="skip",
        )
    )
    texts = [f"p({name}) = {value:.1%}" for value in values.flat]
    _lay_points(figure, occlusion, texts)
    return _finish(figure, occlusion)


def _find_range(values: Numbers, found: OcclusionMap) -> tuple[float, float]:
    """The ends of the colour scale: what the map holds, and at least a tenth of all there is."""
    known = [*values[np.isfinite(values)], found.clean_probability]
    top = max(max(known), _LEAST_RANGE)
    return min(*known, top - _LEAST_RANGE), top


def draw_best(occlusion: Occlusion, found: OcclusionMap, *, classes: tuple[str, ...]) -> go.Figure:
    """Draw which class is the most probable at each position, with a legend of names."""
    done = occlusion.done.numpy()
    best = spread_coarse(found.best.double().numpy(), done).astype(int)
    named = rank_best(found)
    places = {index: place for place, index in enumerate(named)}
    coded = np.vectorize(lambda index: places.get(index, len(named)) if index >= 0 else -1)(best)
    colors = [_EMPTY, *(_CLASS_COLORS[: len(named)]), _OTHER]
    count = len(colors)
    scale = [(edge / count, color) for at, color in enumerate(colors) for edge in (at, at + 1)]
    figure = go.Figure(
        go.Heatmap(
            x=_list_centers(occlusion.lefts, occlusion, axis=1),
            y=_list_centers(occlusion.tops, occlusion, axis=0),
            z=coded,
            zmin=-1.5,
            zmax=count - 1.5,
            colorscale=scale,
            showscale=False,
            hoverinfo="skip",
        )
    )
    texts = [classes[index] if index >= 0 else "not yet" for index in best.flat]
    _lay_points(figure, occlusion, texts)
    names = [(classes[index], color) for index, color in zip(named, _CLASS_COLORS, strict=False)]
    if (coded == len(named)).any():
        names.append(("others", _OTHER))
    for name, color in names:
        marker = {"color": color, "symbol": "square", "size": 11}
        figure.add_scatter(
            x=[None], y=[None], mode="markers", marker=marker, name=name, showlegend=True
        )
    return _finish(figure, occlusion)


def rank_best(found: OcclusionMap) -> tuple[int, ...]:
    """Return the classes that are most probable somewhere, 8 at most, the most frequent first."""
    counts = Counter(index for index in found.best.flatten().tolist() if index >= 0)
    return tuple(index for index, _ in counts.most_common(len(_CLASS_COLORS)))


def _list_centers(starts: tuple[int, ...], occlusion: Occlusion, *, axis: int) -> list[float]:
    """The middles of the covered squares, in pixels."""
    end, patch = occlusion.size[axis], occlusion.options.patch
    return [(start + min(end, start + patch)) / 2 for start in starts]


def _lay_points(figure: go.Figure, occlusion: Occlusion, texts: list[str]) -> None:
    """Invisible points over the cells: a heat map tells nobody that it was clicked."""
    columns = _list_centers(occlusion.lefts, occlusion, axis=1)
    rows = _list_centers(occlusion.tops, occlusion, axis=0)
    figure.add_scatter(
        x=columns * len(rows),
        y=[row for row in rows for _ in columns],
        mode="markers",
        marker={"size": 14, "opacity": 0},
        text=texts,
        hovertemplate="%{text}<br>square around row %{y:.0f}, column %{x:.0f}<extra></extra>",
        showlegend=False,
    )


def _finish(figure: go.Figure, occlusion: Occlusion) -> go.Figure:
    height, width = occlusion.size
    figure.update_layout(
        height=_HEIGHT,
        margin={"l": 8, "r": 8, "t": 8, "b": 8},
        legend={"orientation": "h", "y": -0.02, "yanchor": "top"},
        dragmode=False,
    )
    figure.update_xaxes(visible=False, range=[0, width], constrain="domain")
    figure.update_yaxes(visible=False, range=[height, 0], scaleanchor="x", constrain="domain")
    return figure


def draw_savings(savings: tuple[LayerSaving, ...], graph: Graph) -> go.Figure:
    """Draw, for each convolution, the share of its cells that was computed."""
    rows = list_convolutions(savings, graph)
    figure = go.Figure(
        go.Bar(
            x=list(range(1, len(rows) + 1)),
            y=[saving.cells for saving, _ in rows],
            marker={"color": _CLASS_COLORS[0]},
            customdata=[
                [title, saving.computed / 1e6, saving.full / 1e6] for saving, title in rows
            ],
            hovertemplate=(
                "%{customdata[0]}<br>%{y:.0%} of its cells<br>%{customdata[1]:.1f} of "
                "%{customdata[2]:.1f} million multiply-adds<extra></extra>"
            ),
        )
    )
    figure.update_layout(height=240, margin={"l": 8, "r": 8, "t": 8, "b": 8}, bargap=0.15)
    figure.update_xaxes(
        title="convolutions, from the input upwards",
        dtick=max(1, len(rows) // 10),
        fixedrange=True,
    )
    figure.update_yaxes(tickformat=".0%", range=[0, 1], title="computed", fixedrange=True)
    return figure


def list_convolutions(
    savings: tuple[LayerSaving, ...], graph: Graph
) -> list[tuple[LayerSaving, str]]:
    """Return the savings of the convolutions with their titles."""
    layers = {layer.name: layer for layer in graph.layers}
    return [
        (saving, layers[saving.name].title)
        for saving in savings
        if layers[saving.name].kind is LayerKind.CONVOLUTION
    ]


def frame_square(view: Pixels, occlusion: Occlusion, *, row: int, column: int) -> Pixels:
    """Return a picture, enlarged, with the square of a position framed."""
    factor = max(1, -(-_FILE_SIDE // max(view.shape[:2])))
    large = upscale_nearest(_to_rgb(view), factor=factor)
    image = Image.fromarray(large)
    square = occlusion.find_square(row, column)
    box = [
        square.columns.start * factor,
        square.rows.start * factor,
        square.columns.end * factor - 1,
        square.rows.end * factor - 1,
    ]
    ImageDraw.Draw(image).rectangle(box, outline=_CLASS_COLORS[1], width=3)
    return np.array(image)


def _to_rgb(view: Pixels) -> Pixels:
    return np.repeat(view[:, :, None], 3, axis=2) if view.ndim == 2 else view


def write_picture(view: Pixels, occlusion: Occlusion, found: OcclusionMap) -> bytes:
    """Write picture, map of the probability and map of the best class, side by side, as PNG."""
    done = occlusion.done.numpy()
    probability = spread_coarse(found.probability.double().numpy(), done)
    low, top = _find_range(probability, found)
    table = np.array(
        [
            [int(part) for part in color[4:-1].split(",")]
            for color in sample_colorscale(_SCALE, list(np.linspace(0, 1, 256)))
        ],
        dtype=np.uint8,
    )
    share = (np.nan_to_num(probability, nan=low) - low) / (top - low)
    shown = table[(share * 255).round().astype(int)]
    best = spread_coarse(found.best.double().numpy(), done).astype(int)
    colors = {
        index: [int(color[at : at + 2], 16) for at in (1, 3, 5)]
        for index, color in zip(rank_best(found), _CLASS_COLORS, strict=False)
    }
    other = [int(_OTHER[at : at + 2], 16) for at in (1, 3, 5)]
    named = np.array([[colors.get(int(i), other) for i in line] for line in best], dtype=np.uint8)
    panels = [
        np.array(Image.fromarray(panel).resize((_FILE_SIDE, _FILE_SIDE), Image.Resampling.NEAREST))
        for panel in (_to_rgb(view), shown, named)
    ]
    gap = np.full((_FILE_SIDE, 16, 3), 255, dtype=np.uint8)
    return to_png(np.hstack([panels[0], gap, panels[1], gap, panels[2]]))


def write_csv(occlusion: Occlusion, found: OcclusionMap, *, classes: tuple[str, ...]) -> bytes:
    """Write one line a position: what was covered, the class's values, and the best class."""
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(["top", "left", "patch", "probability", "logit", "most probable"])
    for row, top in enumerate(occlusion.tops):
        for column, left in enumerate(occlusion.lefts):
            if int(found.best[row, column]) >= 0:
                writer.writerow(
                    [
                        top,
                        left,
                        occlusion.options.patch,
                        f"{float(found.probability[row, column]):.6g}",
                        f"{float(found.logit[row, column]):.6g}",
                        classes[int(found.best[row, column])],
                    ]
                )
    return file.getvalue().encode()

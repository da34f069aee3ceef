"""Occlusion maps, the work that windows saved, and their files."""

import base64
import csv
import io
from collections import Counter
from typing import Any

import numpy as np
import numpy.typing as npt
import plotly.graph_objects as go
from PIL import Image
from plotly.colors import sample_colorscale

from cnnviz.attribution.occlusion import LayerSaving, Occlusion, OcclusionMap
from cnnviz.figures.attribution import pack_picture
from cnnviz.graph import Graph, LayerKind
from cnnviz.imaging import Pixels, to_png

_SCALE = "Viridis"
# Middle tones that stand out on light and dark ground; grey is all further classes.
_CLASS_COLORS = (
    *("#3F8F6B", "#D9722E", "#4285CD", "#B58A1B", "#9A62B5"),
    *("#C25B7A", "#4AA3A2", "#8C6D4F"),
)
_OTHER = "#7F8BA0"
_FILE_SIDE = 420
_GUESSES = 5
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


def pack_occlusion(
    view: Pixels,
    fill: Pixels,
    occlusion: Occlusion,
    found: OcclusionMap,
    *,
    classes: tuple[str, ...],
) -> dict[str, Any]:
    """Pack Zeiler and Fergus's figure, and each position's five likeliest classes.

    Args:
        view: The picture as the network sees it, uint8 (H, W) or (H, W, 3).
        fill: What is seen through the covered square, the same shape.
        occlusion: The positions.
        found: The class's maps.
        classes: Names of the classes.
    """
    done = occlusion.done.numpy()
    values = spread_coarse(found.probability.double().numpy(), done)
    low, top = _find_range(values, found)
    best = spread_coarse(found.best.double().numpy(), done).astype(int)
    named = rank_best(found)
    places = {index: place for place, index in enumerate(named)}
    coded = [places.get(index, len(named)) if index >= 0 else -1 for index in best.flat]
    legend = [
        {"name": classes[index], "color": color}
        for index, color in zip(named, _CLASS_COLORS, strict=False)
    ]
    if len(named) in coded:
        legend.append({"name": "others", "color": _OTHER})
    uniform = bool((fill == fill[:1, :1]).all())
    return {
        "picture": pack_picture(view),
        "fill": pack_picture(fill[:1, :1] if uniform else fill),
        "patch": occlusion.options.patch,
        "tops": list(occlusion.tops),
        "lefts": list(occlusion.lefts),
        "probability": [None if np.isnan(each) else round(each, 5) for each in values.flat],
        "best": coded,
        "legend": legend,
        "clean": found.clean_probability,
        "low": low,
        "top": top,
        "table": base64.b64encode(_tabulate_scale().tobytes()).decode("ascii"),
        "name": classes[found.target],
        **_pack_guesses(occlusion, classes),
    }


def _pack_guesses(occlusion: Occlusion, classes: tuple[str, ...]) -> dict[str, Any]:
    """The five likeliest classes of each position that was covered, and what was said before."""
    shares, indices = occlusion.logits.softmax(dim=2).topk(min(_GUESSES, len(classes)), dim=2)
    before = occlusion.clean.softmax(dim=0)
    known = sorted(set(indices[occlusion.done].flatten().tolist()))
    short = {index: at for at, index in enumerate(known)}
    rows = zip(
        occlusion.done.flatten().tolist(),
        indices.flatten(0, 1).tolist(),
        shares.flatten(0, 1).tolist(),
        strict=True,
    )
    return {
        "guesses": [
            [[short[index], round(share, 4)] for index, share in zip(them, told, strict=True)]
            if is_done
            else None
            for is_done, them, told in rows
        ],
        "names": [classes[index] for index in known],
        "before": [round(float(before[index]), 4) for index in known],
    }


def _tabulate_scale() -> npt.NDArray[np.uint8]:
    return np.array(
        [
            [int(part) for part in color[4:-1].split(",")]
            for color in sample_colorscale(_SCALE, list(np.linspace(0, 1, 256)))
        ],
        dtype=np.uint8,
    )


def _find_range(values: Numbers, found: OcclusionMap) -> tuple[float, float]:
    """The ends of the colour scale: what the map holds, and at least a tenth of all there is."""
    known = [*values[np.isfinite(values)], found.clean_probability]
    top = max(max(known), _LEAST_RANGE)
    return min(*known, top - _LEAST_RANGE), top


def rank_best(found: OcclusionMap) -> tuple[int, ...]:
    """Return the classes that are most probable somewhere, 8 at most, the most frequent first."""
    counts = Counter(index for index in found.best.flatten().tolist() if index >= 0)
    return tuple(index for index, _ in counts.most_common(len(_CLASS_COLORS)))


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


def _to_rgb(view: Pixels) -> Pixels:
    return np.repeat(view[:, :, None], 3, axis=2) if view.ndim == 2 else view


def write_picture(view: Pixels, occlusion: Occlusion, found: OcclusionMap) -> bytes:
    """Write picture, map of the probability and map of the best class, side by side, as PNG."""
    done = occlusion.done.numpy()
    probability = spread_coarse(found.probability.double().numpy(), done)
    low, top = _find_range(probability, found)
    table = _tabulate_scale()
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

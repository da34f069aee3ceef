"""A layer's maps, kernels and values as images and charts to keep."""

import math
from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import numpy.typing as npt
import plotly.graph_objects as go
from PIL import Image, ImageDraw, ImageFont

from cnnviz.activations.maps import (
    Histogram,
    LayerReading,
    MapOrder,
    MapRange,
    Values,
    find_layer_limit,
    find_limits,
    order_channels,
)
from cnnviz.figures.colors import color_signed, diverging_table
from cnnviz.figures.format import format_number, format_percent, format_probability, hover_percent
from cnnviz.images.image import Pixels, to_png, upscale_nearest
from cnnviz.networks.load import Prediction

_TILE = 120
_GAP = 12
_CAPTION = 18
_GROUND = {False: (252, 251, 248), True: (18, 21, 28)}
_TEXT = {False: (29, 36, 51), True: (233, 230, 223)}
_POSITIVE, _NEGATIVE, _ZERO = "#D96721", "#3674B9", "#8A8577"


def draw_sheet(
    maps: Values,
    *,
    limits: npt.NDArray[np.float64],
    captions: Sequence[str],
    title: str,
    dark: bool = False,
) -> bytes:
    """Draw maps as one sheet of tiles with captions, a title and the colour scale, as PNG.

    Args:
        maps: (n, H, W).
        limits: The magnitude that gets the end of the scale, one a map, (n,).
        captions: One a map.
        title: What stands above.
        dark: Whether the ground is dark.
    """
    colored = color_signed(maps, limit=limits[:, None, None], dark=dark)  # (n, H, W, 3)
    shared = float(limits.max()) if len(set(limits.tolist())) == 1 else None
    return draw_tiles(colored, captions, title=title, limit=shared, dark=dark)


def draw_layer(
    reading: LayerReading, *, order: MapOrder, over: MapRange, title: str, most: int = 256
) -> bytes:
    """Draw a layer's maps in an order, at most so many, with their largest values, as PNG."""
    channels = list(order_channels(reading.statistics, by=order)[:most])
    maps = reading.values[channels]
    peaks = zip(channels, maps.max(axis=(1, 2)).tolist(), strict=True)
    return draw_sheet(
        maps,
        limits=find_limits(maps, over=over, layer_limit=find_layer_limit(reading)),
        captions=[f"{channel}: {format_number(peak)}" for channel, peak in peaks],
        title=title,
    )


def draw_tiles(
    tiles: Pixels | Sequence[Pixels],
    captions: Sequence[str],
    *,
    title: str,
    limit: float | None = None,
    dark: bool = False,
) -> bytes:
    """Draw images of one size as a sheet of tiles, as PNG.

    Args:
        tiles: RGB, uint8 (H, W, 3) each.
        captions: One a tile.
        title: What stands above.
        limit: The end of the signed scale that all share, drawn below; None for no scale.
        dark: Whether the ground is dark.
    """
    enlarged = [upscale_nearest(tile, min_size=_TILE) for tile in tiles]
    height, width = enlarged[0].shape[:2]
    across = min(len(enlarged), max(1, math.ceil(math.sqrt(len(enlarged) * 1.6))))
    down = -(-len(enlarged) // across)
    step_x, step_y = width + _GAP, height + _CAPTION + _GAP
    size = (
        max(across * step_x, 360) + _GAP,
        down * step_y + 2 * _GAP + 24 + (34 if limit is not None else 0),
    )
    sheet = Image.new("RGB", size, _GROUND[dark])
    pen = ImageDraw.Draw(sheet)
    pen.text((_GAP, _GAP), title, fill=_TEXT[dark], font=_font(17))
    for index, (tile, caption) in enumerate(zip(enlarged, captions, strict=True)):
        left = _GAP + index % across * step_x
        top = 2 * _GAP + 24 + index // across * step_y
        sheet.paste(Image.fromarray(tile), (left, top))
        pen.rectangle((left - 1, top - 1, left + width, top + height), outline=(138, 133, 119))
        pen.text((left, top + height + 3), caption, fill=_TEXT[dark], font=_font(12))
    if limit is not None:
        _draw_scale(sheet, limit=limit, top=size[1] - 34, dark=dark)
    return to_png(np.asarray(sheet))


def _draw_scale(sheet: Image.Image, *, limit: float, top: int, dark: bool) -> None:
    bar = np.repeat(diverging_table(dark=dark)[None, :, :], 12, axis=0)  # (12, 256, 3)
    sheet.paste(Image.fromarray(bar), (_GAP + 60, top))
    pen = ImageDraw.Draw(sheet)
    for text, left in ((-limit, _GAP), (0.0, _GAP + 182), (limit, _GAP + 322)):
        # Pillow's own font has no minus sign: it would draw a box.
        label = format_number(text).replace("−", "-") if text else "0"
        above = top if text else top + 13
        pen.text((left, above), label, fill=_TEXT[dark], font=_font(12))


def _font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.load_default(size=size)


def draw_histogram(histogram: Histogram, *, dead_fraction: float) -> go.Figure:
    """Draw how many cells have which value; exact zeros as a bar of their own.

    Args:
        histogram: The counts.
        dead_fraction: Fraction of cells at zero or below, for the title.
    """
    edges = histogram.edges
    width = float(edges[1] - edges[0])
    centers = (edges[:-1] + edges[1:]) / 2
    bars = [
        go.Bar(
            x=centers,
            y=histogram.counts,
            width=width * 0.92,
            marker={"color": [_POSITIVE if center > 0 else _NEGATIVE for center in centers]},
            customdata=[f"{format_number(a)} to {format_number(b)}" for a, b in pairwise(edges)],
            hovertemplate="%{customdata}<br>%{y} cells<extra></extra>",
        )
    ]
    if histogram.zeros:
        zeros = go.Bar(
            x=[0.0],
            y=[histogram.zeros],
            width=width * 0.6,
            marker={"color": _ZERO},
            hovertemplate="exactly 0<br>%{y} cells<extra></extra>",
        )
        bars.append(zeros)
    # All in one go: plotly takes three times as long to update a layout.
    layout = {
        "height": 230,
        "margin": {"l": 44, "r": 8, "t": 26, "b": 36},
        "barmode": "overlay",
        "showlegend": False,
        "title": {
            "text": f"{format_percent(dead_fraction)} at zero or below",
            "font": {"size": 13},
        },
        "xaxis": {"title": {"text": "value"}, "zeroline": True},
        "yaxis": {
            "title": {"text": "cells"},
            "type": "log" if _is_steep(histogram) else "linear",
        },
    }
    return go.Figure(data=bars, layout=layout)


def _is_steep(histogram: Histogram) -> bool:
    """Whether one bar would dwarf all others on a plain axis."""
    heights = sorted([*histogram.counts.tolist(), histogram.zeros], reverse=True)
    return len(heights) > 1 and heights[0] > 12 * max(heights[1], 1)


def draw_top(prediction: Prediction, classes: Sequence[str], *, count: int) -> go.Figure:
    """Draw so many of the likeliest classes as bars, the first on top."""
    top = prediction.ranking[:count]
    names = [classes[index] for index in top]
    probabilities = [float(prediction.probabilities[index]) for index in top]
    figure = go.Figure(
        go.Bar(
            x=[100 * share for share in probabilities],
            y=names,
            orientation="h",
            marker={"color": [_POSITIVE, *[_ZERO] * (len(names) - 1)]},
            text=[format_probability(share) for share in probabilities],
            textposition="auto",
            hovertemplate=f"%{{y}}: {hover_percent('x')}<extra></extra>",
        )
    )
    figure.update_layout(
        height=60 + 26 * len(names),
        margin={"l": 8, "r": 8, "t": 8, "b": 36},
        xaxis={"title": {"text": "probability in %"}, "range": [0, 100]},
        yaxis={"autorange": "reversed", "type": "category"},
    )
    return figure


def write_map_csv(values: Values) -> bytes:
    """Write one map (H, W) as CSV: a line a row."""
    lines = (",".join(f"{value:.6g}" for value in row) for row in values.tolist())
    return ("\n".join(lines) + "\n").encode("ascii")


def write_stack_csv(values: Values, *, name: str = "channel", first: int = 0) -> bytes:
    """Write maps or kernels as CSV: channel, row and the row's values; a vector as index and value.

    Args:
        values: (C, H, W) or (N,).
        name: What the first column is called.
        first: The number of the first channel.
    """
    if values.ndim == 1:
        lines = [f"{index},{value:.6g}" for index, value in enumerate(values.tolist())]
        return ("index,value\n" + "\n".join(lines) + "\n").encode("ascii")
    header = ",".join([name, "row", *(f"column {i}" for i in range(values.shape[2]))])
    lines = [
        f"{first + channel},{row}," + ",".join(f"{value:.6g}" for value in line)
        for channel, plane in enumerate(values.tolist())
        for row, line in enumerate(plane)
    ]
    return (header + "\n" + "\n".join(lines) + "\n").encode("ascii")

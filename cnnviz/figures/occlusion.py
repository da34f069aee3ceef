"""Occlusion maps, the work that windows saved, and their files."""

import base64
import csv
import io
from collections import Counter
from typing import Any

import numpy as np
import numpy.typing as npt
import plotly.graph_objects as go
from PIL import Image, ImageColor, ImageDraw, ImageFont
from plotly.colors import sample_colorscale

from cnnviz.attribution.occlusion.cover import LayerSaving, Occlusion, OcclusionMap
from cnnviz.attribution.occlusion.strongest import StrongestMap
from cnnviz.figures.attribution import pack_image
from cnnviz.figures.format import (
    format_latex,
    format_number,
    format_percent,
    format_probability,
    format_quantity,
    hover_percent,
)
from cnnviz.images.image import Pixels, to_png, to_rgb
from cnnviz.networks.graph.layers import Graph, LayerKind

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
_MIN_RANGE = 0.1
# A few pixels of a projection are far above all others.
_BRIGHTEST = 0.995
_ACROSS = 3  # panels side by side where there are more than four
Numbers = npt.NDArray[np.float64]
# Title, pixels, and a note or a key of colours.
_Panel = tuple[str, npt.NDArray[Any], str | list[tuple[str, str]]]
_Cells = tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]


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
        view: The image as the network sees it, uint8 (H, W) or (H, W, 3).
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
        "picture": pack_image(view),
        "fill": pack_image(fill[:1, :1] if uniform else fill),
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
    top = max(max(known), _MIN_RANGE)
    return min(*known, top - _MIN_RANGE), top


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
            y=[100 * saving.cells for saving, _ in rows],
            marker={"color": _CLASS_COLORS[0]},
            customdata=[
                [title, format_quantity(saving.computed), format_quantity(saving.full)]
                for saving, title in rows
            ],
            hovertemplate=(
                f"%{{customdata[0]}}<br>{hover_percent('y')} of its cells<br>"
                "%{customdata[1]} of %{customdata[2]} multiply-adds<extra></extra>"
            ),
        )
    )
    figure.update_layout(height=240, margin={"l": 8, "r": 8, "t": 8, "b": 8}, bargap=0.15)
    figure.update_xaxes(
        title="convolutions, from the input upwards",
        dtick=max(1, len(rows) // 10),
        fixedrange=True,
    )
    figure.update_yaxes(ticksuffix=" %", range=[0, 100], title="computed", fixedrange=True)
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


def count_work(savings: tuple[LayerSaving, ...]) -> tuple[int, float]:
    """Return the multiply-adds of a whole pass, and those computed for one position on average."""
    return sum(one.full for one in savings), sum(one.computed for one in savings)


def write_work(savings: tuple[LayerSaving, ...]) -> str:
    """Write which share of the multiply-adds was computed as a formula."""
    full, computed = count_work(savings)
    part, whole = format_quantity(computed), format_quantity(full)
    share = format_latex(format_percent(computed / full))
    return rf"\frac{{\text{{{part}}}}}{{\text{{{whole}}}}} = {share}\text{{ of the multiply-adds}}"


def draw_figure(
    view: Pixels,
    occlusion: Occlusion,
    found: OcclusionMap,
    *,
    classes: tuple[str, ...],
    strongest: StrongestMap | None = None,
) -> Pixels:
    """Draw the figure with its keys: image, cost, probability and best class, (H, W, 3).

    Args:
        view: The image as the network sees it, uint8 (H, W) or (H, W, 3).
        occlusion: The positions.
        found: The class's maps.
        classes: Names of the classes.
        strongest: A layer's strongest map, which two more panels show; None for none.
    """
    done = occlusion.done.numpy()
    values = spread_coarse(found.probability.double().numpy(), done)
    best = spread_coarse(found.best.double().numpy(), done).astype(int)
    low, top = _find_range(values, found)
    cells = find_nearest(occlusion)
    share = np.nan_to_num((values - low) / (top - low))
    named = rank_best(found)
    colors = dict(zip(named, _CLASS_COLORS, strict=False))
    best_of = np.array([ImageColor.getrgb(colors.get(int(i), _OTHER)) for i in best.flat])
    image, name = to_rgb(view), classes[found.target]
    key = [(classes[index], color) for index, color in colors.items()]
    if set(best.flat) - set(named):
        key.append(("others", _OTHER))
    panels: list[_Panel] = [
        ("The image", image, ""),
        (
            f"What covering costs {name}",
            _lay_cost(image, values[cells], found.clean_probability, low),
            f"gray 0, orange {format_percent(max(0.0, found.clean_probability - low))}",
        ),
        (
            f"Probability of {name}",
            _tabulate_scale()[(share[cells] * 255).round().astype(int)],
            f"dark {format_probability(low)}, bright {format_probability(top)}",
        ),
        ("Most probable class", best_of.reshape(*best.shape, 3)[cells], key),
    ]
    if strongest is not None:
        panels[2:2] = _draw_strongest(strongest, cells=cells)
    return _draw_sheet(panels)


def write_image(
    view: Pixels, occlusion: Occlusion, found: OcclusionMap, *, classes: tuple[str, ...]
) -> bytes:
    """Write the page’s figure as PNG; see `draw_figure`."""
    return to_png(draw_figure(view, occlusion, found, classes=classes))


def _draw_strongest(strongest: StrongestMap, *, cells: _Cells) -> list[_Panel]:
    """The map's sum by the place of the square, and its deconvnet projection."""
    sums = spread_coarse(strongest.sums.double().numpy(), ~strongest.sums.isnan().numpy())
    known = [*sums[np.isfinite(sums)], strongest.clean]
    low, top = min(known), max(known)
    share = np.nan_to_num((sums - low) / (top - low or 1.0))
    name = f"Sum of map {strongest.channel} of {strongest.layer}"
    note = f"dark {format_number(low)}, bright {format_number(top)}"
    panels: list[_Panel] = [
        (name, _tabulate_scale()[(share[cells] * 255).round().astype(int)], note)
    ]
    if isinstance(strongest.projection, str):
        return panels
    values = strongest.projection.permute(1, 2, 0).double().numpy()  # (H, W, C)
    limit = float(np.quantile(np.abs(values), _BRIGHTEST)) or 1.0
    shown = to_rgb(np.rint(127.5 + 127.5 * (values / limit).clip(-1, 1)).astype(np.uint8))
    return [*panels, (f"Deconvnet projection of map {strongest.channel}", shown, "gray 0")]


def find_nearest(occlusion: Occlusion) -> _Cells:
    """Return, for each pixel, row and column of the position whose square's middle is nearest."""
    along = []
    for size, starts in zip(occlusion.size, (occlusion.tops, occlusion.lefts), strict=True):
        ends = np.minimum(size, np.array(starts) + occlusion.options.patch)
        middles = (np.array(starts) + ends) / 2
        along.append(np.abs(middles[None] - np.arange(size)[:, None] - 0.5).argmin(axis=1))
    return along[0][:, None], along[1][None]


def _lay_cost(image: Pixels, values: Numbers, clean: float, low: float) -> Pixels:
    """Lay what covering takes, in orange, over the image in grey."""
    lost = np.nan_to_num((clean - values) / max(1e-9, clean - low)).clip(0, 1)[..., None] * 0.85
    grey = np.array(Image.fromarray(image).convert("L"), dtype=np.float64)[..., None] * 0.7
    blended: Pixels = ((1 - lost) * grey + lost * np.array([240, 120, 40])).astype(np.uint8)
    return blended


def _draw_sheet(panels: list[_Panel]) -> Pixels:
    """Put titled panels side by side, each with a note or a key of colours under it."""
    lines = max(len(under) for _, _, under in panels if isinstance(under, list))
    gap, line = 16, 24
    across = len(panels) if len(panels) <= _ACROSS + 1 else _ACROSS
    down = -(-len(panels) // across)
    high = _FILE_SIDE + 3 * gap + 2 * line
    size = (across * (_FILE_SIDE + gap) + gap, down * high + line * (lines - 1))
    sheet = Image.new("RGB", size, "white")
    pen, font = ImageDraw.Draw(sheet), ImageFont.load_default(size=18)
    for place, (title, pixels, under) in enumerate(panels):
        left, start = gap + place % across * (_FILE_SIDE + gap), place // across * high
        foot = start + _FILE_SIDE + 2 * gap + line
        pen.text((left, start + gap), title, fill="black", font=font)
        panel = Image.fromarray(pixels.astype(np.uint8))
        panel = panel.resize((_FILE_SIDE, _FILE_SIDE), Image.Resampling.NEAREST)
        sheet.paste(panel, (left, start + gap + line))
        if isinstance(under, str):
            pen.text((left, foot), under.replace("−", "-"), fill="black", font=font)
            continue
        for row, (name, color) in enumerate(under):
            y = foot + row * line
            pen.rectangle((left, y + 4, left + 14, y + 18), fill=color)
            pen.text((left + 22, y), name, fill="black", font=font)
    return np.array(sheet)


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

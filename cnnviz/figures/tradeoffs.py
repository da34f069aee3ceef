"""Bubbles of accuracy against cost, and the same numbers in words and as CSV."""

import csv
import io
import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go

from cnnviz.costs.tradeoffs import Candidate, Quantity, Score, choose_best, find_front, fits
from cnnviz.figures.colors import CATEGORY_COLORS
from cnnviz.figures.curves import lay_out_curves
from cnnviz.figures.format import (
    format_bytes,
    format_latex,
    format_number,
    format_percent,
    format_quantity,
    format_seconds,
    format_setting,
    hover_number,
    write_table,
)
from cnnviz.figures.label_placement import Named, place_names

# A family beyond the tenth has the first colour again and another shape.
_SYMBOLS = ("circle", "square", "diamond")
_LARGEST = 48  # pixels across
_SMALLEST = 5
_FADED = 0.13
_SOLID = 0.66
_HEIGHT = 560
_LEGEND_HEIGHT = 112  # pixels: all families of torchvision on a laptop's screen
_WIDE = 30  # times from the least to the most
_NAMED_BUBBLES = 24  # more names would lie on each other
_SCALES = {
    Quantity.MULTIPLY_ADDS: (1e9, "multiply-adds, billions"),
    Quantity.PARAMETERS: (1e6, "parameters, millions"),
    Quantity.FILE: (2**20, "file, MB"),
    Quantity.MEMORY: (2**20, "activations of one image, MB"),
    Quantity.TIME: (1.0, "milliseconds an image, on this machine"),
    Quantity.PEAK: (2**20, "most held at once for one image, on this machine, MB"),
}
_SCORES = {
    Score.TOP1: "top-1 accuracy, %",
    Score.TOP5: "top-5 accuracy, %",
    Score.DENSITY: "top-1 points per million parameters",
}

_UNITS = {
    Quantity.MULTIPLY_ADDS: "multiply-adds",
    Quantity.PARAMETERS: "parameters",
    Quantity.FILE: "on disk",
    Quantity.MEMORY: "of activations",
    Quantity.TIME: "an image here",
    Quantity.PEAK: "held at once here",
}
# The table's columns: title and unit.
_COLUMNS = {
    Quantity.MULTIPLY_ADDS: ("Multiply-adds G", 1e9),
    Quantity.PARAMETERS: ("Parameters M", 1e6),
    Quantity.FILE: ("File MB", 2**20),
    Quantity.MEMORY: ("Activations MB", 2**20),
    Quantity.TIME: ("Time ms", 1),
    Quantity.PEAK: ("Peak memory MB", 2**20),
}
FORMATS = dict.fromkeys([title for title, _ in _COLUMNS.values()], "%.1f") | {
    "Year": "%d",
    "Top-1 %": "%.1f",
    "Top-5 %": "%.1f",
    "Multiply-adds G": "%.2f",
    "Density": "%.2f",
}

# Steps of the budgets: unit, scale, and the values, each about twice the one before.
_STEPS: dict[Quantity, tuple[str, float, tuple[float, ...]]] = {
    Quantity.MULTIPLY_ADDS: (
        "G",
        1e9,
        (0.02, 0.04, 0.08, 0.15, 0.3, 0.6, 1.2, 2.5, 5, 10, 20, 40, 100),
    ),
    Quantity.PARAMETERS: ("M", 1e6, (1, 1.5, 2.5, 3.1, 5, 10, 20, 40, 80, 150, 300)),
    Quantity.FILE: ("MB", 2**20, (2, 3, 6, 12, 25, 50, 100, 200, 400, 800)),
    Quantity.MEMORY: ("MB", 2**20, (0.2, 0.5, 1, 2, 5, 10, 20, 40, 80, 160, 320)),
    Quantity.TIME: ("ms", 1.0, (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000)),
    Quantity.PEAK: ("MB", 2**20, (0.2, 0.5, 1, 2, 5, 10, 20, 40, 80, 160, 320)),
}


def list_budgets(cost: Quantity) -> dict[str, float]:
    """List steps of a cost's budget, in the cost's own unit, by their names; the last is none."""
    unit, scale, steps = _STEPS[cost]
    return {f"{format_setting(step)} {unit}": step * scale for step in steps} | {"any": math.inf}


def draw_bubbles(
    candidates: Sequence[Candidate],
    *,
    cost: Quantity,
    score: Score,
    area: Quantity,
    budget: Mapping[Quantity, float],
    logarithmic: bool,
    selected: str | None,
    families: Sequence[str],
) -> go.Figure:
    """Draw a bubble for each candidate, one colour a family, and the Pareto front.

    Args:
        candidates: Those without this cost or score are left out.
        cost: From left to right.
        score: From below to above.
        area: What a bubble's area shows.
        budget: Candidates over it are faint.
        logarithmic: Whether the cost axis is.
        selected: Key of the candidate to point out; None for none.
        families: All there are, so that each keeps its colour whatever is shown.

    Returns:
        A figure whose bubbles carry their candidate's key as `customdata[0]`.
    """
    known = [one for one in candidates if cost in one.costs and one.score(score) is not None]
    figure = go.Figure()
    _add_front(figure, known, cost=cost, score=score)
    # Over one scale for all families; the largest first, so that small bubbles lie on top.
    scale = 2 * max((one.costs.get(area, 0) for one in known), default=1) / _LARGEST**2
    # Of many, those that nothing cheaper beats carry their names, and the one that is looked at.
    named = known if len(known) <= _NAMED_BUBBLES else find_front(known, cost=cost, score=score)
    first = [one for one in known if one.key == selected]
    names = _place_names(
        [*first, *(one for one in reversed(named) if one.key != selected)],
        known,
        find_place=lambda one: (
            math.log(one.costs[cost]) if logarithmic else one.costs[cost],
            one.score(score) or 0.0,
        ),
        find_radius=lambda one: math.sqrt(2 * one.costs.get(area, 0) / (scale or 1)) / 2,
    )
    for place, family in enumerate(families):
        members = [one for one in known if one.family == family]
        members.sort(key=lambda one: -one.costs.get(area, 0))
        if not members:
            continue
        figure.add_trace(
            go.Scatter(
                x=[one.costs[cost] / _SCALES[cost][0] for one in members],
                y=[one.score(score) for one in members],
                mode="markers+text",
                text=[one.title if names.get(one.key) else "" for one in members],
                textposition=[names.get(one.key) or "top center" for one in members],
                cliponaxis=False,
                name=family,
                customdata=[[one.key, describe(one)] for one in members],
                hovertemplate="%{customdata[1]}<extra></extra>",
                marker={
                    "size": [one.costs.get(area, 0) for one in members],
                    "sizemode": "area",
                    "sizeref": scale or 1,
                    "sizemin": _SMALLEST,
                    "color": CATEGORY_COLORS[place % len(CATEGORY_COLORS)],
                    "symbol": _SYMBOLS[place // len(CATEGORY_COLORS) % len(_SYMBOLS)],
                    "opacity": [_SOLID if fits(one, budget) else _FADED for one in members],
                    "line": {
                        "width": [3 if one.key == selected else 0.5 for one in members],
                        "color": "#808080",
                    },
                },
                # A click points a bubble out by its line; the others stay as they are.
                selected={"marker": {}},
                unselected={"marker": {}},
            )
        )
    costs = [one.costs[cost] for one in known]
    # Over a narrow range plotly's own ticks are whole numbers, over a wide one they are too few.
    wide = bool(costs) and max(costs) > _WIDE * min(costs)
    _set_layout(figure, cost=cost, score=score, logarithmic=logarithmic, wide=wide)
    return figure


def _place_names(
    named: Sequence[Candidate],
    known: Sequence[Candidate],
    *,
    find_place: Callable[[Candidate], tuple[float, float]],
    find_radius: Callable[[Candidate], float],
) -> dict[str, str]:
    """Choose where the names stand, by key; empty where one would lie on another."""
    if not known:
        return {}
    places = np.array([find_place(one) for one in known])
    low, span = places.min(axis=0), np.ptp(places, axis=0)
    shares = [(np.array(find_place(one)) - low) / np.where(span > 0, span, 1) for one in named]
    points = [
        Named(float(x), float(y), find_radius(one), one.title)
        for one, (x, y) in zip(named, shares, strict=True)
    ]
    return dict(zip([one.key for one in named], place_names(points), strict=True))


def _add_front(
    figure: go.Figure, known: Sequence[Candidate], *, cost: Quantity, score: Score
) -> None:
    front = find_front(known, cost=cost, score=score)
    figure.add_trace(
        go.Scatter(
            x=[one.costs[cost] / _SCALES[cost][0] for one in front],
            y=[one.score(score) for one in front],
            mode="lines",
            name="Pareto front",
            line={"color": "#808080", "width": 1.5, "dash": "dot", "shape": "hv"},
            hoverinfo="skip",
        )
    )


def _set_layout(
    figure: go.Figure, *, cost: Quantity, score: Score, logarithmic: bool, wide: bool
) -> None:
    figure.update_xaxes(
        title=_SCALES[cost][1] + (", logarithmic" if logarithmic else ""),
        type="log" if logarithmic else "linear",
        dtick="D2" if logarithmic and wide else None,
        rangemode="tozero",
        zeroline=False,
    )
    figure.update_yaxes(title=_SCORES[score], zeroline=False)
    figure.update_layout(
        height=_HEIGHT,
        margin={"l": 8, "r": 8, "t": 48, "b": 8},
        # A long list scrolls in its own box, so that it leaves a narrow screen's chart its height.
        legend={
            "orientation": "h",
            "y": -0.16,
            "yanchor": "top",
            "title": None,
            "maxheight": _LEGEND_HEIGHT,
        },
        hoverlabel={"align": "left"},
        dragmode="pan",
        clickmode="event+select",
    )


def describe(candidate: Candidate) -> str:
    """Describe a candidate in a few short lines, for the card under the pointer."""
    lines = [
        f"<b>{candidate.title}</b>, {candidate.year}",
        f"{candidate.weights} at {candidate.input_size}×{candidate.input_size}",
        write_accuracy(candidate),
        *(f"{cost}: {write_cost(cost, value)}" for cost, value in candidate.costs.items()),
    ]
    return "<br>".join(lines)


def write_accuracy(candidate: Candidate) -> str:
    """Write a candidate's accuracies."""
    top5 = "" if candidate.top5 is None else f", top-5 {format_percent(candidate.top5 / 100)}"
    return f"top-1 {format_percent(candidate.top1 / 100)}{top5}"


def write_cost(cost: Quantity, value: float) -> str:
    """Write a cost with its unit."""
    if cost in (Quantity.FILE, Quantity.MEMORY, Quantity.PEAK):
        return format_bytes(round(value))
    return format_seconds(value / 1000) if cost is Quantity.TIME else format_quantity(value)


def write_card(candidate: Candidate) -> str:
    """Write what is known of a candidate as a Markdown table, and its accuracy density."""
    facts = {"Top-1": format_percent(candidate.top1 / 100)}
    if candidate.top5 is not None:
        facts["Top-5"] = format_percent(candidate.top5 / 100)
    facts |= {str(cost): write_cost(cost, value) for cost, value in candidate.costs.items()}
    table = write_table(("", ""), [(name, f"**{fact}**") for name, fact in facts.items()])
    top1, parameters, density = (
        format_latex(text)
        for text in (
            facts["Top-1"],
            format_number(candidate.costs[Quantity.PARAMETERS] / 1e6),
            format_number(candidate.score(Score.DENSITY) or 0),
        )
    )
    formula = rf"$\frac{{{top1}}}{{{parameters}\text{{ M}}}} = {density}$"
    return f"{table}\n\nAccuracy density {formula}"


def draw_memory(candidates: Sequence[Candidate]) -> tuple[go.Figure, float]:
    """Draw memory against parameters; return the chart and the correlation of both.

    Args:
        candidates: Three or more whose activation memory is known.
    """
    x = np.array([one.costs[Quantity.PARAMETERS] for one in candidates]) / 1e6
    activations = np.array([one.costs[Quantity.MEMORY] for one in candidates])
    y = (4e6 * x + activations) / 2**20
    slope, offset = np.polyfit(x, y, 1)
    ends = np.array([0, x.max()])
    figure = go.Figure()
    figure.add_scatter(
        x=x,
        y=y,
        mode="markers",
        name="networks",
        text=[one.title for one in candidates],
        hovertemplate=f"<b>%{{text}}</b><br>{hover_number('x')} M parameters, "
        f"{hover_number('y')} MB<extra></extra>",
    )
    figure.add_scatter(
        x=ends, y=offset + slope * ends, mode="lines", name="least squares", hoverinfo="skip"
    )
    lay_out_curves(figure, x="parameters, millions", y="weights and activations, MB", height=320)
    return figure, float(np.corrcoef(x, y)[0, 1])


def write_advice(candidates: Sequence[Candidate], *, budget: Mapping[Quantity, float]) -> str:
    """Write which of the candidates fit a budget; empty where none does."""
    best = choose_best(candidates, budget=budget)
    if best is None:
        return ""
    count = sum(fits(one, budget) for one in candidates)
    begin = f"{count} of {len(candidates)} fit" if budget else f"All {count} fit"
    costs = ", ".join(
        f"{write_cost(cost, value)} {_UNITS[cost]}" for cost, value in best.costs.items()
    )
    return (
        f"{begin}. The most accurate of them is **{best.title}** ({best.weights}): "
        f"{write_accuracy(best)}, with {costs}."
    )


def tabulate(
    candidates: Sequence[Candidate], *, budget: Mapping[Quantity, float]
) -> dict[str, list[Any]]:
    """Make columns of all numbers that are known of any candidate."""
    costs = {
        title: [_divide(one.costs.get(cost), scale) for one in candidates]
        for cost, (title, scale) in _COLUMNS.items()
        if any(cost in one.costs for one in candidates)
    }
    return {
        "Network": [one.title for one in candidates],
        "Weights": [one.weights for one in candidates],
        "Year": [one.year for one in candidates],
        "Input": [one.input_size for one in candidates],
        "Top-1 %": [one.top1 for one in candidates],
        "Top-5 %": [one.top5 for one in candidates],
        **costs,
        "Density": [one.score(Score.DENSITY) for one in candidates],
        "Fits": [fits(one, budget) for one in candidates],
    }


def _divide(value: float | None, scale: float) -> float | None:
    return None if value is None else value / scale


def write_csv(candidates: Sequence[Candidate], *, budget: Mapping[Quantity, float]) -> str:
    """Write all candidates as CSV, the header first; unknown numbers are left empty."""
    text = io.StringIO()
    writer = csv.writer(text)
    names = [cost.lower().replace(" ", "_") for cost in Quantity]
    header = ["name", "title", "family", "year", "weights", "input_size", "top1", "top5"]
    writer.writerow([*header, *names, "fits_budget"])
    for one in candidates:
        facts = [one.name, one.title, one.family, one.year, one.weights, one.input_size]
        scores = [one.top1, "" if one.top5 is None else one.top5]
        costs = [one.costs.get(cost, "") for cost in Quantity]
        writer.writerow([*facts, *scores, *costs, fits(one, budget)])
    return text.getvalue()

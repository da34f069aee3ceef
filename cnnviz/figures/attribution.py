"""Attribution maps packed for the browser, their checks as charts, their sums as formulas."""

import base64
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go
import torch
from torch import Tensor

from cnnviz.attribution.faithfulness import Faithfulness
from cnnviz.attribution.integrated_gradients import Completeness
from cnnviz.attribution.pointing_score import read_score
from cnnviz.attribution.randomization import Stage
from cnnviz.attribution.worked import CamSum
from cnnviz.figures.format import (
    format_count,
    format_latex,
    format_number,
    format_percent,
    format_shape,
    hover_number,
    hover_percent,
)
from cnnviz.imaging import Pixels
from cnnviz.inference import LoadedModel
from cnnviz.zoo.lineage import MEMBERS

# A panel is rarely larger on a screen; of a larger map the strongest value of each block is sent.
_MAX_SIDE = 128
# A few pixels of a gradient are far above all others: the scale ends where they begin.
_BRIGHTEST = 0.995
# A chart of correlations shows at least this far below zero.
_LEAST_CORRELATION = -0.4


def pack_image(view: Pixels) -> dict[str, Any]:
    """Pack what a network sees, uint8 (H, W) or (H, W, 3)."""
    return {
        "rows": view.shape[0],
        "columns": view.shape[1],
        "channels": 1 if view.ndim == 2 else 3,
        "pixels": base64.b64encode(np.ascontiguousarray(view).tobytes()).decode("ascii"),
    }


def pack_map(
    values: Tensor,
    *,
    name: str,
    note: str,
    label: str,
    pixels: Tensor | None = None,
    signed: bool,
    raw: bool = False,
) -> dict[str, Any]:
    """Pack a map for a panel.

    Args:
        values: (H, W), of either sign.
        name: What stands in bold below it.
        note: What stands behind the name.
        label: The panel in words.
        pixels: The same for red, green and blue, (3, H, W), to be drawn in colour; None to be
            laid over the image.
        signed: Whether values below zero are drawn too.
        raw: Whether it is drawn cell by cell and alone.
    """
    small = reduce_blocks(values)
    size = float(values.abs().max())
    panel = {
        "kind": "raw" if raw else "map",
        "rows": small.shape[0],
        "columns": small.shape[1],
        "values": _encode(small, limit=size),
        "scale": size / 127,
        "limit": find_limit(values, signed=signed),
        "peak": size,
        "smooth": min(values.shape) <= _MAX_SIDE // 2 and pixels is None,
        "name": name,
        "note": note,
        "label": label,
    }
    if pixels is not None:
        tiles = torch.stack([reduce_blocks(plane) for plane in pixels], dim=-1)  # (h, w, 3)
        limit = float(pixels.abs().flatten().quantile(_BRIGHTEST))
        panel |= {"kind": "color", "color": _encode(tiles, limit=limit)}
    return panel


def find_limit(values: Tensor, *, signed: bool) -> float:
    """Return the value that gets the end of the colour scale.

    The largest of a layer's map; of a map of pixels the one that five in a thousand exceed.
    """
    size = values.abs() if signed else values.clamp(min=0)
    if min(values.shape) <= _MAX_SIDE // 4:
        return float(size.max())
    return float(size.flatten().quantile(_BRIGHTEST)) or float(size.max())


def reduce_blocks(values: Tensor) -> Tensor:
    """Reduce a large map (H, W): of each block the value of the largest magnitude."""
    step = -(-max(values.shape) // _MAX_SIDE)
    if step == 1:
        return values
    plane = values[None, None]  # (1, 1, H, W)
    high, low = (
        torch.nn.functional.max_pool2d(each, step, ceil_mode=True)[0, 0] for each in (plane, -plane)
    )
    return torch.where(high >= low, high, -low)


def _encode(values: Tensor, *, limit: float) -> str:
    cells = (values / (limit or 1.0) * 127).round().clamp(-127, 127).to(torch.int8)
    return base64.b64encode(cells.contiguous().numpy().tobytes()).decode("ascii")


def describe_values(values: Tensor) -> str:
    """Say a map's range and size in a few words: “−0.20 to 0.83 · 13×13”."""
    low, high = (format_number(float(each)) for each in (values.min(), values.max()))
    return f"{low} to {high} · {format_shape(values.shape)}"


def draw_cascade(
    stages: Sequence[Stage], *, labels: Sequence[str], at: int, absolute: bool
) -> go.Figure:
    """Draw each method's rank correlation with its own map of the trained network.

    Args:
        stages: The cascade's moments.
        labels: One a moment, for the axis.
        at: Which moment is pointed out.
        absolute: Whether magnitudes are compared, not signed values.
    """
    figure = go.Figure()
    places = list(range(len(stages)))
    least = _LEAST_CORRELATION
    for name in stages[0].maps:
        kept = [stage.absolute if absolute else stage.signed for stage in stages]
        least = min(least, *(values[name] for values in kept))
        figure.add_scatter(
            x=places,
            y=[
                None if name in stage.level else values[name]
                for stage, values in zip(stages, kept, strict=True)
            ],
            name=name,
            mode="lines+markers",
            customdata=labels[: len(stages)],
            hovertemplate=f"%{{customdata}}: {hover_number('y')}<extra>{name}</extra>",
        )
    figure.add_vline(x=at, line={"width": 2, "dash": "dot", "color": "#8A8577"})
    figure.update_layout(
        height=330,
        margin={"l": 48, "r": 8, "t": 8, "b": 8},
        legend={"orientation": "h", "y": 1.02, "yanchor": "bottom"},
        xaxis={
            "title": {"text": "random down to"},
            "tickvals": places,
            "ticktext": list(labels[: len(stages)]),
            "tickangle": -40,
            "automargin": True,
        },
        yaxis={"title": {"text": "rank correlation"}, "range": [least - 0.05, 1.05]},
    )
    return figure


def draw_curves(
    found: Mapping[str, Faithfulness], *, deletion: bool, random_order: str
) -> go.Figure:
    """Draw the deletion or insertion curves of several maps.

    Args:
        found: Curves by name.
        deletion: Which of the two.
        random_order: Name of the curve that is drawn faintly, to compare with.
    """
    figure = go.Figure()
    for name, curves in found.items():
        shown = curves.deletion if deletion else curves.insertion
        figure.add_scatter(
            x=(100 * curves.shares).tolist(),
            y=(100 * shown).tolist(),
            name=name,
            mode="lines",
            line={"color": "#8A8577", "dash": "dot"} if name == random_order else {"width": 2.4},
            hovertemplate=(
                f"{hover_percent('x')} of the pixels: {hover_percent('y')}<extra>{name}</extra>"
            ),
        )
    what = "taken away" if deletion else "given back"
    figure.update_layout(
        height=330,
        margin={"l": 48, "r": 8, "t": 8, "b": 40},
        legend={"orientation": "h", "y": 1.02, "yanchor": "bottom"},
        xaxis={"title": {"text": f"pixels {what}, %"}, "range": [0, 100]},
        yaxis={"title": {"text": "the class's probability, %"}, "rangemode": "tozero"},
    )
    return figure


def tabulate_areas(found: Mapping[str, Faithfulness]) -> dict[str, list[Any]]:
    """Arrange the areas below the curves by column, the best insertion first."""
    order = sorted(found, key=lambda name: -found[name].insertion_area)
    return {
        "Method": order,
        "Deletion (small is good)": [found[name].deletion_area for name in order],
        "Insertion (large is good)": [found[name].insertion_area for name in order],
    }


def write_curves_csv(found: Mapping[str, Faithfulness]) -> str:
    """Write the curves as CSV: a line for each method and share."""
    lines = ["method,share,deletion,insertion"]
    for name, curves in found.items():
        rows = zip(
            curves.shares.tolist(),
            curves.deletion.tolist(),
            curves.insertion.tolist(),
            strict=True,
        )
        lines += [f"{name},{a:.6g},{b:.6g},{c:.6g}" for a, b, c in rows]
    return "\n".join(lines) + "\n"


def describe_kept(stage: Stage, *, absolute: bool) -> str:
    """Say what is left of each method's correlation at a stage."""
    kept = stage.absolute if absolute else stage.signed
    return ", ".join(
        f"{name} {'has no map' if name in stage.level else format_number(kept[name])}"
        for name in stage.maps
    )


def write_cascade_csv(stages: Sequence[Stage]) -> str:
    """Write the cascade as CSV: a line for each moment and method."""
    lines = ["layers_random,newly_random,method,rank_correlation,rank_correlation_of_magnitudes"]
    for stage in stages:
        layers = " ".join(stage.layers)
        lines += [
            f"{stage.count},{layers},{name},{stage.signed[name]:.6g},{stage.absolute[name]:.6g}"
            for name in stage.maps
        ]
    return "\n".join(lines) + "\n"


def write_cam_formula(cam: CamSum, *, shown: int = 2) -> str:
    """Write a cell of Grad-CAM worked out with its own numbers, as LaTeX.

    Args:
        cam: The sum.
        shown: How many of its terms are written out.
    """
    first = cam.terms[:shown]
    # A line each, for narrow screens.
    terms = r" \\ &\quad + ".join(
        rf"\underbrace{{{_signed(term.weight)}}}_{{\alpha_{{{term.channel}}}}}"
        rf"\cdot {_signed(term.activation)}"
        for term in first
    )
    rest = cam.rest + sum(term.product for term in cam.terms[shown:])
    count = cam.count - len(first)
    others = (
        rf" \\ &\quad + \underbrace{{{_signed(rest)}}}_{{{count}\text{{ further maps}}}}"
        if count
        else ""
    )
    place = f"{cam.row},{cam.column}"
    lines = (
        rf"\alpha_k &= \tfrac{{1}}{{{cam.cells}}}\sum_{{i,j}}"
        r"\frac{\partial y^c}{\partial A^k_{ij}}"
        rf" \\ L_{{{place}}} &= \sum_k \alpha_k A^k_{{{place}}}"
        rf" \\ &= {terms}{others} \\ &= {format_latex(format_number(cam.value))}"
    )
    return rf"\begin{{aligned}} {lines} \end{{aligned}}"


def write_completeness_formula(found: Completeness) -> str:
    """Write the sum of integrated gradients beside what it should be, as LaTeX."""
    numbers = (found.handed_out, found.difference)
    total, difference = (format_latex(format_number(each)) for each in numbers)
    lines = (
        rf"\sum_{{i,j}} a_{{ij}} &= {total}"
        rf" \\ y^c(x) - y^c(\text{{black}}) &= {difference}"
    )
    return rf"\begin{{aligned}} {lines} \end{{aligned}}"


def draw_gaps(gaps: Mapping[int, float], *, at: int) -> go.Figure:
    """Draw how incomplete integrated gradients are by the number of steps, both by powers of ten.

    Args:
        gaps: Share of the difference that is missing or too much, by steps.
        at: Which number of steps is pointed out.
    """
    steps = sorted(gaps)
    figure = go.Figure(
        go.Scatter(
            x=steps,
            y=[100 * max(gaps[each], 1e-6) for each in steps],
            mode="lines+markers",
            marker={"size": [13 if each == at else 8 for each in steps]},
            hovertemplate=f"%{{x}} steps: {hover_percent('y')}<extra></extra>",
        )
    )
    figure.add_hline(y=1, line={"width": 2, "dash": "dot", "color": "#8A8577"})
    figure.update_layout(
        height=260, margin={"l": 48, "r": 8, "t": 8, "b": 40}, showlegend=False, dragmode=False
    )
    figure.update_xaxes(
        type="log", title="steps on the path", tickvals=steps, ticktext=[*map(str, steps)]
    )
    figure.update_yaxes(type="log", title="missing, %", dtick=1)
    return figure


def _signed(value: float) -> str:
    text = format_latex(format_number(value))
    return f"({text})" if text.startswith("-") else text


def describe_pointing(model: LoadedModel) -> str:
    """Say how often Grad-CAM points at the right one of two objects, or how to measure it."""
    title, name = model.spec.title, model.spec.name
    score = read_score(model.card)
    if score is not None:
        both = format_percent(score.both / score.pairs)
        single = format_percent(score.single / (2 * score.pairs))
        return (
            f"- Pointing game: in {format_count(score.pairs)} pairs of held-out photographs side "
            f"by side, Grad-CAM of {title} peaked on the right half for both classes in "
            f"**{both}** (chance 25 %), and for single maps in {single} (chance 50 %). The network "
            "classifies all of these photographs correctly."
        )
    if any(member.name == name for member in MEMBERS):
        return (
            f"- The pointing game of {title} has not been measured. `python -m "
            f"cnnviz.attribution.pointing {name} --data DIR --write-card` measures it."
        )
    return f"- The pointing game of {title} is not known: it needs the networks of 64 pixels."

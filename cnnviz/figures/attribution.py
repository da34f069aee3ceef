"""Attribution maps packed for the browser, and their sums as formulas."""

import base64
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go
import torch
from torch import Tensor

from cnnviz.attribution.checks.completeness import Completeness
from cnnviz.attribution.checks.diagnosis import trace_values
from cnnviz.attribution.methods.worked import CamSum
from cnnviz.attribution.options import Options
from cnnviz.attribution.passes import count_passes
from cnnviz.attribution.result import OF_SUPERPIXELS, Attribution, Method, Superpixels
from cnnviz.figures.format import (
    format_count,
    format_latex,
    format_number,
    format_shape,
    hover_percent,
)
from cnnviz.images.image import Pixels, to_rgb

# A panel is rarely larger on a screen; of a larger map the strongest value of each block is sent.
_MAX_SIDE = 128
# A few pixels of a gradient are far above all others: the scale ends where they begin.
_BRIGHTEST = 0.995
_BORDER = (255, 140, 26)  # of superpixels
# In color, as the Grad-CAM paper prints them.
_IN_COLOR = (Method.GUIDED_BACKPROP, Method.GUIDED_GRAD_CAM, Method.DECONVNET)


def pack_image(view: Pixels) -> dict[str, Any]:
    """Pack what a network sees, uint8 (H, W) or (H, W, 3)."""
    return {
        "rows": view.shape[0],
        "columns": view.shape[1],
        "channels": 1 if view.ndim == 2 else 3,
        "pixels": base64.b64encode(np.ascontiguousarray(view).tobytes()).decode("ascii"),
    }


def pack_views(views: Sequence[Pixels]) -> tuple[list[dict[str, int]], list[dict[str, Any]]]:
    """Pack what networks see, one a row of a figure: the row's image by number, and the images."""
    packed = [pack_image(view) for view in views]
    distinct = [each for at, each in enumerate(packed) if each not in packed[:at]]
    return [{"picture": distinct.index(each)} for each in packed], distinct


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


def pack_attribution(found: Attribution | str, *, class_name: str, signed: bool) -> dict[str, Any]:
    """Pack a method's map for a panel; a sentence why there is none as it is."""
    if isinstance(found, str):
        return {"kind": "note", "text": found, "name": "", "note": ""}
    in_color = found.method in _IN_COLOR and found.pixels is not None and found.pixels.shape[0] == 3
    note = describe_values(found.values)
    return pack_map(
        found.values,
        name="",
        note=note,
        label=f"{found.method} of {class_name}, {note}",
        pixels=found.pixels if in_color else None,
        signed=signed,
    )


def pack_view(name: str, note: str) -> dict[str, Any]:
    """Pack a panel of the picture itself."""
    return {"kind": "picture", "name": name, "note": note, "label": f"Image: {name} {note}"}


def pack_steps(values: Tensor) -> dict[str, dict[str, Any]]:
    """Pack a map's values on their way to the screen for panels, by title."""
    steps = trace_values(values)
    titled = {
        "As computed": steps.raw,
        "After the ReLU": steps.rectified,
        "Divided by its maximum": steps.normalized,
    }
    panels = {}
    for title, each in titled.items():
        zeros, note = int((each == 0).sum()), describe_values(each)
        if zeros:
            note += f" · {format_count(zeros)} of {format_count(each.numel())} are 0"
        label = f"{title}: {note}"
        panels[title] = pack_map(each, name="", note=note, label=label, signed=True, raw=True)
    return panels


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
    """Write the sum of a map beside what it should be, as LaTeX."""
    numbers = (found.handed_out, found.difference)
    total, difference = (format_latex(format_number(each)) for each in numbers)
    wanted = r"y^c(x) - y^c(\text{black})" if found.from_baseline else "y^c(x)"
    lines = rf"\sum_{{i,j}} a_{{ij}} &= {total} \\ {wanted} &= {difference}"
    return rf"\begin{{aligned}} {lines} \end{{aligned}}"


def describe_cost(method: Method, options: Options) -> str:
    """Say how often the image goes through the network for a map, and a gradient back."""
    passes = count_passes(method, options)
    about = "about " if method in OF_SUPERPIXELS else ""
    forward = f"{about}{format_count(passes.forward)} forward"
    if not passes.backward:
        return f"{forward} {'pass' if passes.forward == 1 else 'passes'}"
    noun = "pass" if passes.backward == 1 else "passes"
    return f"{forward} and {format_count(passes.backward)} backward {noun}"


def draw_superpixels(view: Pixels, found: Superpixels) -> Pixels:
    """Draw the borders of superpixels over what the network sees, uint8 (H, W, 3), enlarged."""
    from skimage.segmentation import find_boundaries

    times = -(-_MAX_SIDE * 2 // max(view.shape[:2]))
    large, numbers = (
        each.repeat(times, axis=0).repeat(times, axis=1) for each in (view, found.segments.numpy())
    )
    borders: np.ndarray = find_boundaries(numbers, mode="inner")  # type: ignore[no-untyped-call]
    return np.where(borders[..., None], np.array(_BORDER), to_rgb(large)).astype(np.uint8)


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

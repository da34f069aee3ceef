"""Made images as sheets, score curves, and the formula with a run's own numbers."""

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from cnnviz.feature_visualization.canvas import Parametrization
from cnnviz.feature_visualization.cppn import INPUTS, Cppn, Function
from cnnviz.feature_visualization.dream import DreamSettings
from cnnviz.feature_visualization.regularizers import Settings
from cnnviz.figures.format import (
    format_count,
    format_latex,
    format_number,
    format_setting,
    hover_number,
)
from cnnviz.images.image import Pixels

_LINE, _QUIET = "#D96721", "#8A8577"


def draw_curve(
    curve: Sequence[float],
    *,
    steps: int,
    name: str,
    noun: str = "step",
    first: int = 1,
    goal: float | None = None,
) -> go.Figure:
    """Draw a score against the steps, the axis as long as the whole run.

    Args:
        curve: The scores.
        steps: Where the axis ends.
        name: Of the score.
        noun: What a step is called.
        first: Number of the first.
        goal: Of the score, drawn as a line; None for none.
    """
    figure = go.Figure(
        go.Scatter(
            x=list(range(first, first + len(curve))),
            y=list(curve),
            mode="lines",
            line={"color": _LINE, "width": 2},
            hovertemplate=f"{noun} %{{x}}: {hover_number('y')}<extra></extra>",
        ),
        layout={
            "height": 220,
            "margin": {"l": 8, "r": 8, "t": 8, "b": 8},
            "showlegend": False,
            "xaxis": {"title": {"text": noun}, "range": [0, steps], "zeroline": False},
            "yaxis": {"title": {"text": name}, "zerolinecolor": _QUIET},
        },
    )
    if goal is not None:
        figure.add_hline(goal, line={"color": _QUIET, "width": 1, "dash": "dash"})
    return figure


def tile_images(pixels: Pixels, *, gap: int = 2) -> Pixels:
    """Lay images (N, H, W, 3) side by side, near to a square, on white."""
    count, height, width = pixels.shape[:3]
    across = int(np.ceil(np.sqrt(count)))
    down = -(-count // across)
    sheet = np.full(
        (down * (height + gap) - gap, across * (width + gap) - gap, 3), 255, dtype=np.uint8
    )
    for number in range(count):
        top, left = number // across * (height + gap), number % across * (width + gap)
        sheet[top : top + height, left : left + width] = pixels[number]
    return sheet


def pad_images(images: Sequence[Pixels]) -> Pixels:
    """Bring images (h, w, 3) of several sizes into squares of one size, (N, s, s, 3), on grey.

    Each is enlarged a whole number of times, so that its pixels stay squares.
    """
    side = max(max(image.shape[:2]) for image in images)
    squares = np.full((len(images), side, side, 3), 128, dtype=np.uint8)
    for number, image in enumerate(images):
        factor = max(1, side // max(image.shape[:2]))
        large = image.repeat(factor, axis=0).repeat(factor, axis=1)
        top, left = (side - large.shape[0]) // 2, (side - large.shape[1]) // 2
        squares[number, top : top + large.shape[0], left : left + large.shape[1]] = large
    return squares


def write_goal(
    *, symbol: str, negative: bool, diversity: float, before: float, after: float
) -> tuple[str, str]:
    """Write what is climbed, and the score of the first image and of the last."""
    verb, sign = (r"\min", "+") if negative else (r"\max", "-")
    likeness = (
        rf" {sign} {format_setting(diversity)}\,\overline{{|S|}}\,\cos(G_i, G_j)"
        if diversity
        else ""
    )
    return (
        rf"{verb}_z\; {symbol}{likeness}",
        rf"{symbol}: {_latex(before)} \;\to\; {_latex(after)}",
    )


def write_step(settings: Settings) -> tuple[str, str]:
    """Write one step, and how the parameters become an image, with the settings' own numbers."""
    change = rf"z + {format_setting(settings.step_size)}\,\mathrm{{Adam}}(\partial S / \partial z)"
    if settings.decay:
        change = rf"(1 - {format_setting(settings.decay)})\,\bigl({change}\bigr)"
    latent = (
        r"\mathcal{F}^{-1}[z/f]" if settings.parametrization is Parametrization.FOURIER else "z"
    )
    colors = "B" if settings.decorrelate else "s"
    return rf"z \leftarrow {change}", rf"x = \sigma(4\,{colors}\,{latent})"


def write_dream(settings: DreamSettings, curve: Sequence[float]) -> tuple[str, str]:
    """Write one step of a dream, and the layer's mean square at first and at last."""
    step = (
        rf"x \leftarrow x + {_latex(settings.rate)}"
        r"\,\frac{g}{\overline{|g|}}, \quad g = \frac{\partial}{\partial x}\,\overline{a^2}"
    )
    return step, rf"\overline{{a^2}}: {_latex(curve[0])} \;\to\; {_latex(curve[-1])}"


def describe_ascent(
    settings: Settings, *, numbers: int, steps: int, seed: int, log_odds: bool
) -> str:
    """Say how an image was made, sentence by sentence.

    Args:
        settings: Its regularizers.
        numbers: How many numbers the ascent changes.
        steps: Of the ascent.
        seed: Of the first image.
        log_odds: Whether the score is a probability's log-odds.
    """
    told = [f"The ascent starts from faint noise (seed {seed})."]
    told.append(f"It changes {format_count(numbers)} numbers in {steps} steps. No weight changes.")
    if log_odds:
        told.append("S is the log-odds ln p/(1 − p). The slope of p vanishes long before p is 1.")
    if settings.jitter or settings.rotate or settings.scale:
        told.append(
            f"In each step the network sees a copy of the image: shifted by up to "
            f"{settings.jitter} pixels, rotated by up to {format_setting(settings.rotate)}° and "
            f"scaled by up to {format_setting(100 * settings.scale)} %. The curve is the score of "
            "these copies."
        )
    if settings.blur:
        told.append(f"Every fourth step blurs it by {format_setting(settings.blur)} pixels.")
    if settings.clip_small or settings.clip_contribution:
        told.append(
            f"Each step sets to gray the faintest {format_setting(100 * settings.clip_small)} % of "
            f"the pixels, and the {format_setting(100 * settings.clip_contribution)} % that "
            "contribute least to the score."
        )
    return " ".join(told)


def _latex(value: float) -> str:
    return format_latex(format_number(value))


def write_curve_csv(curve: Sequence[float], *, first: int = 1) -> bytes:
    """Write a score curve as CSV: step, from `first`, and score."""
    lines = [f"{step},{score:.6g}" for step, score in enumerate(curve, start=first)]
    return ("step,score\n" + "\n".join(lines) + "\n").encode("ascii")


def write_cppn(cppn: Cppn) -> str:
    """Write a pattern-producing network, a line a node; the last are the image's channels."""
    hidden = len(cppn.functions) - cppn.channels
    channels = ("red", "green", "blue") if cppn.channels == 3 else ("grey",)
    names = (*INPUTS, *(f"h{number}" for number in range(1, hidden + 1)), *channels)
    lines = []
    for node, (function, weights) in enumerate(zip(cppn.functions, cppn.weights, strict=True)):
        terms = [
            f"{weight:+.2f}" + ("" if names[place] == "1" else f"·{names[place]}")
            for place, weight in enumerate(weights.tolist())
            if weight
        ]
        total = " ".join(terms).removeprefix("+").replace("-", "−") or "0"
        value = _SHAPES[function].format(total)
        name = names[len(INPUTS) + node]
        lines.append(f"{name} = {value}" if node < hidden else f"{name} = |{value}|, at most 1")
    return "\n".join(lines)


_SHAPES = {
    Function.SINE: "sin(π·({}))",
    Function.GAUSSIAN: "exp(−({})²)",
    Function.SIGMOID: "tanh(2·({}))",
    Function.LINEAR: "({})",
}

"""Optimizers drawn: their ways on a surface, pseudo-code with its numbers, curves."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import plotly.graph_objects as go
import torch

from cnnviz.figures.colors import CATEGORY_COLORS
from cnnviz.figures.curves import lay_out_curves
from cnnviz.figures.format import format_setting, hover_number, hover_percent
from cnnviz.labs.optimizer_race import GradientNoise, Race
from cnnviz.labs.optimizers import (
    ALPHA,
    BETAS,
    SURFACES,
    Descent,
    Optimizer,
    Schedule,
    Settings,
    Surface,
    find_loss,
)

OPTIMIZERS = {
    Optimizer.SGD: "SGD",
    Optimizer.MOMENTUM: "Momentum",
    Optimizer.NESTEROV: "Nesterov",
    Optimizer.RMSPROP: "RMSProp",
    Optimizer.ADAM: "Adam",
    Optimizer.ADAMW: "AdamW",
}
SCHEDULES = {
    Schedule.CONSTANT: "Constant",
    Schedule.STEP: "Step",
    Schedule.COSINE: "Cosine",
    Schedule.ONE_CYCLE: "One-cycle",
    Schedule.WARM_UP: "Warm-up",
}
SURFACE_TITLES = {
    Surface.QUADRATIC: "Quadratic",
    Surface.SADDLE: "Saddle",
    Surface.LOCAL_MINIMUM: "Local minimum",
    Surface.ROSENBROCK: "Rosenbrock",
}
COLORS = dict(zip(Optimizer, CATEGORY_COLORS, strict=False))
_ACROSS, _UP, _LEVELS = 121, 81, 22
_LOWEST = 1e-12  # of a loss above the minimum, on a logarithmic axis


@dataclass(frozen=True, slots=True)
class Line:
    """A line of an optimizer's pseudo-code.

    Attributes:
        symbol: What it computes: a key of `Descent.values`, or "w".
        code: Right of the arrow, with the settings as numbers; {η} and {ᵗ} change with the step.
        filled: The same with values: {g} is this step's g, {m-} that of the step before.
    """

    symbol: str
    code: str
    filled: str


def write_code(optimizer: Optimizer, settings: Settings) -> list[Line]:
    """Write an optimizer's pseudo-code with its settings."""
    decay, momentum = format_setting(settings.decay), format_setting(settings.momentum)
    lines = [Line("g", "∇L(w)", "∇L{w-}")]
    grad = "g"
    if settings.decay and optimizer is Optimizer.ADAMW:
        lines.append(Line("u", f"(1 − {{η}}·{decay})·w", f"(1 − {{η}}·{decay})·{{w-}}"))
    elif settings.decay:
        grad = "d"
        lines.append(Line("d", f"g + {decay}·w", f"{{g}} + {decay}·{{w-}}"))
    if optimizer in (Optimizer.MOMENTUM, Optimizer.NESTEROV):
        lines.append(Line("v", f"{momentum}·v + {grad}", f"{momentum}·{{v-}} + {{{grad}}}"))
    if optimizer is Optimizer.NESTEROV:
        lines.append(Line("n", f"{grad} + {momentum}·v", f"{{{grad}}} + {momentum}·{{v}}"))
    if optimizer is Optimizer.RMSPROP:
        lines.append(_write_average("s", ALPHA, grad, square=True))
    if optimizer in (Optimizer.ADAM, Optimizer.ADAMW):
        lines += [
            _write_average("m", BETAS[0], grad, square=False),
            _write_average("v", BETAS[1], grad, square=True),
            Line("m̂", f"m / (1 − {format_setting(BETAS[0])}{{ᵗ}})", "{m} / {c₁}"),
            Line("v̂", f"v / (1 − {format_setting(BETAS[1])}{{ᵗ}})", "{v} / {c₂}"),
        ]
    is_shrunk = any(line.symbol == "u" for line in lines)
    begin, before = ("u", "u") if is_shrunk else ("w", "w-")
    above, below = _ABOVE.get(optimizer, grad), _BELOW.get(optimizer)
    code, filled = f"{begin} − {{η}}·{above}", f"{{{before}}} − {{η}}·{{{above}}}"
    if below is not None:
        code, filled = f"{code}/(√{below} + ε)", f"{filled}/(√{{{below}}} + ε)"
    return [*lines, Line("w", code, filled)]


# What the step goes along, where it is not the gradient, and by whose root it is divided.
_ABOVE = {
    Optimizer.MOMENTUM: "v",
    Optimizer.NESTEROV: "n",
    Optimizer.ADAM: "m̂",
    Optimizer.ADAMW: "m̂",
}
_BELOW = {Optimizer.RMSPROP: "s", Optimizer.ADAM: "v̂", Optimizer.ADAMW: "v̂"}


def _write_average(symbol: str, keep: float, grad: str, *, square: bool) -> Line:
    power = "²" if square else ""
    old, new = format_setting(keep), format_setting(round(1 - keep, 6))
    return Line(
        symbol,
        f"{old}·{symbol} + {new}·{grad}{power}",
        f"{old}·{{{symbol}-}} + {new}·{{{grad}}}{power}",
    )


@dataclass(frozen=True, slots=True, eq=False)
class Way:
    """One optimizer's way for the browser; numbers as float32.

    Attributes:
        title: Its name.
        color: Of its line.
        points: (T + 1, 2).
        losses: (T + 1,).
        rates: (T,).
        lines: Its pseudo-code.
        values: By symbol, (T, 2) or (T, 1).
        has_diverged: Whether it ended early.
    """

    title: str
    color: str
    points: npt.NDArray[np.float32]
    losses: npt.NDArray[np.float32]
    rates: npt.NDArray[np.float32]
    lines: Sequence[Line]
    values: Mapping[str, npt.NDArray[np.float32]]
    has_diverged: bool


def pack_way(descent: Descent, settings: Settings) -> Way:
    """Pack a way with its pseudo-code."""
    return Way(
        title=OPTIMIZERS[descent.optimizer],
        color=COLORS[descent.optimizer],
        points=descent.points.float().numpy(),
        losses=descent.losses.float().numpy(),
        rates=descent.rates.float().numpy(),
        lines=write_code(descent.optimizer, settings),
        values={name: one.float().numpy() for name, one in descent.values.items()},
        has_diverged=descent.has_diverged,
    )


@dataclass(frozen=True, slots=True, eq=False)
class Contours:
    """A surface for the browser.

    Attributes:
        window: Least and largest x, least and largest y.
        rows: Of the grid.
        columns: Of the grid.
        heights: Losses from the least to the largest y, float32 (rows, columns).
        levels: Losses that get a line.
        minima: The deepest first.
    """

    window: tuple[float, float, float, float]
    rows: int
    columns: int
    heights: npt.NDArray[np.float32]
    levels: list[float]
    minima: tuple[tuple[float, float], ...]


def pack_contours(surface: Surface, *, condition: float) -> Contours:
    """Sample a surface; lines lie closer near the bottom, where the loss changes little."""
    facts = SURFACES[surface]
    left, right, low, high = facts.window
    x, y = torch.meshgrid(
        torch.linspace(left, right, _ACROSS), torch.linspace(low, high, _UP), indexing="xy"
    )
    losses = find_loss(surface, torch.stack((x, y), dim=-1), condition=condition)
    bottom, top = float(losses.min()), float(losses.max())
    steps = np.linspace(0, 1, _LEVELS + 1)[1:] ** 3  # cubed: few lines where it is steep
    levels = (bottom + (top - bottom) * steps).tolist()
    return Contours(facts.window, _UP, _ACROSS, losses.numpy(), levels, facts.minima)


def draw_losses(descents: Sequence[Descent], *, bottom: float) -> go.Figure:
    """Draw each optimizer's loss above that of the deepest minimum, on a logarithmic axis."""
    figure = go.Figure()
    for one in descents:
        above = (one.losses - bottom).clamp(min=_LOWEST).tolist()
        _add_line(figure, OPTIMIZERS[one.optimizer], above, color=COLORS[one.optimizer])
    lay_out_curves(figure, x="step", y="loss − minimum", height=260)
    figure.update_layout(yaxis={"type": "log", "exponentformat": "power"})
    return figure


def draw_schedule(rates: Mapping[str, Sequence[float]]) -> go.Figure:
    """Draw learning rates against the step, by the optimizers that have them."""
    figure = go.Figure()
    colors = (COLORS[Optimizer.SGD], COLORS[Optimizer.ADAM])
    for (name, values), color in zip(rates.items(), colors, strict=False):
        _add_line(figure, name, values, color=color)
    lay_out_curves(figure, x="step", y="learning rate", height=260)
    figure.update_layout(yaxis={"rangemode": "tozero"})
    return figure


def _add_line(figure: go.Figure, name: str, values: Sequence[float], *, color: str) -> None:
    figure.add_scatter(
        y=values,
        name=name,
        line={"color": color, "width": 2.5},
        hovertemplate=f"{name}, step %{{x}}: {hover_number('y')}<extra></extra>",
    )


def draw_race(race: Race) -> tuple[go.Figure, go.Figure]:
    """Draw training loss and held-out accuracy of the network by each optimizer."""
    parts: list[tuple[Mapping[Optimizer, list[float]], float, str, dict[str, Any]]] = [
        (race.losses, 1, "training loss", {"type": "log"}),
        (race.accuracies, 100, "held-out accuracy, %", {"range": [0, 102]}),
    ]
    figures = []
    for curves, scale, title, axis in parts:
        figure = go.Figure()
        for name, values in curves.items():
            hover = hover_number("y") if scale == 1 else hover_percent("y")
            figure.add_scatter(
                x=race.steps,
                y=[scale * value if np.isfinite(value) else None for value in values],
                name=OPTIMIZERS[name],
                line={"color": COLORS[name], "width": 2.5},
                hovertemplate=f"{OPTIMIZERS[name]}, step %{{x}}: {hover}<extra></extra>",
            )
        lay_out_curves(figure, x="training step", y=title)
        figure.update_layout(yaxis=axis)
        figures.append(figure)
    return figures[0], figures[1]


def draw_noise(noises: Mapping[str, GradientNoise]) -> go.Figure:
    """Draw the noise of minibatch gradients, measured and by the law of the square root."""
    figure = go.Figure()
    for (name, noise), color in zip(noises.items(), CATEGORY_COLORS, strict=False):
        figure.add_scatter(
            x=noise.batches,
            y=noise.measured,
            name=name,
            mode="markers",
            marker={"color": color, "size": 10},
            hovertemplate=f"{name}, batch %{{x}}: {hover_number('y')}<extra></extra>",
        )
        figure.add_scatter(
            x=noise.batches,
            y=[noise.expect(batch) for batch in noise.batches],
            mode="lines",
            line={"color": color, "width": 1.5, "dash": "dot"},
            hoverinfo="skip",
            showlegend=False,
        )
    lay_out_curves(figure, x="batch size", y="noise / gradient", height=260)
    ticks = {"type": "log", "exponentformat": "power"}
    figure.update_layout(xaxis=ticks | {"tickvals": noise.batches}, yaxis=ticks)
    return figure

"""Gradient flow and shortcuts drawn and written: curves by block, chain rule, lesions."""

import math
from collections.abc import Mapping, Sequence

import plotly.graph_objects as go
from torch import Tensor

from cnnviz.figures.curves import lay_out_curves
from cnnviz.figures.format import format_latex, format_number, hover_number, hover_percent
from cnnviz.labs.gradient_flow import Chain, Norm, Shortcut
from cnnviz.labs.lesions import BLOCKS

SHORTCUTS = {
    Shortcut.PLAIN: "Plain",
    Shortcut.RESIDUAL: "Residual",
    Shortcut.PRE_ACTIVATION: "Pre-activation",
}
NORMS = {Norm.NONE: "None", Norm.BATCH: "Batch", Norm.LAYER: "Layer"}
_COLORS = {
    Shortcut.PLAIN: "#8A8577",
    Shortcut.RESIDUAL: "#D96721",
    Shortcut.PRE_ACTIVATION: "#3674B9",
}
# The trained networks have the colors of their kinds.
NETWORK_COLORS = {
    "resnet64": _COLORS[Shortcut.RESIDUAL],
    "plain64": _COLORS[Shortcut.PLAIN],
}
_LOWEST, _HIGHEST = 1e-30, 1e30  # what a chart shows


def draw_flow(values: Mapping[Shortcut, Tensor]) -> go.Figure:
    """Draw one number of each block for every shortcut on a logarithmic axis."""
    figure = go.Figure()
    for name, numbers in values.items():
        shown = [one if _LOWEST < one < _HIGHEST else None for one in numbers.tolist()]
        figure.add_scatter(
            x=list(range(1, len(shown) + 1)),
            y=shown,
            name=SHORTCUTS[name],
            line={"color": _COLORS[name], "width": 3.5},
            hovertemplate=f"{SHORTCUTS[name]}, block %{{x}}: {hover_number('y')}<extra></extra>",
        )
    lay_out_curves(figure, x="block", height=400)
    figure.update_layout(yaxis={"type": "log", "exponentformat": "power"})
    return figure


def draw_chain(chain: Chain) -> go.Figure:
    """Draw the size of the gradient of each neuron's bias."""
    sizes = [abs(one) for one in chain.find_gradients()]
    names = [f"∂C/∂b{'₁₂₃₄₅₆₇₈₉'[place]}" for place in range(len(sizes))]
    figure = go.Figure()
    figure.add_bar(
        x=names,
        y=[size or None for size in sizes],
        marker={"color": _COLORS[Shortcut.RESIDUAL]},
        text=[format_number(size) for size in sizes],
        textposition="auto",
        hovertemplate=f"%{{x}}: {hover_number('y')}<extra></extra>",
    )
    lay_out_curves(figure, x="", y="size of the gradient", height=300)
    exponents = [math.log10(size) for size in sizes if size]
    span = [math.floor(min(exponents, default=0)) - 0.5, max(exponents, default=0) + 0.2]
    axis = {"type": "log", "exponentformat": "power", "dtick": 1, "range": span}
    figure.update_layout(yaxis=axis)
    return figure


def write_chain(chain: Chain) -> str:
    """Write ∂C/∂b₁ as a product, with its numbers, as LaTeX that a narrow screen holds."""
    count = len(chain.slopes)
    symbols, numbers = ["f'(z_1)"], [_write(chain.slopes[0])]
    for place in range(1, count):
        symbols.append(rf"w_{place + 1}\,f'(z_{place + 1})")
        numbers.append(rf"{_write(chain.weights[place])}\cdot{_write(chain.slopes[place])}")
    symbols.append(rf"\frac{{\partial C}}{{\partial a_{count}}}")
    numbers.append(_write(chain.error))
    half = (count + 1) // 2
    lines = [
        rf"\frac{{\partial C}}{{\partial b_1}} &= {_join(symbols[:half])}",
        rf"&\quad\cdot {_join(symbols[half:])}",
        f"&= {_join(numbers[:half])}",
        rf"&\quad\cdot {_join(numbers[half:])}",
        f"&= {format_latex(format_number(chain.find_gradients()[0]))}",
    ]
    return _align(lines)


def write_shortcut(*, slope: float, blocks: int) -> str:
    """Write the gradient through one block and through many, plain and residual, as LaTeX."""
    plain, residual = slope**blocks, (1 + slope) ** blocks
    inner, behind = _write(slope), r"\frac{\partial L}{\partial y}"
    branch = r"\frac{\partial F}{\partial x}"
    lines = [
        rf"\frac{{\partial L}}{{\partial x}} &= {behind}\,(1+{branch})",
        rf"&= {behind}\,(1+{inner}) = {_write(1 + slope)}\,{behind}",
        rf"\text{{plain, {blocks} blocks: }} & {inner}^{{{blocks}}} = {_write(plain)}",
        rf"\text{{residual, {blocks} blocks: }} & (1+{inner})^{{{blocks}}} = {_write(residual)}",
    ]
    return _align(lines)


def _align(lines: Sequence[str]) -> str:
    body = r" \\ ".join(lines)
    return rf"\begin{{aligned}} {body} \end{{aligned}}"


def _write(value: float) -> str:
    text = format_latex(format_number(value))
    return f"({text})" if value < 0 else text


def _join(parts: Sequence[str]) -> str:
    return r"\cdot ".join(parts)


def draw_lesions(
    shares: Mapping[str, Sequence[float]],
    *,
    wholes: Mapping[str, float],
    titles: Mapping[str, str],
    off: Sequence[str],
    what: str,
) -> go.Figure:
    """Draw what is left where one block is off, as a bar a block; a click tells its name.

    Args:
        shares: By block, 0 to 1, as far as measured; by the network's name.
        wholes: Of the whole networks, as dotted lines.
        titles: Of the networks.
        off: Blocks that are marked.
        what: The share that is drawn.
    """
    figure = go.Figure()
    for name, values in shares.items():
        blocks = BLOCKS[: len(values)]
        edges = ["#C02020" if block in off else "rgba(0,0,0,0)" for block in blocks]
        figure.add_bar(
            x=blocks,
            y=[100 * share for share in values],
            name=titles[name],
            customdata=[[block] for block in blocks],
            marker={"color": NETWORK_COLORS[name], "line": {"color": edges, "width": 3}},
            hovertemplate=f"{titles[name]} without %{{x}}: {hover_percent('y')}<extra></extra>",
        )
    for name, whole in wholes.items():
        figure.add_hline(y=100 * whole, line={"color": NETWORK_COLORS[name], "dash": "dot"})
    lay_out_curves(figure, x="block that is off", y=f"{what}, %", height=320)
    figure.update_layout(yaxis={"range": [0, 102]}, bargap=0.25)
    return figure


def draw_answers(
    shares: Mapping[str, tuple[Sequence[float], Sequence[float]]],
    *,
    titles: Mapping[str, str],
    images: Sequence[str],
) -> go.Figure:
    """Draw the probability of each image's class, with the whole network and the changed one.

    Args:
        shares: Of the class that the whole network names, before and after, by network.
        titles: Of the networks.
        images: Short names of the images.
    """
    figure = go.Figure()
    for name, (before, after) in shares.items():
        parts = (("whole", before, 0.35), ("changed", after, 1.0))
        for when, values, opacity in parts:
            title = f"{titles[name]}, {when}"
            figure.add_bar(
                x=list(images),
                y=[100 * share for share in values],
                name=title,
                marker={"color": NETWORK_COLORS[name]},
                opacity=opacity,
                hovertemplate=f"{title}, %{{x}}: {hover_percent('y')}<extra></extra>",
            )
    lay_out_curves(figure, x="", y="probability, %", height=320)
    figure.update_layout(yaxis={"range": [0, 102]}, bargap=0.25)
    return figure

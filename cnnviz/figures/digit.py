"""Images and plots of the digit page: filters, pen trials, the shift map, the sheet to keep."""

import base64

import numpy as np
import numpy.typing as npt
import plotly.graph_objects as go
import torch
from PIL import Image, ImageDraw, ImageFont
from torch import Tensor

from cnnviz.digits.experiments import FilterResponse, PenTrial, ShiftTrial
from cnnviz.digits.mnist import INK_VALUE, PAPER_VALUE, Stroke, rasterize_strokes
from cnnviz.figures.colors import color_signed, ink_table
from cnnviz.figures.format import format_number, format_percent, format_probability, hover_percent
from cnnviz.figures.strip import Panel

# What to draw of LeNet-5 on the sheet: layer, maps side by side, dots a cell.
SHEET_LAYERS = (
    ("c1", 2, 4),
    ("s2", 2, 6),
    ("c3", 4, 6),
    ("s4", 4, 8),
    ("c5", 8, 12),
    ("f6", 6, 12),
    ("output", 1, 24),
)
_SHEET_HEIGHT = 440
_SHEET_GAP = 32
_SHEET_TOP = 48
_PAD_DOTS = 256


def panel_kernels(filters: tuple[FilterResponse, ...]) -> tuple[Panel, ...]:
    """One panel a kernel of a first layer, all on one scale."""
    limit = max(float(found.kernel.abs().max()) for found in filters)
    return tuple(
        _pack_signed(
            found.kernel, limit=limit, title=f"Map {found.channel}", note="its kernel", across=1
        )
        for found in filters
    )


def panel_responses(filters: tuple[FilterResponse, ...]) -> tuple[Panel, ...]:
    """One panel a map before ReLU, all on one scale, with where it is strongest."""
    limit = max(float(found.response.abs().max()) for found in filters)
    return tuple(
        _pack_signed(
            found.response[None],
            limit=limit,
            title=f"Map {found.channel}",
            note=f"{format_number(found.peak)} at ({found.row}, {found.column})",
            across=1,
        )
        for found in filters
    )


def panel_kernel_table(filters: tuple[FilterResponse, ...]) -> Panel:
    """All kernels of a deeper layer: a column a map, a row each map below that it reads."""
    kernels = torch.stack([found.kernel for found in filters])  # (C_out, C_in, K, K)
    by_row = kernels.transpose(0, 1).flatten(0, 1)  # (C_in * C_out, K, K)
    limit = float(kernels.abs().max())
    return _pack_signed(by_row, limit=limit, title="", note="", across=len(filters))


def panel_pens(trials: tuple[PenTrial, ...], *, classes: tuple[str, ...]) -> tuple[Panel, ...]:
    """One panel a pen: the input it makes and what the network reads."""
    panels = []
    for trial in trials:
        ink = (trial.x[0] - PAPER_VALUE) / (INK_VALUE - PAPER_VALUE)  # (1, H, W)
        cells = (ink * 255 - 128).round().clamp(-128, 127).to(torch.int8)
        panels.append(
            Panel(
                title=format_percent(trial.pen, digits=0),
                note=f"{classes[trial.guess]}, {format_probability(trial.probability)}",
                scale="ink",
                maps=1,
                rows=cells.shape[1],
                columns=cells.shape[2],
                across=1,
                frames=(_encode(cells),),
            )
        )
    return tuple(panels)


def _pack_signed(values: Tensor, *, limit: float, title: str, note: str, across: int) -> Panel:
    maps, rows, columns = values.shape
    cells = (values / (limit or 1.0) * 127).round().to(torch.int8)
    return Panel(
        title=title,
        note=note,
        scale="signed",
        maps=maps,
        rows=rows,
        columns=columns,
        across=across,
        frames=(_encode(cells),),
    )


def _encode(cells: Tensor) -> str:
    return base64.b64encode(cells.numpy().tobytes()).decode("ascii")


def plot_shifts(trial: ShiftTrial, *, classes: tuple[str, ...]) -> go.Figure:
    """Heat map of the winner's probability over all shifts; other guesses are written in."""
    shifts = list(range(-trial.reach, trial.reach + 1))
    guesses = [[classes[guess] for guess in row] for row in trial.guesses.tolist()]
    winner = classes[trial.winner]
    figure = go.Figure(
        go.Heatmap(
            x=shifts,
            y=shifts,
            z=(100 * trial.probabilities).tolist(),
            zmin=0,
            zmax=100,
            text=[["" if guess == winner else guess for guess in row] for row in guesses],
            texttemplate="%{text}",
            customdata=guesses,
            hovertemplate=(
                "%{x} right, %{y} down<br>"
                f"probability of {winner}: {hover_percent('z')}<br>first guess: %{{customdata}}"
                "<extra></extra>"
            ),
            xgap=1,
            ygap=1,
            colorbar={"title": {"text": f"p({winner})"}, "ticksuffix": " %", "thickness": 12},
        )
    )
    figure.update_xaxes(title="pixels to the right", dtick=1, showgrid=False, zeroline=False)
    figure.update_yaxes(
        title="pixels down", dtick=1, autorange="reversed", showgrid=False, zeroline=False
    )
    figure.update_layout(height=380, margin={"l": 10, "r": 10, "t": 10, "b": 10})
    return figure


def draw_sheet(
    strokes: tuple[Stroke, ...],
    *,
    pen: float,
    values: dict[str, Tensor],
    titles: dict[str, str],
    verdict: str,
) -> npt.NDArray[np.uint8]:
    """Draw the whole network with one drawing in it, on light paper, to keep or print.

    Args:
        strokes: The drawing.
        pen: Diameter of the pen as a fraction of the pad's side.
        values: Activations of one image by layer, (C, H, W) or (N,): the layers of SHEET_LAYERS.
        titles: Name of each layer.
        verdict: The line at the foot.

    Returns:
        RGB, uint8 (H, W, 3).
    """
    paper, ink = (tuple(int(part) for part in ink_table(dark=False)[end]) for end in (0, 255))
    pad = ink_table(dark=False)[
        (rasterize_strokes(strokes, pen=pen, side=_PAD_DOTS) * 255).astype(np.uint8)
    ]
    images = [("Drawing", np.pad(pad, ((1, 1), (1, 1), (0, 0)), constant_values=160))]
    for name, across, dots in SHEET_LAYERS:
        maps = values[name].reshape(*(*values[name].shape, 1, 1)[:3])  # (C, H, W)
        images.append((titles[name], _tile_signed(maps, across=across, dots=dots)))
    width = sum(image.shape[1] + _SHEET_GAP for _, image in images) + _SHEET_GAP
    sheet = Image.new("RGB", (width, _SHEET_HEIGHT + _SHEET_TOP + 56), paper)
    draw = ImageDraw.Draw(sheet)
    left = _SHEET_GAP
    for title, image in images:
        top = _SHEET_TOP + (_SHEET_HEIGHT - image.shape[0]) // 2
        sheet.paste(Image.fromarray(image), (left, top))
        draw.text((left, 16), title, fill=ink, font=ImageFont.load_default(size=18))
        left += image.shape[1] + _SHEET_GAP
    foot = (_SHEET_GAP, _SHEET_HEIGHT + _SHEET_TOP + 18)
    draw.text(foot, verdict, fill=ink, font=ImageFont.load_default(size=20))
    return np.asarray(sheet)


def _tile_signed(maps: Tensor, *, across: int, dots: int) -> npt.NDArray[np.uint8]:
    """Lay maps (C, H, W) side by side in colour, each cell `dots` wide, in grey frames."""
    values = maps.numpy()
    colored = color_signed(values, limit=float(np.abs(values).max()), dark=False)
    large = colored.repeat(dots, axis=1).repeat(dots, axis=2)  # (C, H*dots, W*dots, 3)
    framed = np.pad(large, ((0, 0), (1, 1), (1, 1), (0, 0)), constant_values=200)
    rows = -(-len(framed) // across)
    missing = rows * across - len(framed)
    full = np.pad(framed, ((0, missing), (0, 0), (0, 0), (0, 0)), constant_values=255)
    _, height, width, _ = full.shape
    grid = full.reshape(rows, across, height, width, 3).swapaxes(1, 2)
    image: npt.NDArray[np.uint8] = grid.reshape(rows * height, across * width, 3)
    return image

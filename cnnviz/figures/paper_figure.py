"""Figure 1 of the Grad-CAM paper drawn as one image."""

import textwrap
from collections.abc import Sequence

import numpy as np
from PIL import Image, ImageDraw, ImageFont
from torch import Tensor

from cnnviz.attribution.attribute import Attribution
from cnnviz.attribution.paper_figure import Made, PaperFigure, PaperRow, find_cost
from cnnviz.figures.compare import lay_map
from cnnviz.figures.occlusion import find_nearest, spread_coarse
from cnnviz.images.image import Pixels, to_rgb, upscale_nearest

COLUMNS = ("Image", "Guided backprop", "Grad-CAM", "Guided Grad-CAM", "Occlusion")
# A page shows the figure at less than half its size, and its text is read all the same.
_SIDE, _GAP, _LINE, _TYPE = 260, 12, 42, 34
_LETTERS = 14  # of a title's line
_NOTE, _NOTE_LETTERS = 24, 20  # of what stands in place of a map
_BRIGHTEST = 0.995  # a few pixels of a gradient are far above all others
_GREY = 224


def draw_paper_figure(figure: PaperFigure, *, names: Sequence[str], other: str) -> Pixels:
    """Draw the figure, a row a class; what is not made yet is grey.

    Args:
        figure: The maps.
        names: Of the classes, with their probabilities.
        other: Title of the other network.
    """
    titles = [textwrap.wrap(title, _LETTERS) for title in (*COLUMNS, f"Grad-CAM of {other}")]
    across, down, head = len(titles), len(figure.rows), _LINE * max(map(len, titles))
    size = (across * (_SIDE + _GAP) + _GAP, head + down * (_SIDE + _LINE + _GAP) + _GAP)
    sheet = Image.new("RGB", size, "white")
    pen, font = ImageDraw.Draw(sheet), ImageFont.load_default(size=_TYPE)
    for column, lines in enumerate(titles):
        for number, line in enumerate(lines):
            place = (_GAP + column * (_SIDE + _GAP), number * _LINE)
            pen.text(place, line, fill="black", font=font)
    for number, (row, name) in enumerate(zip(figure.rows, names, strict=True)):
        top = head + _GAP + number * (_SIDE + _LINE + _GAP)
        for column, panel in enumerate(_draw_row(figure, row)):
            left = _GAP + column * (_SIDE + _GAP)
            sheet.paste(panel, (left, top))
        pen.text((_GAP, top + _SIDE + 2), name, fill="black", font=font)
    return np.array(sheet)


def _draw_row(figure: PaperFigure, row: PaperRow) -> list[Image.Image]:
    backprop, cam, guided = (*row.maps, None, None, None)[:3]
    occluded: Tensor | None = None
    if figure.occlusion is not None:
        occlusion = figure.occlusion
        cost = find_cost(occlusion, row.target).clamp(min=0)
        values = spread_coarse(cost.double().numpy(), occlusion.done.numpy())
        cells = find_nearest(occlusion)
        occluded = cost.new_tensor(np.nan_to_num(values[cells]))
    return [
        _fit(figure.view),
        _draw_color(backprop),
        _draw_overlay(figure.view, cam),
        _draw_color(guided),
        _draw_note("") if occluded is None else _fit(lay_map(figure.view, occluded)),
        _draw_overlay(figure.other_view, row.other),
    ]


def _fit(pixels: Pixels) -> Image.Image:
    large = upscale_nearest(to_rgb(pixels), min_size=_SIDE)
    return Image.fromarray(large).resize((_SIDE, _SIDE), Image.Resampling.BOX)


def _draw_overlay(view: Pixels, made: Made | None) -> Image.Image:
    """What speaks for the class over the greyed image."""
    if not isinstance(made, Attribution):
        return _draw_note(made or "")
    large = upscale_nearest(view, min_size=_SIDE)
    return _fit(lay_map(large, made.values.clamp(min=0)))


def _draw_color(made: Made | None) -> Image.Image:
    """A map of pixels in color, as the paper prints it: grey is 0."""
    if not isinstance(made, Attribution) or made.pixels is None:
        return _draw_note(made if isinstance(made, str) else "")
    values = made.pixels.permute(1, 2, 0).double().numpy()  # (H, W, C)
    limit = float(np.quantile(np.abs(values), _BRIGHTEST)) or 1.0
    shown = np.rint(127.5 + 127.5 * (values / limit).clip(-1, 1)).astype(np.uint8)
    return _fit(shown)


def _draw_note(text: str) -> Image.Image:
    panel = Image.new("RGB", (_SIDE, _SIDE), (_GREY, _GREY, _GREY))
    font = ImageFont.load_default(size=_NOTE)
    ImageDraw.Draw(panel).text((8, 8), textwrap.fill(text, _NOTE_LETTERS), fill="black", font=font)
    return panel

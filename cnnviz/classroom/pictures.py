"""A question's picture as image files, for phones and the wall: photographs and maps."""

import base64
from dataclasses import dataclass

import numpy as np

from cnnviz.figures.colors import diverging_table, ink_table
from cnnviz.figures.strip import Panel
from cnnviz.images.image import Pixels, to_png
from cnnviz.quizzes.question import Picture


@dataclass(frozen=True, slots=True)
class QuestionImage:
    """An image that belongs to a question.

    Attributes:
        caption: What stands below it; a choice of the same words is a choice of this image.
        png: The file.
    """

    caption: str
    png: bytes


def render_picture(picture: Picture | None) -> tuple[QuestionImage, ...]:
    """Render what a question shows as files; empty for a graph, which only a page draws."""
    if picture is None:
        return ()
    images = [(pixels, caption) for pixels, caption in picture.images]
    panels = picture.maps.panels if picture.maps is not None else ()
    images += [(_color_panel(one), one.title) for one in panels]
    return tuple(QuestionImage(caption, to_png(pixels)) for pixels, caption in images)


def _color_panel(panel: Panel) -> Pixels:
    """The first map of a panel in its first moment, in the colors of a light page."""
    cells = np.frombuffer(base64.b64decode(panel.frames[0]), dtype=np.int8)
    values = cells[: panel.rows * panel.columns].reshape(panel.rows, panel.columns)
    table = {"signed": diverging_table, "ink": ink_table}[panel.scale](dark=False)
    return np.ascontiguousarray(table[values.astype(np.int16) + 128])

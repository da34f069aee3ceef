"""What pages about made images share: images, sheets, files, score curves, top-5 classes."""

import base64
import html
from collections.abc import Callable, Sequence
from typing import Any

import streamlit as st

from cnnviz.figures.maps import draw_top
from cnnviz.figures.synthesis import draw_curve
from cnnviz.figures.tiles import name_images
from cnnviz.images.image import Pixels, to_png
from cnnviz.networks.class_names import title_classes
from cnnviz.networks.load import Prediction
from cnnviz.web.bench import Bench
from cnnviz.web.charts import show_chart
from cnnviz.web.components.maps.maps import show_color_sheet

_LOW = 160  # height of a chart that stands beside an image, in pixels


def show_inline(pixels: Pixels, *, words: str) -> None:
    """Show an image that may soon be replaced: within the page, so that none is ever missing."""
    data = base64.b64encode(to_png(pixels)).decode("ascii")
    st.html(
        f'<img src="data:image/png;base64,{data}" alt="{html.escape(words)}" '
        'style="display:block;width:100%;max-height:90vh;object-fit:contain;border-radius:4px;'
        'image-rendering:pixelated">'
    )


def show_images(
    pixels: Pixels,
    names: Sequence[str],
    notes: Sequence[str] = (),
    *,
    key: str,
    lines: Sequence[str] = (),
    side: int = 112,
    on_pick: Callable[[int], object] | None = None,
) -> None:
    """Show made images (N, H, W, 3) with a name and a note below each.

    Args:
        pixels: The images.
        names: One an image.
        notes: One an image; may be none.
        key: Key of the component.
        lines: What stands below the name, one an image; may be none.
        side: Of an image on the screen, in CSS pixels.
        on_pick: Called with the place of the one that is chosen.
    """
    tiles = name_images(names, notes, lines)
    show_color_sheet(pixels, tiles=tiles, key=key, side=side, on_pick=on_pick)


def show_curve(curve: Sequence[float], *, key: str, words: str, **rest: Any) -> None:
    """Show a score against the steps, low enough to stand beside an image; see `draw_curve`."""
    if curve:
        show_chart(draw_curve(curve, **rest).update_layout(height=_LOW), key=key, alt=words)


def show_top_5(bench: Bench, said: Prediction, *, key: str) -> None:
    """Show the five likeliest classes of a made image."""
    st.caption(f"{bench.model.spec.title}, top-5 classes")
    figure = draw_top(said, title_classes(bench.model.spec.classes), count=5)
    figure.update_layout(xaxis_title=None, height=_LOW)
    show_chart(figure, key=key, alt="The network's top-5 classes for the image")

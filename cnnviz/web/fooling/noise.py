"""Fooling images along the gradient: noise before and after."""

from collections.abc import Iterator

import numpy as np
import streamlit as st

from cnnviz.figures.format import format_latex, format_number, format_percent, format_probability
from cnnviz.figures.maps import draw_tiles
from cnnviz.imaging import Pixels
from cnnviz.inference import LoadedModel
from cnnviz.synthesis.fooling import FoolingImage, fool
from cnnviz.web.components.maps.maps import Tile, show_color_sheet
from cnnviz.web.fooling.controls import Wish
from cnnviz.web.jobs import HeavyResult, show_result

_MOST = 8

Noise = tuple[FoolingImage, ...]


def show_noise(wish: Wish) -> None:
    """Show noise that the network is sure about; of many classes eight, evenly spread."""
    model = wish.model
    st.markdown(
        "Noise, changed along the gradient with every regulariser off until the network gives a "
        "class 99 %. Above what it started from, below what the network is sure of."
    )
    places = np.linspace(0, len(wish.classes) - 1, min(_MOST, len(wish.classes))).round()
    classes = [wish.classes[int(place)] for place in places]

    def begin() -> Iterator[tuple[float, str, Noise]]:
        for share, images in fool(model, classes, seed=wish.seed):
            yield share, f"picture {len(images) + 1} of {len(classes)}", images

    images = show_result(
        HeavyResult(
            key=wish.key,
            title=f"Fooling noise for {model.spec.title}",
            run=begin,
            size=lambda images: sum(2 * image.after.nbytes for image in images),
        ),
        draw=lambda images: _show_pairs(model, images),
    )
    if not images:
        return
    last = images[-1]
    name = model.spec.classes[last.index]
    size = last.before.size if model.spec.preprocessing.shape[0] == 3 else last.before[..., 0].size
    st.latex(
        r"\sqrt{\tfrac{1}{n}\textstyle\sum (x' - x)^2} = "
        rf"{format_latex(format_number(last.change))} / 255, \quad n = {size}, \quad"
        rf" p_{{\text{{{name}}}}}(x') = {format_latex(format_percent(last.probability))}"
    )
    sure = sum(image.probability >= 0.99 for image in images)
    st.markdown(
        f"{sure} of {len(images)} reached 99 % (of the file, saved as PNG and opened again), after "
        f"{min(image.steps for image in images)} to {max(image.steps for image in images)} steps."
    )
    sheet = np.stack([picture for image in images for picture in (image.before, image.after)])
    captions = [
        text
        for image in images
        for text in (
            "noise",
            f"{model.spec.classes[image.index]} {format_probability(image.probability)}",
        )
    ]
    title = f"Fooling noise for {model.spec.title}"
    _offer(
        draw_tiles(sheet, captions=captions, title=title, limit=None),
        f"{model.spec.name}-fooling.png",
    )


def _show_pairs(model: LoadedModel, images: Noise) -> None:
    if not images:
        return
    classes = model.spec.classes
    _show_sheet(
        np.stack([image.before for image in images]),
        [f"taken for {classes[image.first_guess[0]]}" for image in images],
        [format_probability(image.first_guess[1]) for image in images],
        key="noise-before",
    )
    _show_sheet(
        np.stack([image.after for image in images]),
        [classes[image.index] for image in images],
        [format_probability(image.probability) for image in images],
        key="noise-after",
    )


def _show_sheet(pixels: Pixels, names: list[str], notes: list[str], *, key: str) -> None:
    tiles = [
        Tile(channel=place, name=name, note=note, title=name, label=f"{name} {note}")
        for place, (name, note) in enumerate(zip(names, notes, strict=True))
    ]
    show_color_sheet(pixels, tiles=tiles, key=key, side=128)


def _offer(data: bytes, name: str) -> None:
    st.download_button(
        "Sheet as PNG",
        data,
        file_name=name,
        mime="image/png",
        icon=":material/download:",
        on_click="ignore",
    )

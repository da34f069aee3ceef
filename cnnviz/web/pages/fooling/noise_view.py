"""Fooling images along the gradient: noise before and after."""

from functools import partial

import numpy as np
import streamlit as st

from cnnviz.feature_visualization.evolution import SURE
from cnnviz.feature_visualization.fooling import FoolingImage
from cnnviz.figures.format import format_number, format_probability
from cnnviz.figures.maps import draw_tiles
from cnnviz.images.image import upscale_nearest
from cnnviz.runs.fooling import Noise, fool_all
from cnnviz.web.files import offer_file
from cnnviz.web.jobs import show_heavy
from cnnviz.web.made_images import show_images, show_inline
from cnnviz.web.pages.fooling.controls import Page, list_classes


def show_noise(page: Page) -> Noise | None:
    """Turn noise into images that the network is sure of; the finished images, None before."""
    model, classes = page.at.bench.model, list_classes(page)

    return show_heavy(
        "Gradient ascent",
        *(model.key, classes, page.values.seed),
        run=partial(fool_all, model, classes, page.values.seed),
        draw=lambda images: _show(page, images),
        slot="fooling",
    )


def _name(page: Page, image: FoolingImage) -> tuple[str, str]:
    """What the network says of the noise and of the changed image."""
    name, (guess, share) = page.at.bench.name_class, image.first_guess
    return (
        f"{name(guess)} {format_probability(share)}",
        f"{name(image.index)} {format_probability(image.probability)}",
    )


def _show(page: Page, images: Noise) -> None:
    if not images:
        return
    if len(list_classes(page)) == 1:
        pair = images[0].before, images[0].after
        columns, said = st.columns(2, gap="small"), _name(page, images[0])
        for column, pixels, words in zip(columns, pair, said, strict=True):
            with column:
                show_inline(upscale_nearest(pixels, min_size=384), words=words)
                st.markdown(words)
        return
    for place, label in enumerate(("Noise", "Fooling images")):
        st.caption(label)
        show_images(
            np.stack([(image.before, image.after)[place] for image in images]),
            [_name(page, image)[place] for image in images],
            key=f"fooling.noise{place}",
            side=140,
        )


def explain_noise(page: Page, images: Noise) -> None:
    """Write how far the last image was changed and how many are sure, and offer the sheet."""
    if not images:
        return
    last, bench = images[-1], page.at.bench
    channels = bench.model.spec.preprocessing.shape[0]
    size = last.before.size if channels == 3 else last.before[..., 0].size
    st.latex(
        r"\sqrt{\tfrac{1}{n}\textstyle\sum (x' - x)^2} = "
        rf"{format_number(last.change)} / 255, \quad n = {size}"
    )
    sure = sum(image.probability >= SURE for image in images)
    steps = [image.steps for image in images]
    count = {"sure": sure, "count": len(images)}
    st.markdown(page.text("noise", least=min(steps), most=max(steps), **count))
    offer_file(
        "Sheet as PNG",
        lambda: draw_tiles(
            [pixels for image in images for pixels in (image.before, image.after)],
            [words for image in images for words in _name(page, image)],
            title=f"Fooling noise for {bench.model.spec.title}",
        ),
        f"{bench.network}-fooling.png",
        key="fooling.noise_png",
    )

"""DeepDream on the image of the workbench."""

from collections.abc import Iterator

import streamlit as st

from cnnviz.figures.format import format_latex, format_number
from cnnviz.figures.formulas import name_layer
from cnnviz.graph import Layer
from cnnviz.imaging import CheckedImage, to_png, upscale_nearest
from cnnviz.synthesis.dream import Dream, DreamSettings, dream
from cnnviz.web.files import offer_file
from cnnviz.web.jobs import HeavyResult, show_result
from cnnviz.web.made_images import (
    show_curve,
    show_inline,
)
from cnnviz.web.pages.excites.controls import Page, read_dream_settings


def show_dream(page: Page) -> None:
    """Dream on the image, with the settings beside it."""
    bench, settings = page.at.bench, read_dream_settings(page.values)
    layer, image = bench.model.graph.find(page.values.dream_layer), bench.image
    seeing, choosing = st.columns([8, 3], gap="medium")
    with choosing:
        page.draw("dream_layer", "side", "octaves", "dream_steps", "dream_rate")
    if image is None:
        return
    with seeing:
        found = show_result(
            _declare(page, layer, image, settings),
            draw=lambda one: _show(one, image.name, layer, settings),
            slot="excites",
        )
        if found is not None:
            _show_formula(bench.network, layer, settings, found)


def _declare(
    page: Page, layer: Layer, image: CheckedImage, settings: DreamSettings
) -> HeavyResult[Dream]:
    model = page.at.bench.model

    def run() -> Iterator[tuple[float, str, Dream]]:
        for one in dream(model, image.pixels, layer=layer.name, settings=settings):
            yield one.progress, f"octave {one.octave} of {settings.octaves}, step {one.step}", one

    return HeavyResult(
        key=f"dream/{model.spec.name}/{model.card.sha256}/{layer.name}/{image.digest}/{settings}",
        title="DeepDream",
        run=run,
        size=lambda one: one.pixels.nbytes + one.original.nbytes,
    )


def _show(one: Dream, name: str, layer: Layer, settings: DreamSettings) -> None:
    before, after = st.columns(2, gap="small")
    size = max(one.original.shape[:2])
    with before:
        show_inline(one.original, words=f"{name}, before")
        st.caption(name)
    with after:
        pixels = upscale_nearest(one.pixels, min_size=size)
        show_inline(pixels, words=f"{name}, as {name_layer(layer)} dreams it")
        st.caption(f"{name_layer(layer)}, octave {one.octave} of {settings.octaves}")
    show_curve(
        one.curve,
        steps=settings.octaves * settings.steps,
        name="Mean square",
        key="excites.dream_curve",
        words="The layer's mean square against the steps",
    )


def _show_formula(network: str, layer: Layer, settings: DreamSettings, found: Dream) -> None:
    first, last = (format_latex(format_number(one)) for one in (found.curve[0], found.curve[-1]))
    st.latex(
        rf"x \leftarrow x + {format_latex(format_number(settings.rate))}"
        r"\,\frac{g}{\overline{|g|}}, \quad g = \frac{\partial}{\partial x}\,\overline{a^2}"
    )
    st.latex(rf"\overline{{a^2}}: {first} \;\to\; {last}")
    offer_file(
        "Dream as PNG",
        lambda: to_png(found.pixels),
        f"dream-{network}-{layer.name}.png",
        key="excites.dream_png",
    )

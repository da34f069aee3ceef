"""Fooling images that evolve: champions, curve, and what the network takes them for."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import streamlit as st

from cnnviz.attacks.pixel_space import save_as_file
from cnnviz.figures.format import format_count, format_number, format_probability
from cnnviz.figures.synthesis import write_cppn, write_curve_csv
from cnnviz.heavy import HeavyResult
from cnnviz.imaging import to_png, upscale_nearest
from cnnviz.synthesis.cppn import Cppn, PatternGenomes, draw_cppn
from cnnviz.synthesis.direct import STRENGTH, PixelGenomes, find_rate
from cnnviz.synthesis.evolution import (
    SURE,
    Evolution,
    Genomes,
    draw_colors,
    evolve,
    find_odds,
    read_saved,
)
from cnnviz.web.files import offer_file
from cnnviz.web.jobs import show_result
from cnnviz.web.made_images import (
    draw_sheet,
    show_curve,
    show_images,
    show_inline,
    show_top_5,
)
from cnnviz.web.pages.fooling.controls import Method, Page, list_classes

_SECONDS = 110.0  # a safety only: an evolution ends by its generations, the same everywhere
_LARGE, _PRINT = 512, 1024
_SENT = 64  # pixels a side of each of a hundred images, which are sent while they change
_CURVE = "fooling.curve"

Course = Evolution[Any]  # what evolves differs; the images do not


def show_evolution(page: Page) -> Course | None:
    """Evolve what is asked for; the finished evolution, None before."""
    model, values, classes = page.at.bench.model, page.values, list_classes(page)
    shape = model.spec.preprocessing.shape
    genomes: Genomes[Any] = (
        PatternGenomes(shape) if values.method is Method.PATTERNS else PixelGenomes(shape)
    )

    def run() -> Iterator[tuple[float, str, Course]]:
        for course in evolve(
            model,
            genomes,
            classes,
            generations=values.generations,
            seconds=_SECONDS,
            seed=values.seed,
        ):
            yield course.share, f"generation {format_count(course.generation)}", course

    return show_result(
        HeavyResult(
            key=f"fool/{model.spec.name}/{model.card.sha256}/{classes}/{page.make_key()}",
            title="Evolution",
            run=run,
            size=lambda course: sum(one.pixels.nbytes for one in (*course.champions, *course.way)),
        ),
        draw=lambda course: _show(page, course),
        slot="fooling",
    )


def _show(page: Page, course: Course) -> None:
    if len(course.champions) == 1:
        _show_champion(page, course)
    else:
        _show_champions(page, course)


def _show_champion(page: Page, course: Course) -> None:
    champion, bench = course.champions[0], page.at.bench
    name = bench.name_class(champion.index)
    image, facts = st.columns([5, 3], gap="small")
    with image:
        show_inline(
            upscale_nearest(draw_colors(champion.pixels), min_size=_LARGE),
            words=f"Fooling image for {name} after {course.generation} generations",
        )
    with facts:
        with st.container(gap="xxsmall"):
            st.metric(f"Probability: {name}", format_probability(champion.probability))
            _count(course)
        show_curve(
            course.curve,
            steps=max(course.generation, 1),
            name="Log-odds",
            noun="generation",
            first=0,
            goal=find_odds(SURE),
            key=_CURVE,
            words="Log-odds of the best image against the generations, a dashed line at 99 %",
        )
        if course.is_over:  # of the saved file
            show_top_5(bench, read_saved(bench.model, champion.pixels), key="fooling.top_5")
    way = {one.generation: one for one in course.way}  # a champion may stay for long
    show_images(
        np.stack([draw_colors(one.pixels) for one in way.values()]),
        [format_count(generation) for generation in way],
        [format_probability(one.probability) for one in way.values()],
        key="fooling.way",
        side=60,
    )


def _count(course: Course) -> None:
    st.caption(
        f"generation {format_count(course.generation)}, {format_count(course.evaluated)} images "
        "evaluated"
    )


def _show_champions(page: Page, course: Course) -> None:
    bench, count = page.at.bench, len(course.champions)
    numbers, chart = st.columns([2, 3], gap="large", vertical_alignment="center")
    with numbers, st.container(gap="xxsmall"):
        st.metric("Classes with 99 % or more", f"{course.reached[-1]} of {count}")
        _count(course)
    with chart:
        show_curve(
            course.reached,
            steps=max(course.generation, 1),
            name="Classes",
            noun="generation",
            first=0,
            goal=float(count),
            key=_CURVE,
            words="Classes of which the network is sure against the generations",
        )
    pixels = np.stack([draw_colors(one.pixels) for one in course.champions])
    step = -(-pixels.shape[1] // _SENT)
    show_images(
        pixels[:, ::step, ::step],
        [bench.name_class(one.index) for one in course.champions],
        [format_probability(one.probability) for one in course.champions],
        key="fooling.champions",
        side=96,
    )


def explain(page: Page, course: Course) -> None:
    """Say how the saved files fare and what the champion is made from, and offer the files."""
    champion, count = course.champions[0], len(course.champions)
    if count > 1:
        still = sum(share >= SURE for share in course.saved)
        st.markdown(
            f"**{course.reached[-1]} of {count}** classes reached 99 %. Saved as PNG and opened "
            f"again, **{still}** of these images still do."
        )
    elif course.saved:
        st.markdown(f"Saved as PNG and opened again: **{format_probability(course.saved[0])}**.")
    else:
        st.markdown(f"Not 99 % after {format_count(course.generation)} generations.")
    if count == 1 and isinstance(champion.genome, Cppn):
        _explain_pattern(champion.genome)
    elif count == 1:
        _explain_mutation(champion.pixels.size, course.generation)
    _offer(page, course)


def _explain_pattern(cppn: Cppn) -> None:
    hidden = len(cppn.functions) - cppn.channels
    st.subheader("The CPPN", anchor=False)
    st.markdown(
        f"{hidden} hidden nodes and {cppn.connections} weights are the whole image. Inputs are a "
        "pixel's x and y from −1 to 1 and its distance d from the center; outputs are its color."
    )
    st.code(write_cppn(cppn), language=None, wrap_lines=True, height=220)


def _explain_mutation(size: int, generation: int) -> None:
    st.subheader("Polynomial mutation", anchor=False)
    st.latex(
        r"x' = x + \begin{cases}(2u)^{1/(\eta+1)} - 1 & u < \tfrac12\\"
        r"1 - (2-2u)^{1/(\eta+1)} & u \ge \tfrac12\end{cases}"
    )
    half = 255 * (1 - 0.5 ** (1 / (STRENGTH + 1)))
    st.markdown(
        f"u is uniform from 0 to 1, η = {format_number(STRENGTH)}. Half of all changes are smaller "
        f"than {format_number(half)}/255. A child changes about "
        f"{format_count(round(find_rate(generation) * size))} of {format_count(size)} values."
    )


def _offer(page: Page, course: Course) -> None:
    bench, champion = page.at.bench, course.champions[0]
    model, genome = bench.model, champion.genome
    stem = f"fooling-{bench.network}-{bench.name_class(champion.index)}"
    with st.container(horizontal=True):
        if len(course.champions) > 1:
            offer_file(
                "Sheet as PNG",
                lambda: draw_sheet(
                    [draw_colors(one.pixels) for one in course.champions],
                    [
                        f"{bench.name_class(one.index)[:14]} {format_probability(one.probability)}"
                        for one in course.champions
                    ],
                    title=f"{model.spec.title}: fooling images",
                ),
                f"fooling-{bench.network}.png",
                key="fooling.sheet_png",
            )
        else:
            offer_file(
                "Image as PNG",
                lambda: save_as_file(model, draw_colors(champion.pixels)),
                f"{stem}.png",
                key="fooling.png",
            )
        if len(course.champions) == 1 and isinstance(genome, Cppn):
            offer_file(
                f"Image, {_PRINT} pixels",
                lambda: to_png(draw_colors(draw_cppn(genome, height=_PRINT, width=_PRINT))),
                f"{stem}-large.png",
                key="fooling.large_png",
            )
        curve = course.curve if len(course.champions) == 1 else course.reached
        offer_file(
            "Curve as CSV",
            lambda: write_curve_csv(curve, first=0),
            f"{stem}.csv",
            key="fooling.csv",
        )

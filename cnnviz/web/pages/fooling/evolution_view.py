"""Fooling images that evolve: champions, curve, and what the network takes them for."""

from functools import partial
from typing import Any

import numpy as np
import streamlit as st

from cnnviz.adversarial.pixel_space import save_as_file
from cnnviz.feature_visualization.cppn import Cppn, draw_cppn
from cnnviz.feature_visualization.direct import STRENGTH, find_rate
from cnnviz.feature_visualization.evolution import (
    SURE,
    draw_colors,
    find_odds,
    read_saved,
)
from cnnviz.figures.format import format_count, format_number, format_probability
from cnnviz.figures.maps import draw_tiles
from cnnviz.figures.synthesis import write_cppn, write_curve_csv
from cnnviz.images.image import to_png, upscale_nearest
from cnnviz.runs.fooling import Course, follow_evolution
from cnnviz.web.files import offer_files
from cnnviz.web.jobs import show_heavy
from cnnviz.web.made_images import show_curve, show_images, show_inline, show_top_5
from cnnviz.web.pages.fooling.controls import Method, Page, list_classes

_LARGE, _PRINT = 512, 1024
_SENT = 64  # pixels a side of each of a hundred images, which are sent while they change
_MUTATION = (
    r"x' = x + \begin{cases}(2u)^{1/(\eta+1)} - 1 & u < \tfrac12\\"
    r"1 - (2-2u)^{1/(\eta+1)} & u \ge \tfrac12\end{cases}"
)


def show_evolution(page: Page) -> Course | None:
    """Evolve what is asked for; the finished evolution, None before."""
    model, values, classes = page.at.bench.model, page.values, list_classes(page)
    run = partial(
        follow_evolution,
        model,
        classes,
        are_patterns=values.method is Method.PATTERNS,
        generations=values.generations,
        seed=values.seed,
    )
    show = _show_champion if len(classes) == 1 else _show_champions
    key = model.key, classes, page.make_key()
    return show_heavy(
        "Evolution", *key, run=run, draw=lambda course: show(page, course), slot="fooling"
    )


def _show_champion(page: Page, course: Course) -> None:
    champion, bench = course.champions[0], page.at.bench
    name = bench.name_class(champion.index)
    image, facts = st.columns([5, 3], gap="small")
    with image:
        pixels = upscale_nearest(draw_colors(champion.pixels), min_size=_LARGE)
        words = f"Fooling image for {name} after {course.generation} generations"
        show_inline(pixels, words=words)
    with facts:
        _count(course, f"Probability of {name}", format_probability(champion.probability))
        words = page.text("odds")
        _show_curve(course, course.curve, name="Log-odds", goal=find_odds(SURE), words=words)
        if course.is_over:  # of the saved file
            show_top_5(bench, read_saved(bench.model, champion.pixels), key="fooling.top_5")
    way = {one.generation: one for one in course.way}  # a champion may stay for long
    show_images(
        np.stack([draw_colors(one.pixels) for one in way.values()]),
        [format_count(generation) for generation in way],
        lines=[format_probability(one.probability) for one in way.values()],
        key="fooling.way",
        side=60,
    )


def _count(course: Course, label: str, value: str) -> None:
    with st.container(gap="xxsmall"):
        st.metric(label, value)
        done, seen = format_count(course.generation), format_count(course.evaluated)
        st.caption(f"generation {done}, {seen} images evaluated")


def _show_curve(course: Course, curve: Any, **look: Any) -> None:
    steps = max(course.generation, 1)
    show_curve(curve, steps=steps, noun="generation", first=0, key="fooling.curve", **look)


def _show_champions(page: Page, course: Course) -> None:
    bench, count = page.at.bench, len(course.champions)
    numbers, chart = st.columns([2, 3], gap="large", vertical_alignment="center")
    with numbers:
        _count(course, "Classes with 99 % or more", f"{course.reached[-1]} of {count}")
    with chart:
        words = page.text("reached")
        _show_curve(course, course.reached, name="Classes", goal=float(count), words=words)
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
    count, reached = len(course.champions), course.reached[-1]
    if count > 1:
        still = sum(share >= SURE for share in course.saved)
        st.markdown(page.text("saved_all", reached=reached, count=count, still=still))
        _offer_sheet(page, course)
        return
    if course.saved:
        st.markdown(page.text("saved", share=format_probability(course.saved[0])))
    else:
        st.markdown(page.text("unsure", generations=format_count(course.generation)))
    _explain_genome(page, course)
    _offer_image(page, course)


def _explain_genome(page: Page, course: Course) -> None:
    champion = course.champions[0]
    if isinstance(champion.genome, Cppn):
        cppn = champion.genome
        hidden = len(cppn.functions) - cppn.channels
        st.subheader("The CPPN", anchor=False)
        st.markdown(page.text("cppn", hidden=hidden, weights=cppn.connections))
        st.code(write_cppn(cppn), language=None, wrap_lines=True, height=220)
        return
    size = champion.pixels.size
    st.subheader("Polynomial mutation", anchor=False)
    st.latex(_MUTATION)
    st.markdown(
        page.text(
            "mutation",
            strength=format_number(STRENGTH),
            half=format_number(255 * (1 - 0.5 ** (1 / (STRENGTH + 1)))),
            changed=format_count(round(find_rate(course.generation) * size)),
            size=format_count(size),
        )
    )


def _offer_image(page: Page, course: Course) -> None:
    bench, champion = page.at.bench, course.champions[0]
    genome, model = champion.genome, bench.model
    stem = f"fooling-{bench.network}-{bench.name_class(champion.index)}"
    files: dict[str, Any] = {
        "Image as PNG": (lambda: save_as_file(model, draw_colors(champion.pixels)), f"{stem}.png")
    }
    if isinstance(genome, Cppn):
        files[f"Image, {_PRINT} pixels"] = (
            lambda: to_png(draw_colors(draw_cppn(genome, height=_PRINT, width=_PRINT))),
            f"{stem}-large.png",
        )
    files["Curve as CSV"] = (lambda: write_curve_csv(course.curve, first=0), f"{stem}.csv")
    offer_files(files)


def _offer_sheet(page: Page, course: Course) -> None:
    bench, stem = page.at.bench, f"fooling-{page.at.bench.network}"
    names = [bench.name_class(one.index) for one in course.champions]
    shares = [format_probability(one.probability) for one in course.champions]

    def make() -> bytes:
        pixels = [draw_colors(one.pixels) for one in course.champions]
        captions = [f"{name[:14]} {share}" for name, share in zip(names, shares, strict=True)]
        return draw_tiles(pixels, captions, title=f"{bench.model.spec.title}: fooling images")

    curve = f"{stem}-{names[0]}.csv"
    offer_files(
        {
            "Sheet as PNG": (make, f"{stem}.png"),
            "Curve as CSV": (lambda: write_curve_csv(course.reached, first=0), curve),
        }
    )

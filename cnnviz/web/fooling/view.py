"""Fooling images growing: champions, curve, and what their files are taken for."""

import math
from collections.abc import Iterator
from typing import Any

import numpy as np
import streamlit as st

from cnnviz.attacks.pixel_space import save_as_file
from cnnviz.figures.format import (
    format_count,
    format_number,
    format_probability,
    format_seconds,
    format_setting,
)
from cnnviz.figures.maps import draw_probabilities, draw_tiles
from cnnviz.figures.synthesis import draw_curve, write_cppn, write_curve_csv
from cnnviz.imaging import to_png, upscale_nearest
from cnnviz.inference import LoadedModel
from cnnviz.synthesis.cppn import Cppn, PatternGenomes, draw_cppn
from cnnviz.synthesis.direct import STRENGTH, PixelGenomes, find_rate
from cnnviz.synthesis.evolution import (
    SURE,
    Elite,
    Evolution,
    Genomes,
    draw_colors,
    evolve,
    read_saved,
)
from cnnviz.web.chrome import show_finding
from cnnviz.web.components.maps.maps import Tile, show_color_sheet
from cnnviz.web.fooling.controls import Way, Wish
from cnnviz.web.fooling.noise import show_noise
from cnnviz.web.inline_picture import show_inline
from cnnviz.web.jobs import HeavyResult, show_result

_SECONDS = 90.0
_LARGE, _PRINT = 512, 1024
_TOP = 5
_SIDE = 118
_SENT = 64  # pixels a side of each of a hundred pictures, which are sent twice a second
_GOAL = math.log(SURE / (1 - SURE))

Course = Evolution[Any]  # what evolves differs; the pictures do not


def show_wish(wish: Wish) -> None:
    """Make what was asked for, or show it where somebody has had it made already."""
    if wish.way is Way.GRADIENT:
        show_noise(wish)
        return
    shape = wish.model.spec.preprocessing.shape
    genomes: Genomes[Any] = (
        PatternGenomes(shape) if wish.way is Way.PATTERNS else PixelGenomes(shape)
    )

    def begin() -> Iterator[tuple[float, str, Course]]:
        for course in evolve(wish.model, genomes, wish.classes, seconds=_SECONDS, seed=wish.seed):
            yield course.share, f"generation {format_count(course.generation)}", course

    course = show_result(
        HeavyResult(
            key=wish.key,
            title=f"Evolving {wish.name} for {wish.model.spec.title}",
            run=begin,
            size=lambda course: sum(one.pixels.nbytes for one in (*course.champions, *course.way)),
        ),
        draw=lambda course: _show(wish, course),
    )
    if course is None:
        return
    _tell_end(wish, course)
    if len(course.champions) == 1:
        _show_way(course)
        _explain(course)
    _offer(wish, course)


def _show(wish: Wish, course: Course) -> None:
    if len(course.champions) == 1:
        _show_champion(wish, course)
    else:
        _show_gallery(wish.model, course)


def _show_champion(wish: Wish, course: Course) -> None:
    champion = course.champions[0]
    picture, facts = st.columns([3, 2], gap="medium")
    with picture:
        show_inline(
            upscale_nearest(draw_colors(champion.pixels), min_size=_LARGE),
            words=f"Fooling image for {wish.name} after {course.generation} generations",
        )
        st.caption(
            f"generation {format_count(course.generation)} · {format_count(course.evaluated)} "
            f"pictures shown to "
            f"{wish.model.spec.title}"
        )
    with facts:
        with st.container(gap="xxsmall"):
            st.metric(f"taken for {wish.name}", format_probability(champion.probability))
            st.caption(
                f"from {format_probability(course.way[0].probability)} in the first generation"
            )
        st.plotly_chart(
            draw_curve(
                course.curve,
                steps=max(course.generation, 1),
                name="log-odds (dashed: 99 %)",
                noun="generation",
                first=0,
                goal=_GOAL,
            ),
            key="curve",
            config={"displayModeBar": False},
            alt="Log-odds of the best picture against the generations",
        )
        if course.is_over:
            _show_guesses(wish.model, champion)


def _show_guesses(model: LoadedModel, champion: Elite[Any]) -> None:
    said = read_saved(model, champion.pixels)
    top = said.ranking[:_TOP]
    st.caption(f"What {model.spec.title} takes the saved file for")
    st.plotly_chart(
        draw_probabilities(
            [model.spec.classes[index] for index in top],
            [float(said.probabilities[index]) for index in top],
        ),
        key="guesses",
        config={"displayModeBar": False},
        alt="The network's five likeliest classes for the fooling image",
    )


def _show_gallery(model: LoadedModel, course: Course) -> None:
    numbers, chart = st.columns([2, 3], gap="large", vertical_alignment="center")
    count = len(course.champions)
    with numbers, st.container(gap="xxsmall"):
        st.metric("classes it is at least 99 % sure of", f"{course.reached[-1]} of {count}")
        st.caption(
            f"generation {format_count(course.generation)} · {format_count(course.evaluated)} "
            f"pictures shown to "
            f"{model.spec.title}"
        )
    with chart:
        st.plotly_chart(
            draw_curve(
                course.reached,
                steps=max(course.generation, 1),
                name="classes reached",
                noun="generation",
                first=0,
                goal=float(count),
            ),
            key="curve",
            config={"displayModeBar": False},
            alt="Classes of which the network is sure against the generations",
        )
    names = [model.spec.classes[one.index] for one in course.champions]
    shares = [format_probability(one.probability) for one in course.champions]
    tiles = [
        Tile(channel=place, name=name, note=share, title=name, label=f"{name}, {share}")
        for place, (name, share) in enumerate(zip(names, shares, strict=True))
    ]
    pixels = np.stack([draw_colors(one.pixels) for one in course.champions])
    step = -(-pixels.shape[1] // _SENT)
    show_color_sheet(pixels[:, ::step, ::step], tiles=tiles, key="gallery-of-champions", side=_SIDE)


def _tell_end(wish: Wish, course: Course) -> None:
    title, count = wish.model.spec.title, len(course.champions)
    if count == 1 and course.saved:
        show_finding(
            f"Saved as PNG and opened again, the picture is **{wish.name}** to {title} with "
            f"**{format_probability(course.saved[0])}**. And to you?"
        )
    elif count == 1:
        show_finding(
            f"After {format_seconds(_SECONDS)} {title} says {wish.name} with "
            f"{format_probability(course.champions[0].probability)}, not yet 99 %. "
            "Another seed may get there, and so may another way."
        )
    else:
        still = sum(share >= SURE for share in course.saved)
        show_finding(
            f"{course.reached[-1]} of {count} classes reached 99 %; saved as PNG and opened again, "
            f"{still} of these pictures still do."
        )


def _show_way(course: Course) -> None:
    st.header("On the way", anchor=False)
    way = {one.generation: one for one in course.way}  # a champion may stay for long
    tiles = [
        Tile(
            channel=generation,
            name=format_count(generation),
            note=format_probability(one.probability),
            title=f"generation {format_count(generation)}",
            label=f"Generation {format_count(generation)}, {format_probability(one.probability)}",
        )
        for generation, one in way.items()
    ]
    pixels = np.stack([draw_colors(one.pixels) for one in way.values()])
    show_color_sheet(pixels, tiles=tiles, key="way", side=_SIDE)


def _explain(course: Course) -> None:
    """What the champion is made from, with its own numbers."""
    champion = course.champions[0]
    if isinstance(champion.genome, Cppn):
        cppn = champion.genome
        hidden = len(cppn.functions) - cppn.channels
        st.header("The network that draws it", anchor=False)
        st.markdown(
            f"{hidden} hidden nodes and {cppn.connections} weights are the whole picture: put in a "
            "pixel's place, x and y from −1 to 1 and its distance d from the middle, and read off "
            "its colour."
        )
        st.code(write_cppn(cppn), language=None, wrap_lines=True, height=260)
        return
    rate = find_rate(course.generation)
    st.header("How a value mutates", anchor=False)
    st.latex(
        r"x' = x + \begin{cases}(2u)^{1/(\eta+1)} - 1 & u < \tfrac12\\"
        r"1 - (2-2u)^{1/(\eta+1)} & u \ge \tfrac12\end{cases}"
    )
    half, moved = round(255 * (1 - 0.5 ** (1 / (STRENGTH + 1)))), rate * champion.pixels.size
    st.markdown(
        f"u is drawn evenly from 0 to 1, η = {format_setting(STRENGTH)}: half of all moves are "
        f"smaller than {half}/255. A child has about {format_number(moved)} of its "
        f"{format_count(champion.pixels.size)} values moved; the "
        f"champion's line took {format_count(course.generation)} generations."
    )


def _offer(wish: Wish, course: Course) -> None:
    stem = f"fooling-{wish.model.spec.name}-{wish.name}".replace(" ", "-").replace(",", "").lower()
    champion = course.champions[0]
    files: list[tuple[str, bytes, str]] = []
    if len(course.champions) == 1:
        file = save_as_file(wish.model, draw_colors(champion.pixels))
        files.append(("Picture as PNG", file, ".png"))
        if isinstance(champion.genome, Cppn):
            large = draw_colors(draw_cppn(champion.genome, height=_PRINT, width=_PRINT))
            files.append((f"The pattern, {_PRINT} pixels wide", to_png(large), "-large.png"))
            files.append(
                ("The network as text", write_cppn(champion.genome).encode("utf-8"), ".txt")
            )
        files.append(("Curve as CSV", write_curve_csv(course.curve, first=0), ".csv"))
    else:
        sheet = draw_tiles(
            np.stack([draw_colors(one.pixels) for one in course.champions]),
            captions=[
                f"{wish.model.spec.classes[one.index][:14]} {format_probability(one.probability)}"
                for one in course.champions
            ],
            title=f"{wish.model.spec.title}: fooling images",
            limit=None,
        )
        files.append(("Sheet as PNG", sheet, ".png"))
        files.append(("Curve as CSV", write_curve_csv(course.reached, first=0), ".csv"))
    with st.container(horizontal=True):
        for label, data, ending in files:
            st.download_button(
                label,
                data,
                file_name=f"{stem}{ending}",
                mime="image/png" if ending.endswith("png") else "text/plain",
                icon=":material/download:",
                on_click="ignore",
            )

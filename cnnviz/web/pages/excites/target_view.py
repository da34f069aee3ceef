"""One target: its image growing, the score's curve, and what the network says of it."""

from functools import partial
from math import prod
from typing import Any

import numpy as np
import streamlit as st

from cnnviz.feature_visualization.ascent import draw_start
from cnnviz.feature_visualization.colors import measure_colors
from cnnviz.feature_visualization.growth import Growth
from cnnviz.feature_visualization.pixel_scale import to_pixels
from cnnviz.feature_visualization.regularizers import PRESETS
from cnnviz.feature_visualization.targets import Target, TargetKind
from cnnviz.figures import synthesis as figures
from cnnviz.figures.format import format_number
from cnnviz.figures.goal import Goal, describe_target
from cnnviz.figures.maps import draw_tiles
from cnnviz.images.image import Pixels, to_png, upscale_nearest
from cnnviz.runs.feature_visualization import follow_growth
from cnnviz.web.files import offer_files
from cnnviz.web.jobs import show_heavy
from cnnviz.web.made_images import show_curve, show_images, show_inline, show_top_5
from cnnviz.web.page import link_to
from cnnviz.web.pages.excites.controls import (
    CLASS_KINDS,
    Page,
    find_target,
    list_settings,
    read_settings,
)

_LARGE = 512
_SLIDERS = ("jitter", "rotate", "scale", "decay", "blur")


def show_made(page: Page, title: str, *key: object, **how: Any) -> Any:
    """Show what a view makes with the network; `key` is what it depends on besides."""
    return show_heavy(title, page.at.bench.model.key, *key, slot="excites", **how)


def show_target(page: Page) -> Growth | None:
    """Grow the images of a target, with what is to be excited and how beside them."""
    with st.container(key="excites.target"):
        seeing, choosing = st.columns([8, 3], gap="medium")
    with choosing, st.container(gap="xsmall"):
        _choose(page)
    with seeing:
        target = find_target(page)
        if target is None:
            st.info("Choose an image; its direction in the layer is followed.")
            return None
        return _grow(page, target)


def _name(page: Page, target: Target) -> Goal:
    image = page.at.bench.image
    return describe_target(page.at.bench.model, target, image="" if image is None else image.name)


def _choose(page: Page) -> None:
    page.draw("objective")
    kind, bench = page.values.objective, page.at.bench
    if kind not in CLASS_KINDS:
        page.draw("layer")
    with st.container(horizontal=True, gap="xsmall"):
        if kind in (TargetKind.CHANNEL, TargetKind.NEURON):
            page.draw("channel", width=90)
        if kind is TargetKind.NEURON and bench.model.graph.find(page.values.layer).is_spatial:
            page.draw("row", "column", width=80)
    _show_presets(page)
    page.draw(*_SLIDERS)
    with st.popover("Settings", icon=":material/tune:", width="stretch"):
        page.draw("negative", "steps", "seed", "count")
        if page.values.count != "1":
            page.draw("diversity")
        page.draw("clip_small", "clip_contribution", "parametrization", "decorrelate")
        page.draw("step_size", "settle")
    icon = ":material/open_in_new:"
    if kind in CLASS_KINDS:  # the class without meaning, or the same channel on the image
        link_to("fooling", "Fooling images", icon=icon, network=bench.network)
    else:
        inside = {"layer": page.values.layer, "channel": str(page.values.channel)}
        link_to("activations", "Activations", icon=icon, **bench.write_address() | inside)


def _show_presets(page: Page) -> None:
    """The regularizers of each paper, the fitting one marked."""
    settings = read_settings(page.values)
    with st.container(horizontal=True, gap="xxsmall"):
        for preset, held in PRESETS.items():
            st.button(
                preset,
                key=f"excites.preset.{preset.name.lower()}",
                type="primary" if held == settings else "secondary",
                on_click=partial(page.apply, **list_settings(held)),
            )


def _grow(page: Page, target: Target) -> Growth | None:
    values, bench, goal = page.values, page.at.bench, _name(page, target)
    how: dict[str, Any] = {
        "settings": read_settings(values),
        "steps": values.steps,
        "seed": values.seed,
        "count": int(values.count),
        "diversity": _find_diversity(page),
    }
    run = partial(follow_growth, bench.model, target, how)
    is_direction = target.kind is TargetKind.DIRECTION and bench.image is not None
    of = bench.image.digest if is_direction else target.channel
    key = (target.kind, target.layer, of, target.place, target.negative, how)
    draw = partial(_show, page, goal)
    grown: Growth | None = show_made(
        page, "Gradient ascent", *key, run=run, draw=draw, meanwhile=partial(_show_start, page)
    )
    return grown


def _show_start(page: Page) -> None:
    """Show what the ascent begins with, until the network has looked at it."""
    values, shape = page.values, page.at.bench.model.spec.preprocessing.shape
    start = draw_start(
        shape, settings=read_settings(values), seed=values.seed, count=int(values.count)
    )
    image, _ = st.columns([5, 3], gap="small")
    with image, st.container(key="excites.image"):
        _show_images(to_pixels(start), words="Image before the first step")


def _show_images(pixels: Pixels, *, words: str) -> None:
    show_inline(upscale_nearest(figures.tile_images(pixels), min_size=_LARGE), words=words)


def _find_diversity(page: Page) -> float:
    return 0.0 if page.values.count == "1" else page.values.diversity


def _show(page: Page, goal: Goal, growth: Growth) -> None:
    frame, frames = growth.last, growth.frames
    image, facts = st.columns([5, 3], gap="small")
    with image, st.container(key="excites.image"):
        _show_images(frame.pixels, words=f"Image for {goal.name} after {frame.step} steps")
    with facts:
        with st.container(gap="xxsmall"):
            st.metric(goal.label, goal.format(frame.mean_score))
            st.caption(f"{goal.format(growth.first.mean_score)} at step 0")
        show_curve(
            growth.curve,
            steps=growth.steps,
            name=goal.curve,
            key="excites.curve",
            words="Score of the transformed image against the steps",
        )
        show_top_5(page.at.bench, frame.predictions[0], key="excites.top_5")
    show_images(
        np.stack([each.pixels[0] for each in frames]),
        [str(each.step) for each in frames],
        lines=[goal.format(each.scores[0]) for each in frames],
        key="excites.frames",
        side=60,
    )


def show_formula(page: Page, growth: Growth) -> None:
    """Write what was done with the run's own numbers, and offer its files."""
    target, values, settings = find_target(page), page.values, read_settings(page.values)
    if target is None:
        return
    goal, bench = _name(page, target), page.at.bench
    lines = figures.write_goal(
        symbol=goal.symbol,
        negative=values.negative,
        diversity=_find_diversity(page),
        before=growth.first.mean_score,
        after=growth.last.mean_score,
    )
    st.subheader("Gradient ascent", anchor=False)
    left, right = st.columns(2, gap="medium")
    for line in (*lines, *figures.write_step(settings)):
        left.latex(line)
    right.markdown(
        figures.describe_ascent(
            settings,
            numbers=prod(bench.model.spec.preprocessing.shape),
            steps=values.steps,
            seed=values.seed,
            log_odds=goal.kind is TargetKind.PROBABILITY,
        )
    )
    stem, frames = f"{bench.network}-{goal.name}", growth.frames
    captions = [f"step {one.step}: {goal.format(one.scores[0])}" for one in frames]
    pixels = [one.pixels[0] for one in frames]
    offer_files(
        {
            "Image as PNG": (
                lambda: to_png(figures.tile_images(growth.last.pixels)),
                f"{stem}.png",
            ),
            "Steps as PNG": (
                lambda: draw_tiles(pixels, captions, title=goal.name),
                f"{stem}-steps.png",
            ),
            "Curve as CSV": (lambda: figures.write_curve_csv(growth.curve), f"{stem}.csv"),
        }
    )


def list_constants(page: Page) -> dict[str, object] | None:
    """Return the constants of the page's program; None where it cannot compute what is shown."""
    target, values = find_target(page), page.values
    if target is None or target.kind is TargetKind.DIRECTION:
        return None
    is_class, settings = target.kind in CLASS_KINDS, list_settings(read_settings(values))
    return {
        "OBJECTIVE": target.kind,
        "TARGET": target.channel if is_class else None,
        "LAYER": None if is_class else target.layer,
        "CHANNEL": target.channel,
        "CELL": target.place,
        "NEGATIVE": values.negative,
        "STEPS": values.steps,
        "SEED": values.seed,
        "COUNT": int(values.count),
        "DIVERSITY": _find_diversity(page),
    } | {name.upper(): value for name, value in settings.items()}


def list_words(page: Page) -> dict[str, object]:
    """Return what the lesson's names stand for."""
    bench, colors = page.at.bench, measure_colors()
    return {
        "class": bench.name_class(bench.target),
        "channels": bench.model.spec.preprocessing.shape[0],
        "jitter": page.values.jitter,
        "samples": len(colors.names),
        "basis": ", ".join(format_number(value) for value in colors.basis[:, 0].tolist()),
    }


def list_answers(page: Page) -> dict[str, float]:
    """Return the answers to the lesson's questions."""
    shape = page.at.bench.model.spec.preprocessing.shape
    return {"numbers": prod(shape), "shifts": (2 * page.values.jitter + 1) ** 2}

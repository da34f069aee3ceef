"""One target: its image growing, the score's curve, and what the network says of it."""

from collections.abc import Iterator
from functools import partial
from math import prod

import numpy as np
import streamlit as st

from cnnviz.figures.goal import Goal, describe_target
from cnnviz.figures.synthesis import (
    describe_ascent,
    tile_images,
    write_curve_csv,
    write_goal,
    write_step,
)
from cnnviz.imaging import to_png, upscale_nearest
from cnnviz.synthesis.growth import Frame, Growth, grow
from cnnviz.synthesis.regularizers import PRESETS
from cnnviz.synthesis.targets import Target, TargetKind
from cnnviz.web.files import offer_file
from cnnviz.web.jobs import HeavyResult, show_result
from cnnviz.web.made_images import (
    draw_sheet,
    show_curve,
    show_images,
    show_inline,
    show_top_5,
)
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


def show_target(page: Page) -> Growth | None:
    """Grow the images of a target, with what is to be excited and how beside them."""
    seeing, choosing = st.columns([8, 3], gap="medium")
    with choosing:
        _choose(page)
    with seeing:
        target = find_target(page)
        if target is None:
            st.info("Choose an image; its direction in the layer is followed.")
            return None
        goal = _name(page, target)
        return show_result(
            _declare(page, target), draw=lambda one: _show(page, goal, one), slot="excites"
        )


def _name(page: Page, target: Target) -> Goal:
    image = page.at.bench.image
    return describe_target(page.at.bench.model, target, image="" if image is None else image.name)


def _choose(page: Page) -> None:
    with st.container(gap="xsmall"):
        page.draw("objective")
        layer = page.at.bench.model.graph.find(page.values.layer)
        kind = page.values.objective
        if kind not in CLASS_KINDS:
            page.draw("layer")
        with st.container(horizontal=True, gap="xsmall"):
            if kind in (TargetKind.CHANNEL, TargetKind.NEURON):
                page.draw("channel", width=90)
            if kind is TargetKind.NEURON and layer.is_spatial:
                page.draw("row", "column", width=80)
        _show_presets(page)
        page.draw(*_SLIDERS)
        with st.popover("More", icon=":material/tune:", width="stretch"):
            page.draw("negative", "steps", "seed", "count")
            if page.values.count != "1":
                page.draw("diversity")
            page.draw("clip_small", "clip_contribution", "parametrization", "decorrelate")
            page.draw("step_size", "settle")
        _link(page)


def _link(page: Page) -> None:
    """Offer the page that shows the same channel on the image, or the class without meaning."""
    values, bench = page.values, page.at.bench
    icon = ":material/open_in_new:"
    if values.objective in CLASS_KINDS:
        link_to("fooling", "Fooling images", icon=icon, network=bench.network)
        return
    inside = {"layer": values.layer, "channel": str(values.channel)}
    link_to("activations", "Activations", icon=icon, **bench.write_address() | inside)


def _show_presets(page: Page) -> None:
    """The regularisers of each paper, the fitting one marked."""
    settings = read_settings(page.values)
    with st.container(horizontal=True, gap="xxsmall"):
        for preset, held in PRESETS.items():
            st.button(
                preset,
                key=f"excites.preset.{preset.name.lower()}",
                type="primary" if held == settings else "secondary",
                on_click=partial(page.apply, **list_settings(held)),
            )


def _declare(page: Page, target: Target) -> HeavyResult[Growth]:
    values, model, settings = page.values, page.at.bench.model, read_settings(page.values)
    count = int(values.count)
    diversity = values.diversity if count > 1 else 0.0

    def run() -> Iterator[tuple[float, str, Growth]]:
        for growth in grow(
            model,
            target,
            settings=settings,
            steps=values.steps,
            seed=values.seed,
            count=count,
            diversity=diversity,
        ):
            step = growth.last.step
            yield step / growth.steps, f"step {step} of {growth.steps}", growth

    kind, image = target.kind, page.at.bench.image
    of = image.digest if kind is TargetKind.DIRECTION and image is not None else target.channel
    aim = f"{kind}/{target.layer}/{of}/{target.place}/{target.negative}"
    amount = f"{values.steps}/{values.seed}/{count}/{diversity}"
    return HeavyResult(
        key=f"grow/{model.spec.name}/{model.card.sha256}/{aim}/{settings}/{amount}",
        title="Gradient ascent",
        run=run,
        size=lambda growth: sum(one.pixels.nbytes for one in (*growth.frames, growth.last)),
    )


def _show(page: Page, goal: Goal, growth: Growth) -> None:
    frame = growth.last
    image, facts = st.columns([5, 3], gap="small")
    with image:
        show_inline(
            upscale_nearest(tile_images(frame.pixels), min_size=_LARGE),
            words=f"Image for {goal.name} after {frame.step} steps",
        )
    with facts:
        with st.container(gap="xxsmall"):
            st.metric(f"{goal.score}: {goal.name}", goal.format(_mean(frame)))
            st.caption(f"{goal.format(_mean(growth.first))} at step 0")
        show_curve(
            growth.curve,
            steps=growth.steps,
            name=goal.curve,
            key="excites.curve",
            words="Score of the transformed image against the steps",
        )
        show_top_5(page.at.bench, frame.predictions[0], key="excites.top_5")
    _show_frames(goal, growth)


def _mean(frame: Frame) -> float:
    return sum(frame.scores) / len(frame.scores)


def _show_frames(goal: Goal, growth: Growth) -> None:
    """The image at some steps, side by side."""
    frames = growth.frames
    show_images(
        np.stack([frame.pixels[0] for frame in frames]),
        [str(frame.step) for frame in frames],
        [goal.format(frame.scores[0]) for frame in frames],
        key="excites.frames",
        side=60,
    )


def show_formula(page: Page, growth: Growth) -> None:
    """Write what was done with the run's own numbers, and offer its files."""
    target, values = find_target(page), page.values
    if target is None:
        return
    goal, several = _name(page, target), values.count != "1"
    lines = write_goal(
        symbol=goal.symbol,
        negative=values.negative,
        diversity=values.diversity if several else 0.0,
        before=_mean(growth.first),
        after=_mean(growth.last),
    )
    st.subheader("Gradient ascent", anchor=False)
    left, right = st.columns(2, gap="medium")
    with left:
        for line in (*lines, *write_step(read_settings(values))):
            st.latex(line)
    right.markdown(
        describe_ascent(
            read_settings(values),
            numbers=prod(page.at.bench.model.spec.preprocessing.shape),
            steps=values.steps,
            seed=values.seed,
            log_odds=goal.kind is TargetKind.PROBABILITY,
        )
    )
    _offer(page.at.bench.network, goal, growth)


def _offer(network: str, goal: Goal, growth: Growth) -> None:
    stem, frames = f"{network}-{goal.name}", growth.frames
    captions = [f"step {one.step}: {goal.format(one.scores[0])}" for one in frames]
    pixels = [frame.pixels[0] for frame in frames]
    with st.container(horizontal=True):
        offer_file(
            "Image as PNG",
            lambda: to_png(tile_images(growth.last.pixels)),
            f"{stem}.png",
            key="excites.png",
        )
        offer_file(
            "Steps as PNG",
            lambda: draw_sheet(pixels, captions, title=goal.name),
            f"{stem}-steps.png",
            key="excites.steps_png",
        )
        offer_file(
            "Curve as CSV", lambda: write_curve_csv(growth.curve), f"{stem}.csv", key="excites.csv"
        )


def list_constants(page: Page) -> dict[str, object] | None:
    """Return the constants of the page's program; None where it cannot compute what is shown."""
    target, values = find_target(page), page.values
    if target is None or target.kind is TargetKind.DIRECTION:
        return None
    is_class = target.kind in CLASS_KINDS
    settings = list_settings(read_settings(values))
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
        "DIVERSITY": 0.0 if values.count == "1" else values.diversity,
    } | {name.upper(): value for name, value in settings.items()}


def step_seed(page: Page, by: int) -> None:
    """Go to the next start of the ascent, or to the one before."""
    page.step("seed", range(1000), by, is_ring=True)

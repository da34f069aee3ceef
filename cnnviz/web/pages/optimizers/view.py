"""The race on a surface with its numbers, its losses and rates, and a race on a real network."""

from functools import partial

import streamlit as st

from cnnviz.cached import get_descent, get_noise
from cnnviz.figures.format import format_number, format_setting
from cnnviz.figures.optimizers import (
    OPTIMIZERS,
    SURFACE_TITLES,
    draw_losses,
    draw_noise,
    draw_race,
    draw_schedule,
    pack_contours,
    pack_way,
)
from cnnviz.labs.optimizer_race import Race, race_optimizers
from cnnviz.labs.optimizers import (
    STEPS,
    SURFACES,
    Descent,
    Optimizer,
    Settings,
    Surface,
    find_minimum,
    list_rates,
)
from cnnviz.web.charts import show_chart
from cnnviz.web.components.descent.descent import STEP, WAY, show_descent
from cnnviz.web.jobs import show_heavy
from cnnviz.web.pages.optimizers.controls import ALL, Page, read_settings

_LATER = 200  # training steps before the noise is measured again


def run_descents(page: Page) -> list[Descent]:
    """Run every optimizer that races."""
    values, settings = page.values, read_settings(page)
    return [
        get_descent(
            values.surface,
            one,
            settings,
            values.start,
            values.condition,
            None if values.batch == ALL else int(values.batch),
        )
        for one in values.racers
    ]


def show_controls(page: Page) -> None:
    """Draw what the optimizers are told, beside the figure."""
    if page.values.surface is Surface.QUADRATIC:
        page.draw("condition")
    page.draw("rate", "adaptive_rate", "momentum", "decay", "batch", "schedule")


def show_ways(page: Page, descents: list[Descent]) -> None:
    """Show the surface with all ways, and the numbers of one of them."""
    values, settings = page.values, read_settings(page)
    if not descents:
        st.info(page.text("nobody"))
        return
    page.marks[STEP] = values.step
    page.marks[WAY] = values.racers.index(values.focus)
    facts = SURFACES[values.surface]
    ends = ", ".join(
        f"{OPTIMIZERS[one.optimizer]} "
        + ("diverges" if one.has_diverged else format_number(float(one.losses[-1])))
        for one in descents
    )
    show_descent(
        pack_contours(values.surface, condition=values.condition),
        [pack_way(one, settings) for one in descents],
        start=values.start,
        steps=STEPS,
        label=f"{SURFACE_TITLES[values.surface]}, minimum at "
        f"{format_setting(facts.minima[0][0])}, {format_setting(facts.minima[0][1])}. "
        f"Loss after {STEPS} steps: {ends}. Click, or use the arrow keys, for another start.",
        key="optimizers.ways",
        on_start=lambda start: page.keep(start=start, step=0),
        on_move=lambda step: page.keep(step=step),
        on_choose=lambda place: page.keep(focus=values.racers[place]),
    )


def show_curves(page: Page, descents: list[Descent]) -> None:
    """Draw the losses of the race, and the learning rate step by step."""
    values, settings = page.values, read_settings(page)
    losses, rates = st.columns(2, gap="large")
    with losses:
        st.subheader("Loss", anchor=False)
        page.draw("racers")
        bottom = find_minimum(values.surface)
        alt = "The loss of each optimizer above the minimum, against the step."
        show_chart(draw_losses(descents, bottom=bottom), key="optimizers.losses", alt=alt)
    with rates:
        st.subheader("Learning rate", anchor=False)
        st.caption(page.text("schedules"))
        parts = {
            "SGD, momentum, Nesterov": settings.rate,
            "RMSProp, Adam, AdamW": settings.adaptive_rate,
        }
        curves = {
            name: list_rates(settings.schedule, rate=rate, steps=STEPS)
            for name, rate in parts.items()
        }
        alt = f"The learning rate against the step, schedule {values.schedule}."
        show_chart(draw_schedule(curves), key="optimizers.curve", alt=alt)


def show_race(page: Page) -> None:
    """Train a real network with each optimizer on a click."""
    st.subheader("On a real network", anchor=False)
    st.caption(page.text("network"))
    page.draw_row("race_rate", "race_adaptive", "race_batch")
    values = page.values
    settings = Settings(
        rate=float(values.race_rate),
        adaptive_rate=float(values.race_adaptive),
        momentum=values.momentum,
        decay=float(values.decay),
        schedule=values.schedule,
    )
    batch = int(values.race_batch)

    def draw(race: Race) -> None:
        best = max(race.accuracies, key=lambda name: race.accuracies[name][-1])
        parts = ("Training loss", "Held-out accuracy")
        for column, figure, title in zip(st.columns(2), draw_race(race), parts, strict=True):
            with column:
                alt = f"{title} by each optimizer; most accurate in the end: {OPTIMIZERS[best]}."
                show_chart(figure, key=f"optimizers.race.{title}", alt=alt)

    show_heavy(
        "The race of six optimizers",
        settings,
        batch,
        run=partial(race_optimizers, list(Optimizer), settings=settings, batch=batch),
        draw=draw,
        slot="optimizers.race",
        start="Train with each optimizer",
    )


def show_noise(page: Page) -> None:
    """Draw how far minibatch gradients of the network lie from that of all images."""
    st.subheader("Batch size and gradient noise", anchor=False)
    noises = {"fresh network": get_noise(0), f"after {_LATER} steps": get_noise(_LATER)}
    alt = "The noise of minibatch gradients over the gradient's length, against the batch size."
    show_chart(draw_noise(noises), key="optimizers.noise", alt=alt)
    fresh, later = (format_number(noise.scale) for noise in noises.values())
    st.caption(page.text("noise", fresh=fresh, later=later, steps=_LATER))

"""Stochastic depth and drop-path: what is on in each step, and what the networks learn."""

from functools import partial

import streamlit as st

from cnnviz.figures.format import format_percent, format_setting
from cnnviz.figures.stochastic_depth import (
    draw_accuracies,
    draw_parts,
    draw_switches,
    write_survival,
)
from cnnviz.labs.stochastic_depth import (
    BLOCKS,
    STEPS,
    DepthRace,
    Dropping,
    list_survival,
    race_depth,
)
from cnnviz.web.charts import show_chart
from cnnviz.web.jobs import show_heavy
from cnnviz.web.pages.gradient_flow.controls import Page


def show_dropping(page: Page) -> None:
    """Show the switches of each training step, and two networks with and without them."""
    values = page.values
    dropping = values.dropping
    rate = 1.0 if dropping is Dropping.GLOBAL else values.rate  # one column is kept at any rate
    figure, beside = st.columns([4, 1], gap="medium")
    with beside:
        page.draw("dropping")
        if dropping is not Dropping.GLOBAL:
            page.draw("rate")
        st.caption(page.text(str(dropping)))

    def draw(race: DepthRace) -> None:
        switches, curves = st.columns([3, 2], gap="medium")
        share = format_percent(float(race.switches.float().mean()))
        plain, dropped = (format_percent(one[-1]) for one in race.accuracies)
        with switches:
            chart = draw_switches(race.switches, dropping, steps=STEPS)
            alt = f"What is on in each training step, row by row: {share} of all switches."
            show_chart(chart, key="gradient_flow.switches", alt=alt)
        with curves:
            alt = f"Held-out accuracy: {plain} of the whole network, {dropped} with switches."
            show_chart(draw_accuracies(race), key="gradient_flow.dropped", alt=alt)
        told = "; ".join(
            f"{name}: {format_percent(one)} and {format_percent(other)}"
            for name, (one, other) in race.parts.items()
        )
        alt = f"Accuracy of parts of both networks. {told}."
        show_chart(draw_parts(race, dropping), key="gradient_flow.parts", alt=alt)

    with figure:
        show_heavy(
            "Layers off in training",
            dropping,
            rate,
            run=partial(race_depth, dropping, rate=rate),
            draw=draw,
            slot="gradient_flow.dropping",
        )
        if dropping is Dropping.STOCHASTIC_DEPTH:
            st.latex(write_survival(rate))
            depth = format_setting(sum(list_survival(rate)))
            st.caption(page.text("depth", depth=depth, blocks=BLOCKS))

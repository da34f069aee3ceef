"""The function over a layer's values, what each layer keeps, loss surfaces, and training."""

from functools import partial

import streamlit as st

from cnnviz.cached import get_signal
from cnnviz.figures.format import format_number, format_percent
from cnnviz.figures.signal import draw_bowls, draw_function, draw_layers, draw_race
from cnnviz.labs.signal import (
    Initialization,
    Scaling,
    Signal,
    measure_bowl,
    race_initializations,
)
from cnnviz.web.charts import show_chart
from cnnviz.web.jobs import show_heavy
from cnnviz.web.pages.signal.controls import Page


def send_signals(page: Page) -> dict[Initialization, Signal]:
    """Send the digits through the network from every initialization."""
    values = page.values
    return {
        one: get_signal(values.function, one, values.scaling, values.depth)
        for one in Initialization
    }


def show_controls(page: Page, signal: Signal) -> None:
    """Draw what changes the figures, and what became of the chosen layer."""
    page.draw("initialization", "depth", "layer", "scaling")
    place = page.values.layer - 1
    with st.container(horizontal=True):
        for title, shares in (
            ("Saturated", signal.find_saturated()),
            ("Dead units", signal.find_dead()),
            ("One-sided", signal.find_one_sided()),
        ):
            share = format_percent(float(shares[place]), digits=0)
            st.metric(title, share, help=page.text(title.partition(" ")[0].lower()))


def show_signals(page: Page, signals: dict[Initialization, Signal]) -> None:
    """Draw the deviation of the activations and the norm of the gradients, layer by layer."""
    values = page.values
    ahead, back = st.columns([5, 7], gap="medium")
    parts = (
        (ahead, "Standard deviation of activations", "deviations", Signal.find_deviations),
        (back, "Norm of the weight gradients", "gradients", Signal.find_gradient_norms),
    )
    for column, title, key, find in parts:
        with column:
            st.markdown(f"**{title}**")
            numbers = {name: find(signal) for name, signal in signals.items()}
            first, last = numbers[values.initialization][[0, -1]].tolist()
            show_chart(
                draw_layers(numbers, chosen=values.initialization, has_legend=key == "gradients"),
                key=f"signal.{key}",
                alt=f"{title}: {format_number(first)} in layer 1, {format_number(last)} in the "
                f"last, for every initialization by layer.",
            )


def show_function(page: Page, signal: Signal) -> None:
    """Draw the activation function over the chosen layer's values."""
    inputs = signal.inputs[page.values.layer - 1]
    show_chart(
        draw_function(page.values.function, inputs),
        key="signal.curve",
        alt=f"The function and its slope. z of layer {page.values.layer} has the standard "
        f"deviation {format_number(float(inputs.std()))}.",
    )


def show_bowls(page: Page) -> None:
    """Compare the loss surfaces of the three scalings."""
    st.subheader("Input scaling and the loss surface", anchor=False)
    bowls = {scaling: measure_bowl(scaling) for scaling in Scaling}
    alt = "Contours of the loss over two weights: a narrow valley for raw pixels, else rounder."
    show_chart(draw_bowls(bowls), key="signal.bowls", alt=alt)
    rates = {name: format_number(bowl.largest_rate) for name, bowl in bowls.items()}
    st.caption(page.text("bowls", raw=rates[Scaling.RAW], centered=rates[Scaling.CENTERED]))


def show_race(page: Page) -> None:
    """Train the network from every initialization on a click."""
    st.subheader("Train from every initialization", anchor=False)
    page.draw("rate")
    values = page.values
    alt = "Held-out accuracy from every initialization against the training step."
    show_heavy(
        "Training from every initialization",
        page.make_key("function", "scaling", "depth", "rate"),
        run=partial(
            race_initializations,
            function=values.function,
            scaling=values.scaling,
            depth=values.depth,
            rate=float(values.rate),
        ),
        draw=lambda race: show_chart(draw_race(race), key="signal.race", alt=alt),
        slot="signal.race",
        start="Train five networks",
    )

"""Dropout: the masks, the scaling, and the network without some of its units."""

from functools import partial

import numpy as np
import streamlit as st

from cnnviz.cached import get_dropout_training
from cnnviz.figures.format import (
    format_latex,
    format_number,
    format_percent,
    format_probability,
    format_setting,
)
from cnnviz.figures.regularization import draw_answers, draw_co_adaptation, draw_expectation
from cnnviz.labs.dropout import (
    SIDE,
    CoAdaptation,
    Scaling,
    compare_answers,
    find_deviation,
    measure_co_adaptation,
    scale_in_test,
    scale_in_training,
)
from cnnviz.web.charts import show_chart
from cnnviz.web.components.numbers.numbers import show_numbers
from cnnviz.web.jobs import show_heavy
from cnnviz.web.pages.regularization.controls import Page


def show_dropout(page: Page) -> None:
    """Show what one mask leaves of the hidden units, and what all masks give on average."""
    values, drop = page.values, float(page.values.drop)
    training = get_dropout_training(drop)
    hidden = training.hidden[values.step, values.digit]
    mask = training.masks[values.step, values.digit]
    give = partial(scale_in_training, drop=drop, scaling=values.scaling)
    given, expected = give(hidden, mask), scale_in_test(hidden, drop=drop, scaling=values.scaling)
    is_inverted = values.scaling is Scaling.INVERTED
    tables = {
        "a, all units": hidden,
        f"mask m, {int(mask.sum())} of {len(mask)} kept": mask.float(),
        "training: a·m/(1 − p)" if is_inverted else "training: a·m": given,
        "test: a" if is_inverted else "test: (1 − p)·a": expected,
    }
    show_numbers(
        np.stack([one.reshape(SIDE, SIDE).numpy() for one in tables.values()]),
        names=list(tables),
        limit=float(hidden.abs().max()) or 1.0,
        key="regularization.mask",
    )
    unit = int(hidden.argmax())
    draws = give(hidden[unit], training.draw_masks()[:, unit])
    mean, answers = st.columns(2, gap="medium")
    with mean:
        figure = draw_expectation(draws, expected=float(expected[unit]))
        alt = (
            f"Unit {unit}: mean over {len(draws)} masks {format_number(float(draws.mean()))}, "
            f"at test time {format_number(float(expected[unit]))}."
        )
        show_chart(figure, key="regularization.expectation", alt=alt)
    with answers:
        found = compare_answers(training, step=values.step, digit=values.digit)
        shares = {"this mask": found.thinned, "mean": found.mean, "scaled": found.scaled}
        told = ", ".join(
            f"{name} {format_probability(float(one[values.digit]))}" for name, one in shares.items()
        )
        alt = f"Probability of the digit {values.digit}: {told}."
        chart = draw_answers(found, digit=values.digit)
        show_chart(chart, key="regularization.answers", alt=alt)
    st.latex(_write_expectation(float(hidden[unit]), drop=drop, is_inverted=is_inverted))
    deviation = find_deviation(float(hidden[unit]), drop=drop, scaling=values.scaling)
    st.caption(
        page.text(
            "unit",
            row=unit // SIDE + 1,
            column=unit % SIDE + 1,
            mean=format_number(float(draws.mean())),
            deviation=format_number(deviation),
            count=len(draws),
        )
    )


def _write_expectation(activation: float, *, drop: float, is_inverted: bool) -> str:
    keep, p = (format_latex(format_setting(one)) for one in (1 - drop, drop))
    a = format_latex(format_number(activation))
    if is_inverted:
        return (
            rf"\mathbb{{E}}\left[\frac{{a\,m}}{{1-p}}\right] = {keep} \cdot "
            rf"\frac{{{a}}}{{{keep}}} + {p} \cdot 0 = {a} = a"
        )
    product = format_latex(format_number((1 - drop) * activation))
    return rf"\mathbb{{E}}[a\,m] = {keep} \cdot {a} + {p} \cdot 0 = {product} = (1-p)\,a"


def show_co_adaptation(page: Page) -> None:
    """Show what is left of two networks, without and with dropout, as units are removed."""
    st.subheader("Without some hidden units", anchor=False)
    drop = float(page.values.drop)

    def draw(found: CoAdaptation) -> None:
        figure = draw_co_adaptation(found, drop=drop)
        alone, held = (one[3] for one in found.accuracies)
        accuracies = f"{format_percent(alone)} without dropout, {format_percent(held)} with dropout"
        alt = f"With 9 of 25 units removed: {accuracies}."
        show_chart(figure, key="regularization.removed", alt=alt)
        st.caption(page.text("co_adaptation", **_write_units(found)))

    show_heavy(
        "Co-adaptation",
        drop,
        run=partial(measure_co_adaptation, drop=drop),
        draw=draw,
        slot="regularization.co_adaptation",
    )


def _write_units(found: CoAdaptation) -> dict[str, object]:
    """How the hidden units of both networks are correlated, and how many are active."""
    (tied, loose), (many, few) = found.correlations, found.active
    return {
        "steps": found.steps,
        "tied": format_number(tied),
        "loose": format_number(loose),
        "many": format_percent(many),
        "few": format_percent(few),
    }

"""Degradation: four trainings that were measured once, plain beside residual."""

import streamlit as st

from cnnviz.figures.degradation import draw_errors, find_limits, write_errors
from cnnviz.figures.format import format_count, format_setting
from cnnviz.labs.degradation import read_degradation
from cnnviz.web.charts import show_chart
from cnnviz.web.pages.gradient_flow.controls import Page


def show_degradation(page: Page) -> None:
    """Draw the errors of the plain networks beside those of the residual ones."""
    found = read_degradation()
    curves = list(found.curves.values())
    limits = find_limits(curves)
    for column, is_plain in zip(st.columns(2, gap="medium"), (True, False), strict=True):
        with column:
            st.markdown("**Plain**" if is_plain else "**Residual**")
            shown = [one for one in curves if one.is_plain == is_plain]
            chart = draw_errors(shown, limits=limits)
            name = "plain" if is_plain else "residual"
            show_chart(chart, key=f"gradient_flow.errors.{name}", alt=write_errors(shown))
    st.markdown(f"{write_errors(curves)}.")
    st.caption(
        page.text(
            "degradation",
            images=format_count(found.images),
            measured=format_count(found.measured),
            epochs=format_setting(round(found.epochs, 1)),
        )
    )

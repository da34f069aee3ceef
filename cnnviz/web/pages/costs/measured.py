"""Time and memory measured on the server's machine, beside what was computed."""

from collections.abc import Mapping, Sequence
from functools import partial

import streamlit as st

from cnnviz.costs.measure import Measurement, measure_all
from cnnviz.costs.rows import NetworkCosts
from cnnviz.figures.measured_text import (
    describe_measuring,
    tabulate_times,
    write_measured,
    write_times_csv,
)
from cnnviz.web.charts import show_table
from cnnviz.web.files import offer_file
from cnnviz.web.jobs import show_heavy
from cnnviz.web.pages.costs.controls import Page

_SECONDS = 150.0  # for each network; a measurement's own limit is a little less
_FORMATS = {"Multiply-adds": "localized", "Time ms": "%.3f", "Billions a second": "%.1f"}
Found = Mapping[tuple[str, int], Measurement]


def show_measured(page: Page, items: Sequence[NetworkCosts]) -> None:
    """Offer to measure the networks, show how far that is, and what came out."""
    st.subheader("Time and memory on this machine", anchor=False)
    st.markdown(page.text("measuring"))
    names = " and ".join(item.title for item in items)
    wanted = tuple((item.network.name, item.size) for item in items)

    def draw(found: Found) -> None:
        for item in items:
            if (item.network.name, item.size) in found:
                _show_result(item, found[item.network.name, item.size])

    show_heavy(
        f"The measurement of {names}",
        wanted,
        run=partial(measure_all, wanted),
        draw=draw,
        slot="costs.measured",
        start=f"Measure {names}",
        seconds=_SECONDS * len(items),
    )


def _show_result(item: NetworkCosts, found: Measurement) -> None:
    key = f"{item.network.name}-{item.size}"
    st.markdown(f"**{item.network.title}** at {item.size}×{item.size}")
    st.markdown(write_measured(item.table, found))
    st.caption(describe_measuring(found))
    show_table(
        tabulate_times(item.rows, found),
        formats=_FORMATS,
        percent=["Work %", "Time %"],
        pinned="Layer",
        max_height=420,
        key=f"costs.times.{key}",
    )
    offer_file(
        "Times as CSV",
        lambda: write_times_csv(item.rows, found),
        f"times-{key}.csv",
        key=f"costs.times.csv.{key}",
    )

"""Time and memory measured on the server's machine, beside what was computed."""

from collections.abc import Iterator

import streamlit as st

from cnnviz.figures.measured_text import (
    TIMED_COLUMNS,
    compare_measured,
    describe_measuring,
    list_times,
    write_times_csv,
)
from cnnviz.heavy import HeavyResult
from cnnviz.measure import Measurement, measure_in_steps
from cnnviz.web.files import offer_file
from cnnviz.web.jobs import show_result
from cnnviz.web.pages.costs.view import Measured

_SECONDS = 150.0  # for each network; a measurement's own limit is a little less


def show_measured(items: list[Measured]) -> None:
    """Offer to measure the networks, show how far that is, and what came out."""
    st.subheader("Time and memory on this machine", anchor=False)
    st.markdown(
        "Time depends on more than multiply-adds: on memory traffic, and on how well a layer suits "
        "the processor. Here the network really runs, with one image."
    )
    names = " and ".join(f"{item.network.title} at {item.size}×{item.size}" for item in items)
    wanted = tuple((item.network.name, item.size) for item in items)
    heavy = HeavyResult(
        key=f"measure {wanted}",
        title=f"The measurement of {names}",
        run=lambda: _measure_all(wanted),
        size=lambda found: 4096 * len(found),
        seconds=_SECONDS * len(items),
    )

    def draw(found: dict[tuple[str, int], Measurement]) -> None:
        for item in items:
            if (item.network.name, item.size) in found:
                _show_result(item, found[item.network.name, item.size])

    show_result(heavy, draw=draw, slot="costs.measured", start=f"Measure {names}")


def _measure_all(
    wanted: tuple[tuple[str, int], ...],
) -> Iterator[tuple[float, str, dict[tuple[str, int], Measurement]]]:
    """Measure one network after the other, in a process of its own each."""
    found: dict[tuple[str, int], Measurement] = {}
    for done, (name, size) in enumerate(wanted):
        steps = measure_in_steps(name, size=size)
        while True:
            try:
                share, step = next(steps)
            except StopIteration as end:
                found[name, size] = end.value
                break
            yield (done + share) / len(wanted), step, dict(found)
    yield 1.0, "done", found


def _show_result(item: Measured, found: Measurement) -> None:
    key = f"{item.network.name}-{item.size}"
    st.markdown(f"**{item.network.title}** at {item.size}×{item.size}")
    lines = ["| | Computed | Measured |", "|---|---|---|"]
    lines += [f"| {' | '.join(row)} |" for row in compare_measured(item.table, found)]
    st.markdown("\n".join(lines))
    st.caption(describe_measuring(found))
    rows = list_times(item.rows, found)
    st.dataframe(
        {name: [row[place] for row in rows] for place, name in enumerate(TIMED_COLUMNS)},
        hide_index=True,
        height=min(36 * (len(rows) + 1), 420),
        column_config={
            "Layer": st.column_config.TextColumn(pinned=True),
            "Multiply-adds": st.column_config.NumberColumn(format="localized"),
            "Work %": st.column_config.ProgressColumn(format="%.1f", min_value=0, max_value=100),
            "Time ms": st.column_config.NumberColumn(format="%.3f"),
            "Time %": st.column_config.ProgressColumn(format="%.1f", min_value=0, max_value=100),
            "Billions a second": st.column_config.NumberColumn(format="%.1f"),
        },
        key=f"costs.times.{key}",
    )
    offer_file(
        "Times as CSV",
        lambda: write_times_csv(item.rows, found),
        f"times-{key}.csv",
        key=f"costs.times.csv.{key}",
    )

"""Time and memory measured on the server's machine, beside what was computed."""

import streamlit as st

from cnnviz.figures.measured_text import (
    TIMED_COLUMNS,
    compare_measured,
    describe_measuring,
    list_times,
    write_times_csv,
)
from cnnviz.jobs import Job
from cnnviz.measure import Measurement, find_measurement, measure_network
from cnnviz.web.costs.view import Measured
from cnnviz.web.job_panel import follow_job, start_visitor_job

_SECONDS = 150.0  # for each network; a measurement's own limit is a little less


def show_measured(items: list[Measured]) -> None:
    """Offer to measure the networks, show how far that is, and what came out."""
    st.header("Measured on this machine", anchor=False)
    st.markdown(
        "Multiply-adds are counted, time is not: it also depends on memory traffic and on how well "
        "a layer suits the processor. Here the network really runs, with one image."
    )
    missing = [
        item for item in items if find_measurement(item.network.name, size=item.size) is None
    ]
    if missing:
        _offer(missing)
    for item in items:
        found = find_measurement(item.network.name, size=item.size)
        if found is None:
            continue
        if len(items) > 1:
            st.subheader(item.network.title, anchor=False)
        _show_result(item, found, f"{item.network.name}-{item.size}")


def _offer(missing: list[Measured]) -> None:
    """A button that puts the measurements in the server's line, and how far they are."""
    names = " and ".join(f"{item.network.title} at {item.size}×{item.size}" for item in missing)
    key = "measuring-" + "-".join(f"{item.network.name}-{item.size}" for item in missing)
    job = st.session_state.get(key)
    follow_job(key)
    if job is not None and job.is_active:
        return
    if st.button(
        f"Measure {names}",
        icon=":material/timer:",
        help="Takes some seconds, on the server’s machine, in its one line of heavy work. What was "
        "measured is kept until the server ends.",
        key="measure",
    ):
        start_visitor_job(
            lambda job: _measure_all(missing, job),
            key=key,
            title=f"The measurement of {names}",
            seconds=_SECONDS * len(missing),
        )
        st.rerun()


def _measure_all(items: list[Measured], job: Job[int]) -> int:
    """Measure one network after the other; how many."""
    for number, item in enumerate(items):

        def report(progress: float, step: str, done: int = number) -> None:
            job.report((done + progress) / len(items), step)

        measure_network(item.network.name, size=item.size, report=report)
    return len(items)


def _show_result(item: Measured, found: Measurement, key: str) -> None:
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
        key=f"times-{key}",
    )
    st.download_button(
        "Times as CSV",
        write_times_csv(item.rows, found),
        file_name=f"times-{key}.csv",
        mime="text/csv",
        icon=":material/download:",
        on_click="ignore",
        key=f"times-csv-{key}",
    )

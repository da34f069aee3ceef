"""Time and memory measured on the server's machine, beside what was computed."""

import streamlit as st

from cnnviz.errors import MeasureError
from cnnviz.figures.measured_text import (
    TIMED_COLUMNS,
    compare_measured,
    describe_measuring,
    list_times,
    write_times_csv,
)
from cnnviz.jobs import JobState
from cnnviz.measure import MeasureJob, Measurement, find_measurement, start_measuring
from cnnviz.web.chrome import show_error
from cnnviz.web.costs.view import Measured

_JOBS = "measuring"
_REFRESH_SECONDS = 0.5


def show_measured(items: list[Measured]) -> None:
    """Offer to measure the networks, show how far that is, and what came out."""
    st.header("Measured on this machine", anchor=False)
    st.markdown(
        "Multiply-adds are counted, time is not: it also depends on memory traffic and on how well "
        "a layer suits the processor. Here the network really runs, with one image."
    )
    for item in items:
        active = (job := _find_job(item)) is not None and job.is_active
        # Looks again by itself only while something is on its way.
        part = st.fragment(_show_one, run_every=_REFRESH_SECONDS if active else None)
        part(item, title=len(items) > 1, was_active=active)


def _find_job(item: Measured) -> MeasureJob | None:
    jobs: dict[tuple[str, int], MeasureJob] = st.session_state.setdefault(_JOBS, {})
    return jobs.get((item.network.name, item.size))


def _show_one(item: Measured, *, title: bool, was_active: bool) -> None:
    job = _find_job(item)
    if was_active and job is not None and not job.is_active:
        st.rerun()  # of the whole page: it need not look again
    if title:
        st.subheader(item.network.title, anchor=False)
    key = f"{item.network.name}-{item.size}"
    if job is not None and job.is_active:
        _show_progress(job, key)
        return
    found = find_measurement(item.network.name, size=item.size)
    if found is not None:
        _show_result(item, found, key)
        return
    if job is not None and job.state is JobState.FAILED:
        show_error(MeasureError(job.error))
    if job is not None and job.state is JobState.STOPPED:
        st.info("The measurement was stopped.", icon=":material/info:")
    if st.button(
        f"Measure {item.network.title} at {item.size}×{item.size}",
        icon=":material/timer:",
        help="Takes some seconds, on the server's machine; one measurement runs at a time.",
        key=f"measure-{key}",
    ):
        _start(item)


def _start(item: Measured) -> None:
    try:
        job = start_measuring(item.network.name, size=item.size)
    except MeasureError as error:
        show_error(error)
        return
    st.session_state[_JOBS][(item.network.name, item.size)] = job
    st.rerun()


def _show_progress(job: MeasureJob, key: str) -> None:
    bar, button = st.columns([6, 1], vertical_alignment="center")
    bar.progress(job.progress, text=f"Measuring: {job.step} …")
    if button.button("Stop", icon=":material/stop:", key=f"stop-{key}"):
        job.stop()
        st.rerun()


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

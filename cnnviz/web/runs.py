"""Runs that a page starts by itself and that its visitors share, bounded.

A run with the same network, target, settings and seed gives the same picture, so a class that
follows one link waits for it once.
"""

import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator
from typing import Generic, TypeVar

import streamlit as st

from cnnviz.jobs import Job, JobState
from cnnviz.web.job_panel import follow_job, start_visitor_job

Result = TypeVar("Result")

JOB = "run_job"
_ASKED = "run_asked"
_MOST_BYTES = 96 * 2**20
_SECONDS = 120.0


class FinishedRuns(Generic[Result]):
    """Results by key, the least recently used leaving when all take too many bytes."""

    def __init__(self, *, limit: int) -> None:
        self._limit = limit
        self._kept: OrderedDict[str, tuple[Result, int]] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: str) -> Result | None:
        """Return a result, None where there is none."""
        with self._lock:
            if key not in self._kept:
                return None
            self._kept.move_to_end(key)
            return self._kept[key][0]

    def put(self, key: str, result: Result, *, size: int) -> None:
        """Keep a result of this many bytes; one over the limit is not kept."""
        with self._lock:
            self._kept.pop(key, None)
            self._kept[key] = (result, size)
            while sum(entry[1] for entry in self._kept.values()) > self._limit:
                self._kept.popitem(last=False)


_FINISHED: FinishedRuns[object] = FinishedRuns(limit=_MOST_BYTES)


def show_run(
    key: str,
    *,
    title: str,
    begin: Callable[[], Iterator[tuple[float, str, Result]]],
    measure: Callable[[Result], int],
    show: Callable[[Result], None],
    seconds: float = _SECONDS,
) -> Result | None:
    """Show a run's result, or start it and show it growing.

    Args:
        key: All that the result depends on, as text.
        title: What it is, for the line's other visitors too.
        begin: Starts the run; yields the share done, what is being done, and the newest result.
        measure: Bytes of a result.
        show: Draws a result, whole or not.
        seconds: The most that it may take.

    Returns:
        The finished result; None while it grows, or when it was stopped or failed.
    """
    found: Result | None = _find(key)
    if found is not None:
        job = st.session_state.get(JOB)
        if job is not None and job.is_active:
            job.stop()  # what the visitor no longer looks at
        st.session_state[_ASKED] = key
        show(found)
        return found
    if st.session_state.get(_ASKED) != key:
        _start(key, title=title, begin=begin, measure=measure, seconds=seconds)
    _follow(show)
    return None


def _find(key: str) -> Result | None:
    """The finished result: anybody's, or this visitor's own where it was too large to keep."""
    found: Result | None = _FINISHED.get(key)  # type: ignore[assignment]  # a key has one type
    job: Job[Result] | None = st.session_state.get(JOB)
    mine = job is not None and st.session_state.get(_ASKED) == key
    if found is None and mine and job is not None and job.state is JobState.DONE:
        return job.result
    return found


def _follow(show: Callable[[Result], None]) -> None:
    """Show this visitor's run growing; one that was stopped or failed as far as it came."""
    job: Job[Result] | None = st.session_state.get(JOB)

    def show_partial(growing: Job[Result]) -> None:
        if growing.partial is not None:
            show(growing.partial)

    follow_job(JOB, show_partial=show_partial)
    if job is None or job.is_active:
        return
    if job.state is JobState.DONE:
        st.rerun()  # it ended between two looks
    show_partial(job)
    if st.button("Start again", icon=":material/replay:", key="again"):
        st.session_state.pop(_ASKED, None)
        st.rerun()


def _start(
    key: str,
    *,
    title: str,
    begin: Callable[[], Iterator[tuple[float, str, Result]]],
    measure: Callable[[Result], int],
    seconds: float,
) -> None:
    def work(job: Job[Result]) -> Result:
        found: Result | None = _FINISHED.get(key)  # type: ignore[assignment]
        if found is not None:  # another visitor's, made while this one waited
            return found
        last: Result | None = None
        for share, step, result in begin():
            job.report(share, step, result)
            last = result
        if last is None:
            raise RuntimeError("A run yields at least once.")
        _FINISHED.put(key, last, size=measure(last))
        return last

    st.session_state.pop(JOB, None)
    start_visitor_job(work, key=JOB, title=title, seconds=seconds)
    st.session_state[_ASKED] = key

"""A heavy result, declared once: cache, line, bar, Stop, intermediate results and a new try.

Finished results are shared: a class that opens one link waits for its result once.
"""

import secrets
from collections.abc import Callable, Iterator, Sequence
from contextvars import ContextVar
from dataclasses import dataclass
from functools import partial
from typing import Any, Generic, TypeVar

import streamlit as st

from cnnviz.cache import SizedLRUCache, estimate_bytes
from cnnviz.errors import JobError
from cnnviz.jobs import Job, JobState, find_place, start_job
from cnnviz.web.chrome import show_error
from cnnviz.web.components.job.job import show_job

R = TypeVar("R")
T = TypeVar("T")

_MAX_BYTES = 128 * 2**20
_VISITOR = "visitor"
# What takes less than a blink is drawn without a bar.
_BLINK_SECONDS = 0.25

# The job whose run this thread is in.
_CURRENT: ContextVar[Job[Any] | None] = ContextVar("current_job", default=None)
_FINISHED: SizedLRUCache[str, Any] = SizedLRUCache(max_bytes=_MAX_BYTES)


@dataclass(frozen=True, slots=True, eq=False)
class HeavyResult(Generic[R]):
    """A result that takes long to compute.

    Attributes:
        key: All that the result depends on, as text; of an image its digest.
        title: What it is, for people, such as "Occlusion map".
        run: Computes it; yields the share done, what is being done, and the newest result, of
            which the last is the whole one. It runs in another thread, without Streamlit.
        size: Bytes of a result; counted where it is not said.
        seconds: The most that it may take.
    """

    key: str
    title: str
    run: Callable[[], Iterator[tuple[float, str, R]]]
    size: Callable[[R], int] = estimate_bytes
    seconds: float = 120.0


def find_result(key: str) -> Any | None:
    """Return the finished result of a key, whoever asked for it; None where there is none."""
    return _FINISHED.get(key)


def report_progress(share: float, step: str) -> None:
    """Report from within a long step of a heavy result's run; elsewhere it does nothing.

    Args:
        share: Share done, 0 to 1.
        step: What is being done.

    Raises:
        JobError: It took longer than it may. Another error ends a run that was stopped.
    """
    job = _CURRENT.get()
    if job is not None:
        job.report(share, step)


def compute_each(
    items: Sequence[T], compute: Callable[[T], R], *, name: Callable[[T], str]
) -> Iterator[tuple[float, str, tuple[R, ...]]]:
    """Compute one result after the other, as a heavy result's run.

    Args:
        items: What the results are of.
        compute: Computes one.
        name: Says which item it is, for the bar.
    """
    found: tuple[R, ...] = ()
    for count, item in enumerate(items, start=1):
        found = (*found, compute(item))
        yield count / len(items), name(item), found


def show_result(
    heavy: HeavyResult[R],
    *,
    draw: Callable[[R], object],
    slot: str = "main",
    start: str | None = None,
) -> R | None:
    """Draw a result; where there is none yet, compute it in the line and draw it as it grows.

    Args:
        heavy: What to compute.
        draw: Draws a result, whole or intermediate.
        slot: The place on the page; another result in it stops the one before.
        start: Label of the button that starts it; None for what starts by itself.

    Returns:
        The finished result; None before that, or when it was stopped or failed.
    """
    found = _find(heavy, slot)
    if found is None and _is_wanted(heavy, slot, start):
        found = _start_anew(heavy, slot)
    if found is None:
        _show_growing(heavy, draw, slot)
        return None
    draw(found)
    return found


def get_job(slot: str) -> Job[Any] | None:
    """Return this visitor's job of a place on the page, waiting, running or over."""
    kept: tuple[str, Job[Any]] | None = st.session_state.get(_name_job(slot))
    return None if kept is None else kept[1]


def _name_job(slot: str) -> str:
    return f"job:{slot}"


def _name_wish(slot: str) -> str:
    return f"job_wish:{slot}"


def _find_job(heavy: HeavyResult[R], slot: str) -> Job[R] | None:
    """This visitor's job for this very result, unless it lost its place in the line."""
    kept: tuple[str, Job[R]] | None = st.session_state.get(_name_job(slot))
    if kept is None or kept[0] != heavy.key or kept[1].was_forgotten:
        return None
    return kept[1]


def _find(heavy: HeavyResult[R], slot: str) -> R | None:
    """The finished result: anybody's, or this visitor's own where it was too large to keep."""
    found: R | None = find_result(heavy.key)
    job = _find_job(heavy, slot)
    if found is None:
        return None if job is None else job.result
    if job is None or job.state is not JobState.DONE:
        _stop_other(slot)
    st.session_state.pop(_name_job(slot), None)
    return found


def _stop_other(slot: str) -> None:
    """Stop what the visitor no longer looks at."""
    job = get_job(slot)
    if job is not None:
        job.stop()
    st.session_state.pop(_name_job(slot), None)


def _is_wanted(heavy: HeavyResult[R], slot: str, start: str | None) -> bool:
    """Whether a run is to start now; draws the button for it where it waits for a click."""
    if _find_job(heavy, slot) is not None:
        return False
    _stop_other(slot)
    if start is None or st.session_state.get(_name_wish(slot)) == heavy.key:
        return True
    st.button(
        start,
        icon=":material/play_arrow:",
        key=f"job_start:{slot}",
        on_click=partial(_wish, slot, heavy.key),
    )
    return False


def _wish(slot: str, key: str) -> None:
    """Ask for a run of this key, also where the one before was stopped or failed."""
    st.session_state[_name_wish(slot)] = key
    _stop_other(slot)


def _start_anew(heavy: HeavyResult[R], slot: str) -> R | None:
    """Put the run in line; the result where it was there within a blink."""
    owner = st.session_state.setdefault(_VISITOR, secrets.token_hex(8))
    try:
        job = start_job(
            partial(_compute, heavy),
            title=heavy.title,
            owner=owner,
            key=heavy.key,
            seconds=heavy.seconds,
        )
    except JobError as error:
        st.session_state.pop(_name_wish(slot), None)
        show_error(error)
        st.button(
            "Try again",
            icon=":material/replay:",
            key=f"job_again:{slot}",
            on_click=partial(_wish, slot, heavy.key),
        )
        return None
    st.session_state[_name_job(slot)] = (heavy.key, job)
    if find_place(job).ahead == 0 and job.wait(_BLINK_SECONDS):
        return job.result
    return None


def _compute(heavy: HeavyResult[R], job: Job[R]) -> R:
    found: R | None = find_result(heavy.key)
    if found is not None:  # another visitor's, made while this one waited
        return found
    last: R | None = None
    token = _CURRENT.set(job)
    try:
        for share, step, result in heavy.run():
            job.report(share, step, result)
            last = result
    finally:
        _CURRENT.reset(token)
    if last is None:
        raise RuntimeError("A run yields at least once.")
    _FINISHED.put(heavy.key, last, size=heavy.size(last))
    return last


def _show_growing(heavy: HeavyResult[R], draw: Callable[[R], object], slot: str) -> None:
    job = _find_job(heavy, slot)
    if job is None:
        return
    if job.is_active:
        _follow(job, draw, slot)
    elif job.state is JobState.DONE:
        st.rerun()  # it ended between two looks
    else:
        _show_end(heavy, job, draw, slot)


def _follow(job: Job[R], draw: Callable[[R], object], slot: str) -> None:
    """Show a job's bar and newest result; its component runs the page again when there is a newer.

    Not in a fragment: what one draws after the page was left is put among the next page's elements,
    and Streamlit's client ends with an error.
    """
    job.touch()
    drawn, newest = job.partials, job.partial
    show_job(job, drawn=drawn, key=f"job_bar:{slot}")
    if newest is not None:
        draw(newest)


def _show_end(heavy: HeavyResult[R], job: Job[R], draw: Callable[[R], object], slot: str) -> None:
    """Say why there is no result, and offer another run."""
    if job.state is JobState.FAILED:
        show_error(JobError(job.error))
    else:
        st.info(f"{job.title} was stopped.", icon=":material/info:")
    st.button(
        "Start again",
        icon=":material/replay:",
        key=f"job_again:{slot}",
        on_click=partial(_wish, slot, heavy.key),
    )
    if job.partial is not None:
        draw(job.partial)

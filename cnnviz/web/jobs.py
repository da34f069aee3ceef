"""A heavy result on a page: its line, bar, Stop, intermediate results and a new try."""

from collections.abc import Callable
from functools import partial
from typing import TypeVar

import streamlit as st

from cnnviz.errors import JobError
from cnnviz.jobs import Job, JobState, find_place, start_job
from cnnviz.jobs.heavy import HeavyResult, Run, compute_heavy, find_result, prepare_for_runs
from cnnviz.jobs.view import view_job
from cnnviz.web.chrome import show_error
from cnnviz.web.components.job.job import Payload, show_job
from cnnviz.web.visitors import find_visitor, watch_connection

R = TypeVar("R")

# What takes less than a blink is drawn without a bar; so is what has its first part a little later,
# for which the browser need not ask.
_BLINK_SECONDS = 0.25
_FIRST_SECONDS = 0.5
_SHOWN, _PAUSED = "shown_results", "paused_results"


def show_result(
    heavy: HeavyResult[R],
    *,
    draw: Callable[[R], object],
    slot: str = "main",
    start: str | None = None,
    can_pause: bool = False,
    meanwhile: Callable[[], object] | None = None,
) -> R | None:
    """Draw a result; where there is none yet, compute it in the line and draw it as it grows.

    Args:
        heavy: What to compute.
        draw: Draws a result, whole or intermediate.
        slot: The place on the page; another result in it stops the one before.
        start: Label of the button that starts it; None for what starts by itself.
        can_pause: Whether a run that was stopped goes on from there.
        meanwhile: Draws what stands there until there is a first intermediate result.

    Returns:
        The finished result; None before that, or when it was stopped or failed.
    """
    st.session_state.setdefault(_SHOWN, set()).add(slot)
    if heavy.key in _paused():  # also before its page was left: it goes on after a click
        start = "Resume"
    found = _find(heavy, slot)
    if found is None and _is_wanted(heavy, slot, start):
        found = _start_anew(heavy, slot)
    if found is None:
        found = _show_growing(heavy, draw, slot, can_pause=can_pause, meanwhile=meanwhile)
    if found is not None:
        draw(found)
    return found


def show_heavy(
    title: str,
    *key: object,
    run: Run[R],
    draw: Callable[[R], object],
    slot: str,
    start: str | None = None,
    seconds: float = 120.0,
    meanwhile: Callable[[], object] | None = None,
) -> R | None:
    """Show a heavy result that is declared in place; see `HeavyResult` and `show_result`.

    Args:
        title: What it is, for people.
        key: All that it depends on besides its title, each as its text says.
        run: Computes it.
        draw: Draws it, whole or intermediate.
        slot: The place on the page.
        start: Label of the button that starts it.
        seconds: The most that it may take.
        meanwhile: Draws what stands there until there is a first intermediate result.
    """
    text = "/".join(map(str, (title, *key)))
    heavy = HeavyResult(key=text, title=title, run=run, seconds=seconds)
    return show_result(heavy, draw=draw, slot=slot, start=start, meanwhile=meanwhile)


def _paused() -> set[str]:
    """Keys of the results that this visitor has paused."""
    paused: set[str] = st.session_state.setdefault(_PAUSED, set())
    return paused


def _find_job(heavy: HeavyResult[R], slot: str) -> Job[R] | None:
    """This visitor's job for this very result, unless it lost its place in the line."""
    key, job = st.session_state.get(f"job:{slot}", (None, None))
    return None if key != heavy.key or job.was_forgotten else job


def _find(heavy: HeavyResult[R], slot: str) -> R | None:
    """The finished result: anybody's, or this visitor's own where it was too large to keep."""
    found: R | None = find_result(heavy.key)
    job = _find_job(heavy, slot)
    if found is None:
        return None if job is None else job.result
    leave_result(slot, is_over=job is not None and job.state is JobState.DONE)
    return found


def leave_result(slot: str, *, is_over: bool = False) -> None:
    """Forget the job of a place, and stop what the visitor no longer looks at.

    Args:
        slot: The place on the page.
        is_over: Whether there is nothing to stop.
    """
    _, job = st.session_state.pop(f"job:{slot}", (None, None))
    if job is not None and not is_over:
        job.forget()


def begin_run() -> None:
    """At the begin of a run, forget what one that was cut short had shown."""
    st.session_state.pop(_SHOWN, None)


def leave_others() -> None:
    """At the end of a run, leave what it has not shown: else it keeps this visitor's line busy."""
    for slot in _list_unshown():
        leave_result(slot)
    prepare_for_runs()


def _list_unshown() -> set[str]:
    """The places with a job that this run has not come to, or not yet."""
    keys = [str(key) for key in st.session_state]
    slots = {key.removeprefix("job:") for key in keys if key.startswith("job:")}
    shown: set[str] = st.session_state.get(_SHOWN, set())
    return slots - shown


def _count_bars(slot: str) -> int:
    """How many bars this run has drawn before that of a place: they lie above one another."""
    others: set[str] = st.session_state[_SHOWN] - {slot}
    found = [st.session_state.get(f"job:{other}") for other in others]
    return sum(one is not None and one[1].is_active for one in found)


def _make_room() -> None:
    """Stop what computes for further down the page: what it needed is about to change.

    Where it is shown all the same, it starts again behind what comes first.
    """
    for slot in _list_unshown():
        _, job = st.session_state[f"job:{slot}"]
        if job.is_active:
            leave_result(slot)


def _is_wanted(heavy: HeavyResult[R], slot: str, start: str | None) -> bool:
    """Whether a run is to start now; draws the button for it where it waits for a click."""
    if _find_job(heavy, slot) is not None:
        return False
    leave_result(slot)
    if start is None or is_wished(heavy, slot):
        return True
    _offer_run(start, "start", heavy, slot, icon="play_arrow")
    return False


def is_wished(heavy: HeavyResult[R], slot: str) -> bool:
    """Whether this visitor has asked by a click for this very result."""
    return bool(st.session_state.get(f"job_wish:{slot}") == heavy.key)


def take_wish_back(slot: str) -> None:
    """Let what was asked for by a click wait for another one."""
    st.session_state.pop(f"job_wish:{slot}", None)


def _offer_run(
    label: str, name: str, heavy: HeavyResult[R], slot: str, *, icon: str = "replay"
) -> None:
    """Draw a button that asks for a run, also where the one before was stopped or failed."""

    def wish() -> None:
        st.session_state[f"job_wish:{slot}"] = heavy.key
        leave_result(slot)

    st.button(label, icon=f":material/{icon}:", key=f"job_{name}:{slot}", on_click=wish)


def _start_anew(heavy: HeavyResult[R], slot: str) -> R | None:
    """Put the run in line and wait a moment for its first part; the result if it was quicker."""
    owner = find_visitor()
    _paused().discard(heavy.key)
    _make_room()
    try:
        job = start_job(
            partial(compute_heavy, heavy),
            title=heavy.title,
            owner=owner,
            key=heavy.key,
            seconds=heavy.seconds,
            is_connected=watch_connection(),
        )
    except JobError as error:
        take_wish_back(slot)
        show_error(error)
        _offer_run("Try again", "again", heavy, slot)
        return None
    st.session_state[f"job:{slot}"] = (heavy.key, job)
    if find_place(job).ahead == 0 and not job.wait(_BLINK_SECONDS):
        job.wait_for_first(_FIRST_SECONDS)
    return job.result


def _show_growing(
    heavy: HeavyResult[R],
    draw: Callable[[R], object],
    slot: str,
    *,
    can_pause: bool,
    meanwhile: Callable[[], object] | None,
) -> R | None:
    """Show how far the job is, or why it ended without a result, and its newest result.

    Returns the whole result where the job ended between two looks: to run the page again would
    take the place of a way to another page that the visitor has just asked for.

    Its component runs the page again when there is a newer one. Not in a fragment: what one draws
    after the page was left is put among the next page's elements, and Streamlit's client ends with
    an error.
    """
    job = _find_job(heavy, slot)
    if job is None:
        return None
    drawn, newest = job.partials, job.partial
    if job.is_active:
        job.touch()
        label = "Pause" if can_pause else "Stop"
        key = f"job_bar_{_count_bars(slot)}:{slot}"
        show_job(Payload(job.id, drawn, view_job(job), label), key=key)
    elif job.state is JobState.DONE:
        return job.result
    else:
        if job.state is JobState.FAILED:
            show_error(JobError(job.error))
        else:
            if can_pause:
                _paused().add(heavy.key)
                take_wish_back(slot)
            told = "is paused" if can_pause else "was stopped"
            st.info(f"{job.title} {told}.", icon=":material/info:")
        _offer_run("Resume" if can_pause else "Start again", "again", heavy, slot)
    if newest is not None:
        draw(newest)
    elif meanwhile is not None:
        meanwhile()
    return None

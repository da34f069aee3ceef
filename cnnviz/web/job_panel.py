"""Heavy work of one visitor: put in the server's line, followed with a bar, and stopped."""

import secrets
from collections.abc import Callable
from typing import TypeVar

import streamlit as st

from cnnviz.errors import JobError
from cnnviz.jobs import Job, JobState, find_place, start_job
from cnnviz.web.chrome import show_error

Result = TypeVar("Result")

_EVERY_SECONDS = 0.5
_VISITOR = "visitor"


def start_visitor_job(
    work: Callable[[Job[Result]], Result], *, key: str, title: str, seconds: float = 120.0
) -> None:
    """Put this visitor's work in line, in place of any that they have there.

    The job is kept in the session under `key`; a line that is full is told in the page.
    """
    earlier: Job[Result] | None = st.session_state.get(key)
    if earlier is not None:
        earlier.stop()
    owner = st.session_state.setdefault(_VISITOR, secrets.token_hex(8))
    try:
        st.session_state[key] = start_job(work, title=title, owner=owner, seconds=seconds)
    except JobError as error:
        show_error(error)


def follow_job(key: str, *, show_partial: Callable[[Job[Result]], None] | None = None) -> None:
    """Show how far a job is, with a button that stops it; nothing when there is no job.

    While it is active this part of the page looks again twice a second; when it ends the whole
    page runs again and finds the job's `result`, or its `partial` where it was stopped.

    Args:
        key: Of `start_visitor_job`.
        show_partial: Draws the job's newest intermediate result, once there is one.
    """
    job: Job[Result] | None = st.session_state.get(key)
    if job is None:
        return
    if not job.is_active:
        _tell_end(job)
        return
    part = st.fragment(_follow, run_every=_EVERY_SECONDS)
    part(key, show_partial)


def _follow(key: str, show_partial: Callable[[Job[Result]], None] | None) -> None:
    job: Job[Result] = st.session_state[key]
    job.touch()
    if not job.is_active:
        st.rerun()  # of the whole page: it shows the result and need not look again
    with st.container(horizontal=True, vertical_alignment="center"):
        st.progress(min(job.progress, 1.0), text=_tell(job))
        st.button("Stop", icon=":material/stop:", key=f"stop_{key}", on_click=job.stop)
    if show_partial is not None and job.partial is not None:
        show_partial(job)


def _tell(job: Job[Result]) -> str:
    if job.state is JobState.RUNNING:
        return f"{job.title}: {job.step} …"
    before = find_place(job).ahead
    if before == 0:
        return f"{job.title}: starts next"
    return f"{job.title}: {'1 job is' if before == 1 else f'{before} jobs are'} ahead"


def _tell_end(job: Job[Result]) -> None:
    if job.state is JobState.FAILED:
        show_error(JobError(job.error))
    elif job.state is JobState.STOPPED:
        st.info(f"{job.title} was stopped.", icon=":material/info:")

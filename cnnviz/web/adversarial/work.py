"""The adversarial page's computations: the quick ones at once, the others in the server's line."""

import time
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import streamlit as st

from cnnviz.attacks.pixel_space import compute_gradient, make_logits, to_values
from cnnviz.imaging import Pixels
from cnnviz.inference import LoadedModel
from cnnviz.jobs import Job, JobState
from cnnviz.web.job_panel import follow_job, start_visitor_job

Result = TypeVar("Result")
Report = Callable[[float, str, Any], None]

_AT_ONCE_SECONDS = 1.0
_MOST_SECONDS = 180.0
_TIMINGS = 3


@dataclass(frozen=True, slots=True)
class Work(Generic[Result]):
    """Something to compute.

    Attributes:
        key: Of the session; one for each place of the page.
        identity: What the result depends on.
        title: For people.
        seconds: What it may take, as far as is known.
        run: Computes it, and tells after each step how far it is.
        button: What starts it; None for what starts by itself.
    """

    key: str
    identity: Hashable
    title: str
    seconds: float
    run: Callable[[Report], Result]
    button: str | None = None


def get_result(
    work: Work[Result], *, show_partial: Callable[[Job[Result]], None] | None = None
) -> Result | None:
    """Return a result that is there or quick to have; for another, show how far it is.

    Args:
        work: What to compute.
        show_partial: Draws what there is of it while it runs.

    Returns:
        The result; None while there is none.
    """
    kept = st.session_state.get(_name_kept(work))
    if kept is not None and kept[0] == work.identity:
        result: Result = kept[1]
        return result
    if work.button is not None and not _was_asked(work):
        return None
    if work.seconds < _AT_ONCE_SECONDS:
        return _keep(work, work.run(lambda _share, _step, _partial: None))
    return _follow(work, show_partial)


def _name_kept(work: Work[Result]) -> str:
    return f"{work.key}_kept"


def _keep(work: Work[Result], result: Result) -> Result:
    st.session_state[_name_kept(work)] = (work.identity, result)
    return result


def _was_asked(work: Work[Result]) -> bool:
    """Show the button until it was pressed for this very work."""
    place = f"{work.key}_asked"
    if st.session_state.get(place) == work.identity:
        return True

    def ask() -> None:
        st.session_state[place] = work.identity

    st.button(work.button or "", key=f"{work.key}_start", on_click=ask)
    return False


def _follow(
    work: Work[Result], show_partial: Callable[[Job[Result]], None] | None
) -> Result | None:
    place = f"{work.key}_of"
    job: Job[Result] | None = st.session_state.get(work.key)
    if job is None or st.session_state.get(place) != work.identity:
        job = _start(work)
    if job is None:
        return None
    if job.state is JobState.DONE and job.result is not None:
        return _keep(work, job.result)
    if not job.is_active and st.button("Start again", key=f"{work.key}_again"):
        job = _start(work)
    follow_job(work.key, show_partial=show_partial)
    return None if job is None or job.is_active else job.partial


def _start(work: Work[Result]) -> Job[Result] | None:
    st.session_state[f"{work.key}_of"] = work.identity
    start_visitor_job(
        lambda job: work.run(job.report), key=work.key, title=work.title, seconds=_MOST_SECONDS
    )
    job: Job[Result] | None = st.session_state.get(work.key)
    return job


@st.cache_resource(max_entries=128, show_spinner=False)
def _time_gradient(network: str, _model: LoadedModel, _seen: Pixels) -> float:  # noqa: ARG001  (the key of the cache)
    logits_of, start = make_logits(_model), to_values(_seen)
    compute_gradient(logits_of, start, label=0)  # the first takes longer
    taken = []
    for _ in range(_TIMINGS):
        began = time.perf_counter()
        compute_gradient(logits_of, start, label=0)
        taken.append(time.perf_counter() - began)
    return min(taken)  # others may have been at work meanwhile


def estimate_seconds(model: LoadedModel, seen: Pixels, *, gradients: int, answers: int) -> float:
    """Estimate how long so many gradients and plain answers of a network take here.

    A gradient is timed, once for each network, and the quickest of three counts; an answer takes
    a third of it, and a few milliseconds for the picture's file.
    """
    gradient = _time_gradient(model.spec.name, model, seen)
    return gradients * gradient + answers * (gradient / 3 + 0.002)

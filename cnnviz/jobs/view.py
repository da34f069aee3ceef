"""How far a job is, as its page's component reads it."""

from dataclasses import dataclass
from typing import Any

from cnnviz.jobs.job import Job, JobState
from cnnviz.jobs.line import find_place


@dataclass(frozen=True, slots=True)
class JobView:
    """What the component draws of a job.

    Attributes:
        version: Counts the job's changes.
        is_active: Whether it waits or runs.
        text: Title and step, or place in line.
        progress: Share done, 0 to 1.
        partials: Which intermediate result is the newest; 0 before the first.
    """

    version: int
    is_active: bool
    text: str
    progress: float
    partials: int


def view_job(job: Job[Any]) -> JobView:
    """Describe how far a job is."""
    return JobView(
        version=job.version,
        is_active=job.is_active,
        text=_describe(job),
        progress=min(max(job.progress, 0.0), 1.0),
        partials=job.partials,
    )


def _describe(job: Job[Any]) -> str:
    if not job.is_active and not job.was_forgotten:  # that one was stopped by nobody
        return f"{job.title}: {job.state}"
    if job.state is JobState.RUNNING or job.step:  # or another visitor's job of the same key runs
        return f"{job.title}: {job.step}"
    place = find_place(job)
    if place.own:
        return f"{job.title}: starts after “{place.own}”"
    if place.ahead == 0:
        return f"{job.title}: starts next"
    return f"{job.title}: {'1 job is' if place.ahead == 1 else f'{place.ahead} jobs are'} ahead"

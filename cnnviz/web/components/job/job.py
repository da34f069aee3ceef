"""The component that draws a job's bar, step, place in line and Stop, and asks for news itself."""

from dataclasses import dataclass
from typing import Any

from cnnviz.jobs import Job
from cnnviz.jobs.view import JobView, view_job
from cnnviz.web.components.bundle import create_component

_job = create_component("job")


@dataclass(frozen=True, slots=True)
class Payload:
    """What the script reads.

    Attributes:
        id: Of the job.
        drawn: Its intermediate result that the page has drawn, 0 for none.
        view: How far it is.
    """

    id: str
    drawn: int
    view: JobView


def show_job(job: Job[Any], *, drawn: int, key: str) -> None:
    """Show how far a waiting or running job is; the page runs again when it is to draw more."""
    # What is due is read from the job.
    _job.show(Payload(id=job.id, drawn=drawn, view=view_job(job)), key=key, due=None)

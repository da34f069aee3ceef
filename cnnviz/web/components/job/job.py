"""The component that draws a job's bar, step, place in line and Stop, and asks for news itself."""

from dataclasses import asdict
from typing import Any

from cnnviz.jobs import Job
from cnnviz.web.components.bundle import create_component
from cnnviz.web.job_view import view_job

_mount = create_component("job")


def show_job(job: Job[Any], *, drawn: int, key: str) -> None:
    """Show how far a job is; the page runs again when there is something new to draw.

    Args:
        job: Waiting or running.
        drawn: Its intermediate result that the page has drawn, 0 for none.
        key: Of the component.
    """
    _mount(
        data={"id": job.id, "drawn": drawn, "view": asdict(view_job(job))},
        key=key,
        on_due_change=_ignore,  # what is due is read from the job
        height="content",
    )


def _ignore() -> None:
    pass

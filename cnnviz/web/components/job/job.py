"""The component that draws a job's bar, step, place in line and Stop, and asks for news itself."""

from dataclasses import dataclass

from cnnviz.jobs.view import JobView
from cnnviz.web.components.bundle import create_component

_job = create_component("job")


@dataclass(frozen=True, slots=True)
class Payload:
    """What the script reads.

    Attributes:
        id: Of the job or download.
        drawn: Its intermediate result that the page has drawn, 0 for none.
        view: How far it is.
        stop: What stands on the button that stops it.
    """

    id: str
    drawn: int
    view: JobView
    stop: str = "Stop"


def show_job(payload: Payload, *, key: str) -> None:
    """Show how far something is that takes long; the page runs again when there is more to draw."""
    # What is due is read from the job.
    _job.show(payload, key=key, due=None)

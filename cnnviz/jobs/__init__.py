"""Heavy work in one line for the whole server: few jobs at a time, fair, bounded, stoppable."""

from cnnviz.jobs.job import Job, JobState
from cnnviz.jobs.line import (
    JobQueue,
    Place,
    count_slots_with,
    find_job,
    find_place,
    start_job,
)

__all__ = [
    "Job",
    "JobQueue",
    "JobState",
    "Place",
    "count_slots_with",
    "find_job",
    "find_place",
    "start_job",
]

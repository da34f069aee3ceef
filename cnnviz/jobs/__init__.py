"""Heavy work in one line for the whole server: one job at a time, fair, bounded and stoppable."""

from cnnviz.jobs.job import Job, JobState
from cnnviz.jobs.line import JobQueue, Place, find_job, find_place, start_job

__all__ = ["Job", "JobQueue", "JobState", "Place", "find_job", "find_place", "start_job"]

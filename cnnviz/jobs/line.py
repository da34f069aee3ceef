"""The line of heavy work: one job at a time, or a few, one of each visitor in turn.

A visitor's further jobs wait behind their own first one, so nobody waits behind two of somebody
else's. A job that no open page looks at loses its place.
"""

import atexit
import os
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from itertools import chain, zip_longest
from typing import Any, TypeVar
from weakref import WeakValueDictionary

from cnnviz.errors import JobError
from cnnviz.jobs.job import Clock, Job, JobState

Result = TypeVar("Result")

_MAX_JOBS = 64
_MAX_OWN_JOBS = 8
_NICENESS = 10


@dataclass(frozen=True, slots=True)
class Place:
    """What comes before a job.

    Attributes:
        ahead: How many jobs of any visitor; 0 for a job that runs or is over.
        own: Title of the same visitor's job that comes first; empty if there is none.
    """

    ahead: int
    own: str = ""


class JobQueue:
    """Jobs of all visitors, one of each visitor in turn.

    Args:
        clock: Seconds, never going back.
        count_slots: Returns how many jobs may run at once now, at least 1.
    """

    def __init__(
        self, *, clock: Clock = time.monotonic, count_slots: Callable[[], int] = lambda: 1
    ) -> None:
        self._clock, self._count_slots = clock, count_slots
        self._lock = threading.RLock()
        self._lines: OrderedDict[str, list[Job[Any]]] = OrderedDict()
        self._jobs: WeakValueDictionary[str, Job[Any]] = WeakValueDictionary()
        self._threads: set[threading.Thread] = set()
        self._taken: dict[str, Job[Any]] = {}  # by a thread, of each visitor

    def start(
        self,
        work: Callable[[Job[Result]], Result],
        *,
        title: str,
        owner: str,
        key: str = "",
        seconds: float = 120.0,
        is_connected: Callable[[], bool] = lambda: True,
    ) -> Job[Result]:
        """Put work in line and return at once.

        Args:
            work: Gets its job, calls its `report` after each step, and returns the result.
            title: What it is, for people.
            owner: The visitor.
            key: What the result depends on; who waits for the same key gets the same result.
            seconds: The most it may take once it runs.
            is_connected: Whether the visitor's browser is, asked until its page has looked once.

        Raises:
            JobError: Too many wait already.
        """
        job = Job(
            work,
            title=title,
            key=key,
            seconds=seconds,
            is_connected=is_connected,
            clock=self._clock,
        )
        with self._lock:
            self._drop_ended()
            own = self._lines.get(owner, [])
            count = sum(map(len, self._lines.values()))
            if count >= _MAX_JOBS or len(own) >= _MAX_OWN_JOBS:
                raise JobError(f"{count} jobs are waiting already. Try again in a minute.")
            self._lines.setdefault(owner, []).append(job)
            self._jobs[job.id] = job
            self._begin_threads()
        return job

    def count_slots_with(self, count_slots: Callable[[], int]) -> None:
        """Let somebody else say how many jobs may run at once, at least 1."""
        self._count_slots = count_slots

    def find(self, job_id: str) -> Job[Any] | None:
        """Return the job of this id, as long as somebody holds it."""
        return self._jobs.get(job_id)

    def find_place(self, job: Job[Any]) -> Place:
        """Return what comes before a job; what was told to end is out of its way in a moment."""
        with self._lock:
            self._drop_ended()
            order = [one for one in self._list_order() if one is job or not one.is_stopping]
            own = next((jobs for jobs in self._lines.values() if job in jobs), [job])
            own = [one for one in own if one is job or not one.is_stopping]
        before = order.index(job) if job in order else 0
        title = "" if own[0] is job else own[own.index(job) - 1].title
        # It starts when the others before it leave one slot free.
        ahead = max(before - self._count_slots() + 1, 1 if title else 0)
        return Place(ahead=ahead, own=title)

    def close(self, *, seconds: float) -> None:
        """Stop every job, and wait this long at most for the running ones' next steps."""
        with self._lock:
            jobs, threads = self._list_order(), tuple(self._threads)
        for job in jobs:
            job.stop()
        end = time.monotonic() + seconds
        for thread in threads:
            thread.join(max(0.0, end - time.monotonic()))

    def _list_order(self) -> list[Job[Any]]:
        """The running jobs, then as they will run: the first of each visitor, then the second."""
        rounds = chain.from_iterable(zip_longest(*self._lines.values()))
        jobs = [job for job in rounds if job is not None]
        return sorted(jobs, key=lambda job: job.state is not JobState.RUNNING)

    def _drop_ended(self) -> None:
        for owner, jobs in list(self._lines.items()):
            for job in jobs:
                if job.state is JobState.WAITING and job.is_forgotten:
                    job.forget()
            jobs[:] = [job for job in jobs if job.is_active]
            if not jobs:
                del self._lines[owner]

    def _begin_threads(self) -> None:
        """Have a thread for each job that may run now."""
        with self._lock:
            wanted = min(self._count_slots(), len(self._taken) + len(self._list_free()))
            while len(self._threads) < wanted:
                thread = threading.Thread(target=self._run_all, name="jobs", daemon=True)
                self._threads.add(thread)
                thread.start()

    def _run_all(self) -> None:
        """Run what is in line, and end when nothing is, or fewer may run at once."""
        lower_priority()
        while (turn := self._take_turn()) is not None:
            owner, job = turn
            with job.listen(partial(self._notify_twins, job)):
                job.run()
            self._move_on(owner)

    def _take_turn(self) -> tuple[str, Job[Any]] | None:
        """Take the next visitor's first job; None where this thread is to end."""
        with self._lock:
            self._drop_ended()
            free = self._list_free()
            if not free or len(self._threads) > self._count_slots():
                self._threads.discard(threading.current_thread())
                return None
            job = self._taken[free[0]] = self._lines[free[0]][0]
            return free[0], job

    def _list_free(self) -> list[str]:
        """The visitors whose first job may run: not beside their own, nor one of the same key."""
        made = {job.key for job in self._taken.values() if job.key}
        return [
            owner
            for owner, jobs in self._lines.items()
            if owner not in self._taken and jobs[0].key not in made
        ]

    def _notify_twins(self, job: Job[Any]) -> None:
        """Let everybody who waits for the same result see this job's."""
        if job.key:
            with self._lock:
                order = self._list_order()
            for other in order:
                if other is not job and other.key == job.key and other.state is JobState.WAITING:
                    other.follow(job)

    def _move_on(self, owner: str) -> None:
        """Put a visitor's next job behind the other visitors' first ones."""
        with self._lock:
            del self._taken[owner]
            if owner in self._lines:
                self._lines.move_to_end(owner)
            self._drop_ended()
            self._begin_threads()
            waiting = self._list_order()
        for job in waiting:
            job.announce()  # each has another place now


def lower_priority() -> None:
    """Let drawings and page loads go before this thread, where each thread has a niceness."""
    if hasattr(os, "setpriority"):
        with suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), _NICENESS)


_QUEUE = JobQueue()
# A thread that is cut off within a convolution takes the whole process down with a complaint.
atexit.register(_QUEUE.close, seconds=5.0)


def count_slots_with(count_slots: Callable[[], int]) -> None:
    """Let somebody else say how many jobs of the server's line may run at once, at least 1."""
    _QUEUE.count_slots_with(count_slots)


def start_job(
    work: Callable[[Job[Result]], Result],
    *,
    title: str,
    owner: str,
    key: str = "",
    seconds: float = 120.0,
    is_connected: Callable[[], bool] = lambda: True,
) -> Job[Result]:
    """Put work in the server's one line; see `JobQueue.start`.

    Raises:
        JobError: Too many wait already.
    """
    return _QUEUE.start(
        work, title=title, owner=owner, key=key, seconds=seconds, is_connected=is_connected
    )


def find_job(job_id: str) -> Job[Any] | None:
    """Return the server's job of this id, as long as somebody holds it."""
    return _QUEUE.find(job_id)


def find_place(job: Job[Any]) -> Place:
    """Return what comes before a job in the server's line."""
    return _QUEUE.find_place(job)

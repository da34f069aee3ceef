"""Heavy work in one line for the whole server: one job at a time, fair, bounded and stoppable.

A visitor has at most one job in the line, so nobody waits behind two of somebody else's. A job
computes in one thread, and between its steps it tells how far it is: there it ends when it was
stopped, took too long, or has no visitor left who looks at it.
"""

import atexit
import os
import threading
import time
import traceback
from collections.abc import Callable
from contextlib import suppress
from enum import StrEnum
from typing import Generic, TypeVar

from cnnviz.errors import CNNVizError, JobError

Result = TypeVar("Result")

_LINE = 64
# A browser asks for a page in the background about once a minute.
_UNSEEN_SECONDS = 100.0
_NICENESS = 10


class JobState(StrEnum):
    """How far a piece of work is."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    STOPPED = "stopped"


class _StoppedError(Exception):
    """The job is to end without a result."""


class Job(Generic[Result]):
    """One piece of heavy work, waiting, running or over.

    Attributes:
        title: What it is, for people.
        state: How far it is.
        progress: Share done, 0 to 1.
        step: What is being done, in a few words.
        partial: The newest intermediate result; None before the first.
        result: What came out; None until it is done.
        error: One sentence on why there is no result; empty unless it failed.
    """

    def __init__(self, work: "Callable[[Job[Result]], Result]", *, title: str, seconds: float):
        self.title = title
        self.state = JobState.WAITING
        self.progress, self.step = 0.0, ""
        self.partial: Result | None = None
        self.result: Result | None = None
        self.error = ""
        self._work, self._seconds = work, seconds
        self._seen = time.monotonic()
        self._deadline = self._seen + seconds
        self._stopping = threading.Event()
        self._over = threading.Event()

    @property
    def is_active(self) -> bool:
        """Whether it waits or runs."""
        return self.state in (JobState.WAITING, JobState.RUNNING)

    def touch(self) -> None:
        """Note that a visitor still looks at it."""
        self._seen = time.monotonic()

    def stop(self) -> None:
        """End it; a waiting one ends at once, a running one at its next step."""
        self._stopping.set()
        if self.state is JobState.WAITING:
            self._end(JobState.STOPPED)

    def wait(self, seconds: float | None = None) -> bool:
        """Wait until it is over, at most this long, and return whether it is."""
        return self._over.wait(seconds)

    def report(self, progress: float, step: str, partial: Result | None = None) -> None:
        """Tell how far the work is; called by the work itself, after each of its steps.

        Args:
            progress: Share done, 0 to 1.
            step: What is being done.
            partial: An intermediate result to show; None leaves the one before.

        Raises:
            JobError: It took longer than it may.
        """
        self.progress, self.step = progress, step
        if partial is not None:
            self.partial = partial
        if self._stopping.is_set() or self.is_forgotten:
            raise _StoppedError
        if time.monotonic() > self._deadline:
            raise JobError(
                f"{self.title} was ended after {self._seconds:.0f} seconds, the most that one "
                "visitor's work may take; choose fewer steps, a coarser grid or a smaller network."
            )

    @property
    def is_forgotten(self) -> bool:
        """Whether nobody has looked at it for so long that nobody will."""
        return time.monotonic() - self._seen > _UNSEEN_SECONDS

    def run(self) -> None:
        """Do the work in this thread; however it goes is told by `state`."""
        if self.state is not JobState.WAITING:
            return
        if self.is_forgotten:
            self._end(JobState.STOPPED)
            return
        self.state, self._deadline = JobState.RUNNING, time.monotonic() + self._seconds
        try:
            self.report(0.0, "starting")
            self.result = self._work(self)
            self._end(JobState.DONE)
        except _StoppedError:
            self._end(JobState.STOPPED)
        except CNNVizError as error:
            self._end(JobState.FAILED, str(error))
        except Exception:  # noqa: BLE001  (the line goes on whatever one job does)
            traceback.print_exc()
            self._end(
                JobState.FAILED,
                f"{self.title} failed for a reason that nobody foresaw; the server's terminal "
                "says where.",
            )

    def _end(self, state: JobState, error: str = "") -> None:
        self.error, self.state = error, state
        self._over.set()


class JobQueue:
    """Jobs of all visitors, one at a time in the order they came."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._line: list[tuple[str, Job[object]]] = []
        self._worker: threading.Thread | None = None

    def start(
        self,
        work: Callable[[Job[Result]], Result],
        *,
        title: str,
        owner: str,
        seconds: float = 120.0,
    ) -> Job[Result]:
        """Put work in line and return at once; the same visitor's earlier job is stopped.

        Args:
            work: Gets its job, calls its `report` after each step, and returns the result.
            title: What it is, for people.
            owner: The visitor.
            seconds: The most it may take once it runs.

        Raises:
            JobError: Too many wait already.
        """
        job = Job(work, title=title, seconds=seconds)
        with self._lock:
            self._forget_ended()
            for other, earlier in self._line:
                if other == owner:
                    earlier.stop()
            self._forget_ended()
            if len(self._line) >= _LINE:
                raise JobError(f"{_LINE} visitors' works are waiting already; try again soon.")
            self._line.append((owner, job))  # type: ignore[arg-type]  # a line of any results
            if self._worker is None:
                self._worker = threading.Thread(target=self._run_all, name="jobs", daemon=True)
                self._worker.start()
        return job

    def find_place(self, job: Job[Result]) -> int:
        """Return how many jobs come before this one; 0 for one that runs or is over."""
        with self._lock:
            self._forget_ended()
            places = [place for place, (_, other) in enumerate(self._line) if other is job]
        return places[0] if places else 0

    def close(self, *, seconds: float) -> None:
        """Stop every job, and wait this long at most for the running one's next step."""
        with self._lock:
            jobs, worker = [job for _, job in self._line], self._worker
        for job in jobs:
            job.stop()
        if worker is not None:
            worker.join(seconds)

    def _forget_ended(self) -> None:
        self._line = [entry for entry in self._line if entry[1].is_active]

    def _run_all(self) -> None:
        """Run what is in line, and end when nothing is."""
        _be_nice()
        while True:
            with self._lock:
                self._forget_ended()
                if not self._line:
                    self._worker = None
                    return
                job = self._line[0][1]
            job.run()


def _be_nice() -> None:
    """Let drawings and page loads go first, where the system has a niceness for each thread."""
    if hasattr(os, "setpriority"):
        with suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), _NICENESS)


_QUEUE = JobQueue()
# A thread that is cut off within a convolution takes the whole process down with a complaint.
atexit.register(_QUEUE.close, seconds=5.0)


def start_job(
    work: Callable[[Job[Result]], Result], *, title: str, owner: str, seconds: float = 120.0
) -> Job[Result]:
    """Put work in the server's one line; see `JobQueue.start`.

    Raises:
        JobError: Too many wait already.
    """
    return _QUEUE.start(work, title=title, owner=owner, seconds=seconds)


def find_place(job: Job[Result]) -> int:
    """Return how many jobs come before this one in the server's line."""
    return _QUEUE.find_place(job)

"""One piece of heavy work: what it computes, how far it is, and who looks at it."""

import secrets
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import StrEnum
from typing import Generic, TypeVar

from cnnviz.errors import CNNVizError, JobError
from cnnviz.jobs.observable import Observable

Result = TypeVar("Result")
Clock = Callable[[], float]

# Before the first look: the page is still on its way to its browser.
_GRACE_SECONDS = 60.0
# Between two looks of a page that is open.
_UNSEEN_SECONDS = 5.0
# The same of one that runs, unless its page was seen to close: a busy browser asks late, and all
# that was made so far would be lost.
_UNSEEN_RUN_SECONDS = 20.0


class JobState(StrEnum):
    """How far a piece of work is."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    STOPPED = "stopped"


class _StoppedError(Exception):
    """The job is to end without a result."""


class Job(Observable, Generic[Result]):
    """One piece of heavy work, waiting, running or over.

    Attributes:
        id: Names it in addresses; cannot be guessed.
        title: What it is, for people.
        key: What its result depends on; jobs of one key have one result. Empty: of no other job.
        state: How far it is.
        progress: Share done, 0 to 1.
        step: What is being done, in a few words.
        partial: The newest intermediate result; None before the first.
        partials: How many intermediate results there have been.
        result: What came out; None until it is done.
        error: One sentence on why there is no result; empty unless it failed.
        was_forgotten: Whether it was stopped because nobody looked at it.
    """

    def __init__(
        self,
        work: "Callable[[Job[Result]], Result]",
        *,
        title: str,
        key: str = "",
        seconds: float = 120.0,
        is_connected: Callable[[], bool] = lambda: True,
        clock: Clock = time.monotonic,
    ) -> None:
        super().__init__()
        self.id = secrets.token_urlsafe(18)
        self.title, self.key = title, key
        self.state = JobState.WAITING
        self.progress, self.step = 0.0, ""
        self.partial: Result | None = None
        self.result: Result | None = None
        self.partials = 0
        self.error = ""
        self.was_forgotten = False
        self._work, self._seconds, self._clock = work, seconds, clock
        self._is_connected = is_connected
        self._seen, self._deadline = clock(), clock() + seconds
        self._was_watched, self._watchers = False, 0
        self._was_closed = False  # the browser of the last who watched hung up
        self._stopping = threading.Event()
        self._over = threading.Event()

    @property
    def is_active(self) -> bool:
        """Whether it waits or runs."""
        return self.state in (JobState.WAITING, JobState.RUNNING)

    @property
    def is_stopping(self) -> bool:
        """Whether it was told to end."""
        return self._stopping.is_set()

    def touch(self) -> None:
        """Note that a visitor still looks at it."""
        self._seen = self._clock()

    @contextmanager
    def watch(self, on_change: Callable[[], None]) -> Iterator[None]:
        """Look at it for as long as this is open.

        Args:
            on_change: Called in any thread after each change.
        """
        with self._lock:
            self._was_watched, self._was_closed = True, False
            self._watchers += 1
        try:
            with self.listen(on_change):
                yield
        finally:
            with self._lock:
                self._watchers -= 1
            self.touch()

    def note_closed(self) -> None:
        """Note that a page that watched it was closed or left."""
        self._was_closed = True

    @property
    def is_forgotten(self) -> bool:
        """Whether nobody has looked at it for so long that nobody will."""
        if not self._was_watched and self._is_connected():
            patience = _GRACE_SECONDS
        elif self._was_watched and not self._was_closed and self.state is JobState.RUNNING:
            patience = _UNSEEN_RUN_SECONDS
        else:
            patience = _UNSEEN_SECONDS
        return not self._watchers and self._clock() - self._seen > patience

    def stop(self) -> None:
        """End it; a waiting one ends at once, a running one at its next step."""
        self._stopping.set()
        with self._lock:
            if self.state is JobState.WAITING:
                self._end(JobState.STOPPED)

    def forget(self) -> None:
        """Stop it because nobody looks at it; what it made so far is of no use to anybody."""
        self.was_forgotten = True
        self.partial = None
        self.stop()

    def wait(self, seconds: float | None = None) -> bool:
        """Wait until it is over, at most this long, and return whether it is."""
        return self._over.wait(seconds)

    def wait_for_first(self, seconds: float) -> None:
        """Wait until it has something to show or is over, at most this long."""
        changed, end = threading.Event(), time.monotonic() + seconds
        with self.listen(changed.set):
            while self.is_active and not self.partials and time.monotonic() < end:
                changed.wait(max(0.0, end - time.monotonic()))
                changed.clear()

    def report(self, progress: float, step: str, partial: Result | None = None) -> None:
        """Tell how far the work is; called by the work itself, after each of its steps.

        Args:
            progress: Share done, 0 to 1.
            step: What is being done.
            partial: An intermediate result to show; None leaves the one before.

        Raises:
            JobError: It took longer than it may.
        """
        self._note(progress, step, partial)
        self.check()

    def check(self) -> None:
        """Look whether the work is to go on; called between two reports of work elsewhere.

        Raises:
            JobError: It took longer than it may. Another error ends work that was stopped.
        """
        if not self._stopping.is_set() and self.is_forgotten:
            self.forget()
        if self._stopping.is_set():
            raise _StoppedError
        if self._clock() > self._deadline:
            raise JobError(
                f"{self.title} was stopped after {self._seconds:.0f} seconds, the most that one "
                "job may take. Choose fewer steps, a coarser grid or a smaller network."
            )

    def follow(self, leader: "Job[Result]") -> None:
        """Take over how far a job of the same key is, or its result once it is done."""
        if leader.state is JobState.DONE:
            with self._lock:
                if self.state is JobState.WAITING:
                    self.result = leader.result
                    self._end(JobState.DONE)
        elif leader.is_active:
            self.partial, self.partials = leader.partial, leader.partials
            self._note(leader.progress, leader.step, None)
        else:
            self._note(0.0, "", None)

    def run(self) -> None:
        """Do the work in this thread; however it goes is told by `state`."""
        if self.is_forgotten:
            self.forget()
        with self._lock:
            if self.state is not JobState.WAITING:
                return
            self.state, self._deadline = JobState.RUNNING, self._clock() + self._seconds
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
                f"Unexpected error: {self.title} failed. It is a defect of this program; the "
                "server's terminal says where.",
            )

    def _note(self, progress: float, step: str, partial: Result | None) -> None:
        self.progress, self.step = progress, step
        if partial is not None:
            self.partial = partial
            self.partials += 1
        self.announce()

    def _end(self, state: JobState, error: str = "") -> None:
        self.error, self.state = error, state
        self._over.set()
        self.announce()

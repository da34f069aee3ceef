"""The server's side of a run that another process computes, on this machine or another."""

import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Protocol, TypeVar

from cnnviz.cache import put_shared
from cnnviz.errors import JobError
from cnnviz.jobs.heavy import Reporter
from cnnviz.jobs.packing import unpack
from cnnviz.jobs.worker.messages import Answer, End, Order, Outcome, Part, Request, Stop

R = TypeVar("R")

LOOK_SECONDS = 0.1  # from one look at a job that was stopped to the next
_STOP_SECONDS = 2.0  # that a run has to come to its next step


class LostError(Exception):
    """The process ended in the middle of a run; the message says why, for people."""


class Channel(Protocol):
    """The way to a process that computes one run at a time."""

    def send(self, request: Request) -> None:
        """Tell the process something.

        Raises:
            LostError: It has ended.
        """

    def receive(self, seconds: float) -> Answer | None:
        """Return the next answer; None where there was none for so long.

        Raises:
            LostError: The process has ended.
        """

    def kill(self) -> None:
        """End the process at once."""


class Watcher(Reporter, Protocol):
    """Who is told how far a run is, and may end it between two reports."""

    def check(self) -> None:
        """Raise an error where the run is to end."""


def follow_order(channel: Channel, order: Order, watcher: Watcher, *, note: str = "") -> Any:
    """Have a process compute a run, tell how far it is, and return the last result.

    Where the watcher ends it, the run has a moment to come to its next step; then the process ends.

    Args:
        channel: The way to the process, which is free.
        order: The run.
        watcher: Is told how far it is.
        note: What is said after each step.

    Raises:
        LostError: The process ended.
        JobError: The run was refused.
        RuntimeError: It broke.
    """
    last: Any = None
    channel.send(order)
    try:
        while not isinstance(answer := channel.receive(LOOK_SECONDS), End):
            if answer is None:
                watcher.check()
                continue
            result = _take(answer)
            last = last if result is None else result
            watcher.report(answer.share, answer.step + note, result)
    except LostError:
        raise
    except BaseException:  # the job ends here: it was stopped, or took too long
        if not _end_run(channel):
            channel.kill()
        raise
    return _find_result(answer, last)


def try_twice(attempt: Callable[[str], R], job: Reporter, *, title: str) -> R:
    """Compute a run, and once more where its process ended.

    Args:
        attempt: Computes it; gets what is to be said after each step.
        job: Is told of the second try.
        title: What it is, for people.

    Raises:
        JobError: Both processes ended. Another error is the attempt's.
    """
    try:
        return attempt("")
    except LostError as error:
        note = f" (second try: {error})"
    job.report(0.0, f"starting{note}")
    try:
        return attempt(note)
    except LostError as error:
        raise JobError(
            f"{title} was tried twice: {error}. Choose fewer steps, a coarser grid or a smaller "
            "network."
        ) from error


def _end_run(channel: Channel) -> bool:
    """Let a run come to its next step, and return whether it did in time."""
    end = time.monotonic() + _STOP_SECONDS
    with suppress(LostError):
        channel.send(Stop())
        while time.monotonic() < end:
            answer = channel.receive(LOOK_SECONDS)
            if isinstance(answer, Part):
                _take(answer)
            if isinstance(answer, End):
                return True
    return False


def _take(part: Part) -> Any:
    """Keep what is for the server's caches, and return the result; None where there is none."""
    put_shared([unpack(value) for value in part.shared])
    return None if part.result is None else unpack(part.result)


def _find_result(end: End, last: Any) -> Any:
    """Return the last result of a run that ended so.

    Raises:
        JobError: It was refused.
        RuntimeError: It broke.
    """
    if end.outcome is Outcome.REFUSED:
        raise JobError(end.text)
    if last is None or end.outcome is not Outcome.DONE:
        raise RuntimeError(f"The run in the worker ended: {end.outcome}.\n{end.text}")
    return last

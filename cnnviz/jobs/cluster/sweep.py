"""A run of many independent pieces, computed by all actors that are free."""

import threading
from collections.abc import Callable
from functools import partial
from itertools import takewhile
from typing import Any

from cnnviz.jobs import Job
from cnnviz.jobs.heavy import Pieces, Run, compute_once
from cnnviz.jobs.worker.following import LOOK_SECONDS, Watcher

# Computes a run, tells its watcher how far it is, and returns the last result.
Compute = Callable[[Run[Any], Watcher], Any]


class _OverError(Exception):
    """The sweep has ended, and with it this piece."""


class Sweep:
    """Computes the pieces of a run side by side, and tells a job of the results in their order.

    Args:
        pieces: Of the run.
        compute: Computes one.
        job: Is told of the results as far as they are whole.
    """

    def __init__(self, pieces: Pieces[Any], compute: Compute, job: Job[Any]) -> None:
        self._pieces, self._compute, self._job = pieces, compute, job
        self._changed = threading.Condition()
        self._waiting = iter(list(enumerate(pieces.items)))
        self._found: dict[int, Any] = {}
        self._step = ""
        self._error: Exception | None = None
        self._is_over = False

    def run(self, lanes: int) -> Any:
        """Compute all pieces.

        Args:
            lanes: How many at once.

        Raises:
            Exception: The first one of a piece, or the job's where it was stopped.
        """
        threads = [threading.Thread(target=self._work, daemon=True) for _ in range(lanes)]
        for thread in threads:
            thread.start()
        try:
            return self._follow()
        finally:
            self._is_over = True
            for thread in threads:
                thread.join()

    def report(self, _progress: float, step: str, _partial: Any = None) -> None:
        """Take what is being done for a piece; see `cnnviz.jobs.heavy.Reporter`."""
        with self._changed:
            self._step = step
            self._changed.notify()
        self.check()

    def check(self) -> None:
        """Raise an error where no piece is needed any more."""
        if self._is_over:
            raise _OverError

    def _follow(self) -> Any:
        """Tell the job of what is found until all is."""
        told, total = 0, len(self._pieces.items)
        while True:
            with self._changed:
                if self._error is None and len(self._found) < total:
                    self._changed.wait(LOOK_SECONDS)
                if self._error is not None:
                    raise self._error
                found, step = dict(self._found), self._step
            whole = tuple(found[at] for at in takewhile(found.__contains__, range(total)))
            result = self._pieces.gather(whole) if len(whole) > told else None
            self._job.report(len(found) / total, step, result)
            told = len(whole)
            if told == total:
                return result

    def _work(self) -> None:
        """Compute one piece after the other."""
        while not self._is_over:
            with self._changed:
                at, item = next(self._waiting, (None, None))
            if at is None:
                return
            self._compute_piece(at, item)

    def _compute_piece(self, at: int, item: Any) -> None:
        pieces = self._pieces
        piece = partial(compute_once, partial(pieces.compute, item), step=pieces.name(item))
        try:
            result = self._compute(piece, self)
        except _OverError:
            return
        except Exception as error:  # noqa: BLE001  (raised where the job is followed)
            with self._changed:
                self._error = self._error or error
                self._changed.notify()
            return
        with self._changed:
            self._found[at] = result
            self._changed.notify()

"""Computes heavy results on a Ray cluster: many at once, and one of many pieces by many actors."""

import threading
from collections.abc import Callable
from functools import partial
from typing import Any, TypeVar

from cnnviz.cluster.pool import ActorPool
from cnnviz.cluster.settings import ClusterSettings
from cnnviz.cluster.sweep import Sweep
from cnnviz.heavy import Run, ThreadExecutor, split_run, wait_turn
from cnnviz.jobs import Job
from cnnviz.packing import pack
from cnnviz.worker.following import Watcher, follow_order, try_twice
from cnnviz.worker.messages import Order

R = TypeVar("R")

_BEGIN_SECONDS = 15.0  # after the first page, whose browser still loads scripts
_END_SECONDS = 1.0


class RayExecutor:
    """Computes runs in the actors of a Ray cluster.

    While there are none, runs are computed here, one at a time.

    Args:
        settings: Which cluster, and how many actors.
        prepare: Returns what an actor calls before a packed run, such as to learn of new networks.
    """

    def __init__(
        self, settings: ClusterSettings, *, prepare: Callable[[bytes], Callable[[], None]]
    ) -> None:
        self._pool, self._prepare = ActorPool(settings), prepare
        self._here = threading.Lock()
        self._timer: threading.Timer | None = None

    def start(self) -> None:
        """Look for the cluster in a while; return at once."""
        if self._timer is None:
            self._timer = threading.Timer(_BEGIN_SECONDS, self.begin)
            self._timer.daemon = True
            self._timer.start()

    def begin(self) -> None:
        """Look for the cluster; return at once."""
        self._pool.begin()

    @property
    def processes(self) -> tuple[int, ...]:
        """The numbers of the actors' processes, each on its machine, of those that are ready."""
        return tuple(one.pid for one in self._pool.channels)

    @property
    def nodes(self) -> tuple[str, ...]:
        """The machines of the same."""
        return tuple(one.node for one in self._pool.channels)

    def count_slots(self) -> int:
        """Say how many runs it takes at once now, at least 1."""
        return max(1, len(self._pool.channels))

    def execute(self, run: Run[R], job: Job[R]) -> R:
        """Compute a run, tell its job how far it is, and return the last result.

        Raises:
            JobError: It was refused, or two processes ended in the middle of it. Another error
                ends a run that was stopped.
            RuntimeError: It broke.
        """
        self.begin()
        compute, pieces = partial(self._compute, title=job.title), split_run(run)
        lanes = 1 if pieces is None else min(self.count_slots(), len(pieces.items))
        result: R
        if pieces is None or lanes == 1:
            result = compute(run, job)
        else:
            result = Sweep(pieces, compute, job).run(lanes)
        return result

    def _compute(self, run: Run[Any], watcher: Watcher, *, title: str) -> Any:
        """Compute a run by one actor, and by one of another machine where the first one ends."""
        packed = pack(run)
        order, seen = Order(packed, pack(self._prepare(packed))), ""

        def attempt(note: str) -> Any:
            nonlocal seen
            with self._pool.lend(watcher.check, avoid=seen) as channel:
                if channel is not None:
                    seen = channel.node
                    return follow_order(channel, order, watcher, note=note)
            with wait_turn(self._here, watcher.check):
                return ThreadExecutor().execute(run, watcher)

        return try_twice(attempt, watcher, title=title)

    def forget(self, part: str) -> None:
        """Let no actor keep anything whose key names this, such as an image's digest."""
        self._pool.forget(part)

    def close(self, *, seconds: float = _END_SECONDS) -> None:
        """Leave the cluster, and do not look for it again.

        Args:
            seconds: The most to wait for it.
        """
        if self._timer is not None:
            self._timer.cancel()
        self._pool.close(seconds=seconds)

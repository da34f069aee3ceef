"""Computes heavy results on a Ray cluster: many at once, and one of many pieces by many actors."""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeVar

from cnnviz.jobs import Job
from cnnviz.jobs.cluster.pool import ActorPool
from cnnviz.jobs.cluster.settings import ClusterSettings
from cnnviz.jobs.cluster.sweep import Sweep
from cnnviz.jobs.heavy import Pieces, Run, Stages, ThreadExecutor, compute_once, wait_turn
from cnnviz.jobs.packing import pack
from cnnviz.jobs.worker.following import Watcher, follow_order, try_twice
from cnnviz.jobs.worker.messages import Order

R = TypeVar("R")

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
        compute = partial(self._compute, title=job.title)
        if isinstance(run, Stages):
            run = run.then(compute(partial(compute_once, run.first), _Quiet(job)))
        lanes = min(self.count_slots(), len(run.items)) if isinstance(run, Pieces) else 1
        result: R
        if isinstance(run, Pieces) and lanes > 1:
            result = Sweep(run, compute, job).run(lanes)
        else:
            result = compute(run, job)
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
        self._pool.close(seconds=seconds)


@dataclass(frozen=True, slots=True)
class _Quiet:
    """Has a job wait for what is no result of its own yet."""

    job: Job[Any]

    def report(self, _progress: float, _step: str, _partial: Any = None) -> None:
        """Let the job end where it is to."""
        self.job.check()

    def check(self) -> None:
        """The same."""
        self.job.check()

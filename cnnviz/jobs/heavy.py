"""A heavy result, declared once: what computes it in the line, and where it is kept then.

Finished results are shared: a class that opens one link waits for its result once.

A run is made of functions of modules and of arguments that can be packed, because it is computed
in another process: the server's worker or an actor of a Ray cluster (beside this module). Where
there is none, as in tests, it is computed in the thread of the line, from copies such as the worker
would have got.
"""

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar, overload

from cnnviz.cache import SizedLRUCache, estimate_bytes
from cnnviz.jobs import Job, count_slots_with
from cnnviz.jobs.packing import pack, unpack

R = TypeVar("R")
S = TypeVar("S")
T = TypeVar("T")

Run = Callable[[], Iterator[tuple[float, str, R]]]

_LOOK_SECONDS = 0.1
_MAX_BYTES = 128 * 2**20


class Reporter(Protocol):
    """Who is told how far a run is."""

    def report(self, progress: float, step: str, partial: Any = None) -> None:
        """Take the share done, what is being done, and the newest result; may raise to end it."""


class Executor(Protocol):
    """Where a run is computed."""

    def begin(self) -> None:
        """Get ready for runs, in the background; return at once."""

    def count_slots(self) -> int:
        """Say how many runs it takes at once now, at least 1."""

    def execute(self, run: Run[R], job: Job[R]) -> R:
        """Compute a run, tell its job how far it is, and return the last result."""


class ThreadExecutor:
    """Computes a run in the thread that asks for it."""

    def begin(self) -> None:
        """Nothing needs to be begun."""

    def count_slots(self) -> int:
        """One: a second would slow the first."""
        return 1

    def execute(self, run: Run[R], job: Reporter) -> R:
        """Compute a run; see `Executor`."""
        copied: Run[R] = _copy(run)
        return _copy(follow_run(copied, _CopyingReporter(job)))


@dataclass(frozen=True, slots=True)
class _CopyingReporter:
    """Tells a job of copies of the results, as they would come from another process."""

    job: Reporter

    def report(self, progress: float, step: str, partial: Any = None) -> None:
        """Pass it on."""
        self.job.report(progress, step, None if partial is None else _copy(partial))


def _copy(value: T) -> T:
    copied: T = unpack(pack(value))
    return copied


_BEGIN_SECONDS = 15.0  # after the first page, whose browser still loads scripts
_executor: Executor = ThreadExecutor()
_timer: threading.Timer | None = None
# Whom the run of this thread reports to.
_REPORTER: ContextVar[Reporter | None] = ContextVar("reporter", default=None)
_LIVE = threading.Lock()  # held by the live run; a second one would slow it
_FINISHED: SizedLRUCache[str, Any] = SizedLRUCache(max_bytes=_MAX_BYTES)


@dataclass(frozen=True, slots=True, eq=False)
class HeavyResult(Generic[R]):
    """A result that takes long to compute.

    Attributes:
        key: All that the result depends on, as text; of an image its digest.
        title: What it is, for people, such as "Occlusion map".
        run: Computes it; yields the share done, what is being done, and the newest result, of
            which the last is the whole one. It can be packed.
        size: Bytes of a result; counted where it is not said.
        seconds: The most that it may take.
        is_live: Whether it is looked into and steered while it is computed, step by step, and so
            stays in a thread of the server.
    """

    key: str
    title: str
    run: Run[R]
    size: Callable[[R], int] = estimate_bytes
    seconds: float = 120.0
    is_live: bool = False


def execute_with(executor: Executor) -> Executor:
    """Have heavy results computed elsewhere, and return where they were before."""
    global _executor, _timer
    before, _executor = _executor, executor
    if _timer is not None:
        _timer.cancel()
        _timer = None
    count_slots_with(executor.count_slots)
    return before


def prepare_for_runs() -> None:
    """Get ready for heavy results a while after the first page; called after each one."""
    global _timer
    if _timer is None:
        _timer = threading.Timer(_BEGIN_SECONDS, _executor.begin)
        _timer.daemon = True
        _timer.start()


def find_result(key: str) -> Any | None:
    """Return the finished result of a key, whoever asked for it; None where there is none."""
    return _FINISHED.get(key)


def report_progress(share: float, step: str) -> None:
    """Report from within a long step of a heavy result's run; elsewhere it does nothing.

    Args:
        share: Share done, 0 to 1.
        step: What is being done.

    Raises:
        JobError: It took longer than it may. Another error ends a run that was stopped.
    """
    reporter = _REPORTER.get()
    if reporter is not None:
        reporter.report(share, step)


@dataclass(frozen=True, slots=True)
class _PartReporter:
    """Tells of a part of a run as of the whole."""

    whole: Reporter
    first: float
    last: float
    name: str

    def report(self, progress: float, step: str, partial: Any = None) -> None:
        """Pass it on."""
        share = self.first + progress * (self.last - self.first)
        self.whole.report(share, f"{self.name}: {step}", partial)


@contextmanager
def report_part(first: float, last: float, name: str) -> Iterator[None]:
    """Take what is reported meanwhile for a part of a run; no run may yield meanwhile.

    Args:
        first: Share of the whole that is done before it, 0 to 1.
        last: Share that is done after it.
        name: Says before each step which part it is.
    """
    whole = _REPORTER.get()
    part = None if whole is None else _PartReporter(whole, first, last, name)
    token = _REPORTER.set(part)
    try:
        yield
    finally:
        _REPORTER.reset(token)


def follow_run(run: Run[R], reporter: Reporter) -> R:
    """Compute a run in this thread, tell how far it is, and return the last result."""
    last: R | None = None
    token = _REPORTER.set(reporter)
    try:
        for share, step, result in run():
            reporter.report(share, step, result)
            last = result
    finally:
        _REPORTER.reset(token)
    if last is None:
        raise RuntimeError("A run yields at least once.")
    return last


def compute_heavy(heavy: HeavyResult[R], job: Job[R]) -> R:
    """Compute a heavy result as this job, and keep it."""
    found: R | None = find_result(heavy.key)
    if found is not None:  # another visitor's, made while this one waited
        return found
    run = heavy.run
    if heavy.is_live:
        with wait_turn(_LIVE, job.check):
            last = follow_run(run, job)
    else:
        last = _executor.execute(run, job)
    _FINISHED.put(heavy.key, last, size=heavy.size(last))
    return last


@contextmanager
def wait_turn(lock: threading.Lock, check: Callable[[], None]) -> Iterator[None]:
    """Hold a lock as soon as it is free.

    Args:
        lock: Held by others for as long as they compute.
        check: Called meanwhile; raises an error where the work is to end.
    """
    while not lock.acquire(timeout=_LOOK_SECONDS):
        check()
    try:
        yield
    finally:
        lock.release()


@dataclass(frozen=True, slots=True, eq=False)
class Pieces(Generic[R]):
    """A run of independent pieces; a cluster computes them side by side.

    Attributes:
        items: What the pieces are of, at least one.
        compute: Computes one.
        name: Says which item it is, for the bar.
        gather: Makes the result of the first pieces' results.
        alone: Computes the same in one place, where that is quicker than piece after piece.
    """

    items: Sequence[Any]
    compute: Callable[[Any], Any]
    name: Callable[[Any], str]
    gather: Callable[[tuple[Any, ...]], R]
    alone: Run[R] | None = None

    def __call__(self) -> Iterator[tuple[float, str, R]]:
        """Compute all of it in one place."""
        return self.alone() if self.alone is not None else self._compute_in_turn()

    def _compute_in_turn(self) -> Iterator[tuple[float, str, R]]:
        found: tuple[Any, ...] = ()
        for count, item in enumerate(self.items, start=1):
            found = (*found, self.compute(item))
            yield count / len(self.items), self.name(item), self.gather(found)


@overload
def compute_each(
    items: Sequence[T], compute: Callable[[T], R], *, name: Callable[[T], str]
) -> Pieces[tuple[R, ...]]: ...


@overload
def compute_each(
    items: Sequence[T],
    compute: Callable[[T], R],
    *,
    name: Callable[[T], str],
    gather: Callable[[tuple[R, ...]], S],
) -> Pieces[S]: ...


def compute_each(
    items: Sequence[T],
    compute: Callable[[T], R],
    *,
    name: Callable[[T], str],
    gather: Callable[[tuple[R, ...]], Any] = tuple,
) -> Pieces[Any]:
    """Return the run of a heavy result that is made of independent pieces; see `Pieces`."""
    return Pieces(items, compute, name, gather)


@dataclass(frozen=True, slots=True, eq=False)
class Stages(Generic[R]):
    """A run whose pieces are known only when something else is computed.

    Attributes:
        first: Computes that.
        then: Makes the run of it.
    """

    first: Callable[[], Any]
    then: Callable[[Any], Run[R]]

    def __call__(self) -> Iterator[tuple[float, str, R]]:
        """Compute one after the other."""
        return self.then(self.first())()


def compute_once(compute: Callable[[], R], *, step: str = "done") -> Iterator[tuple[float, str, R]]:
    """Compute one result in one step, as a heavy result's run.

    Args:
        compute: Computes it.
        step: What is being done.
    """
    yield 1.0, step, compute()

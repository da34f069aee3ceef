"""A heavy result, declared once: what computes it in the line, and where it is kept then.

Finished results are shared: a class that opens one link waits for its result once.
"""

from collections.abc import Callable, Iterator, Sequence
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from cnnviz.cache import SizedLRUCache, estimate_bytes
from cnnviz.jobs import Job

R = TypeVar("R")
T = TypeVar("T")

_MAX_BYTES = 128 * 2**20

# The job whose run this thread is in.
_CURRENT: ContextVar[Job[Any] | None] = ContextVar("current_job", default=None)
_FINISHED: SizedLRUCache[str, Any] = SizedLRUCache(max_bytes=_MAX_BYTES)


@dataclass(frozen=True, slots=True, eq=False)
class HeavyResult(Generic[R]):
    """A result that takes long to compute.

    Attributes:
        key: All that the result depends on, as text; of an image its digest.
        title: What it is, for people, such as "Occlusion map".
        run: Computes it; yields the share done, what is being done, and the newest result, of
            which the last is the whole one. It runs in another thread.
        size: Bytes of a result; counted where it is not said.
        seconds: The most that it may take.
    """

    key: str
    title: str
    run: Callable[[], Iterator[tuple[float, str, R]]]
    size: Callable[[R], int] = estimate_bytes
    seconds: float = 120.0


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
    job = _CURRENT.get()
    if job is not None:
        job.report(share, step)


def compute_heavy(heavy: HeavyResult[R], job: Job[R]) -> R:
    """Compute a heavy result as this job, and keep it."""
    found: R | None = find_result(heavy.key)
    if found is not None:  # another visitor's, made while this one waited
        return found
    last: R | None = None
    token = _CURRENT.set(job)
    try:
        for share, step, result in heavy.run():
            job.report(share, step, result)
            last = result
    finally:
        _CURRENT.reset(token)
    if last is None:
        raise RuntimeError("A run yields at least once.")
    _FINISHED.put(heavy.key, last, size=heavy.size(last))
    return last


def compute_each(
    items: Sequence[T], compute: Callable[[T], R], *, name: Callable[[T], str]
) -> Iterator[tuple[float, str, tuple[R, ...]]]:
    """Compute one result after the other, as a heavy result's run.

    Args:
        items: What the results are of.
        compute: Computes one.
        name: Says which item it is, for the bar.
    """
    found: tuple[R, ...] = ()
    for count, item in enumerate(items, start=1):
        found = (*found, compute(item))
        yield count / len(items), name(item), found

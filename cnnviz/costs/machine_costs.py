"""Costs of networks that only this machine can tell: activation memory, time and peak memory."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from cnnviz.cache import SizedLRUCache
from cnnviz.cached import get_architecture_costs
from cnnviz.costs.measure import find_measurement, measure_in_steps
from cnnviz.costs.tradeoffs import Candidate, Quantity
from cnnviz.errors import MeasureError

Key = tuple[str, int]  # a network and its input size
_MEMORIES: SizedLRUCache[Key, int] = SizedLRUCache(max_entries=2000, shared="memories")
# Why a network could not be measured here.
_FAILURES: SizedLRUCache[Key, str] = SizedLRUCache(max_entries=2000, shared="failures")


def fill_costs(candidates: Sequence[Candidate]) -> tuple[Candidate, ...]:
    """Add to the networks what is known of the costs that only this machine can tell."""
    return tuple(replace(one, costs={**one.costs, **look_up(one)}) for one in candidates)


def find_failure(one: Candidate) -> str | None:
    """Return why a network could not be measured here; None where it could, or was not."""
    return _FAILURES.get(name_key(one))


def work_out(missing: Sequence[Key], *, is_measured: bool) -> Iterator[tuple[float, str, int]]:
    """Work costs out, one network after the other, and keep them.

    Args:
        missing: Networks with their input sizes.
        is_measured: Whether time and peak memory are measured; else activation memory is counted.

    Yields:
        The share done, what is being done, and how many networks are done.
    """
    for done, (name, size) in enumerate(missing):
        yield done / len(missing), name, done
        if not is_measured:
            _MEMORIES.put((name, size), get_architecture_costs(name, size).memory_bytes, size=8)
            continue
        try:
            for share, step in measure_in_steps(name, size=size):
                yield (done + share) / len(missing), f"{name}, {step}", done
        except MeasureError as error:
            _FAILURES.put((name, size), str(error), size=200)
    yield 1.0, "done", len(missing)


def name_key(one: Candidate) -> Key:
    """Return what a network's costs are kept by."""
    return one.name, one.input_size


def look_up(one: Candidate) -> dict[Quantity, float]:
    """Return what is known of a network's costs on this machine."""
    found: dict[Quantity, float] = {}
    if memory := _MEMORIES.get(name_key(one)):
        found[Quantity.MEMORY] = memory
    measured = find_measurement(one.name, size=one.input_size)
    if measured is not None:
        found |= {Quantity.TIME: measured.forward_ms, Quantity.PEAK: measured.peak_bytes}
    return found

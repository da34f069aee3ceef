"""Costs that only this machine can tell, worked out when a visitor asks for them."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

import streamlit as st

from cnnviz.cache import SizedLRUCache
from cnnviz.cached import get_architecture_costs
from cnnviz.errors import MeasureError
from cnnviz.heavy import HeavyResult
from cnnviz.measure import describe_machine, find_measurement, measure_in_steps
from cnnviz.tradeoffs import Candidate, Quantity
from cnnviz.web.jobs import show_result

_Key = tuple[str, int]  # a network and its input size
_MEASURED = (Quantity.TIME, Quantity.PEAK)
_NOUNS = {
    Quantity.MEMORY: "activation memory",
    Quantity.TIME: "time",
    Quantity.PEAK: "peak memory",
}
_SECONDS = 1800.0  # of all networks; each has a limit of its own
_MEMORIES: SizedLRUCache[_Key, int] = SizedLRUCache(max_entries=2000)
# Why a network could not be measured here.
_FAILURES: SizedLRUCache[_Key, str] = SizedLRUCache(max_entries=2000)


def fill_costs(candidates: Sequence[Candidate]) -> tuple[Candidate, ...]:
    """Add to the networks what is known of the costs that only this machine can tell."""
    return tuple(replace(one, costs={**one.costs, **_look_up(one)}) for one in candidates)


def offer_costs(candidates: Sequence[Candidate], cost: Quantity) -> None:
    """Offer to work out a cost of the networks that lack it, and show how far that is."""
    if cost not in _NOUNS:
        return
    lacking = [one for one in candidates if cost not in _look_up(one)]
    missing = tuple(key for key in map(_key, lacking) if _FAILURES.get(key) is None)
    if missing:
        show_result(
            HeavyResult(
                key=f"{cost} of {missing}",
                title=f"The {_NOUNS[cost]} of {len(missing)} networks",
                run=lambda: _work_out(missing, is_measured=cost in _MEASURED),
                seconds=_SECONDS,
            ),
            draw=lambda done: st.caption(f"{done} of {len(missing)} networks are done."),
            slot=f"tradeoffs.{cost.name.lower()}",
            start=f"Work out the {_NOUNS[cost]} of {len(missing)} networks",
        )
    if cost in _MEASURED:
        st.caption(f"Measured on {describe_machine()}, one image at a time, on one thread.")
        for one in candidates:
            if sentence := _FAILURES.get(_key(one)):
                st.warning(sentence)


def _work_out(missing: tuple[_Key, ...], *, is_measured: bool) -> Iterator[tuple[float, str, int]]:
    """Work the costs out one network after the other; yields how many are done."""
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


def _key(one: Candidate) -> _Key:
    return one.name, one.input_size


def _look_up(one: Candidate) -> dict[Quantity, float]:
    found: dict[Quantity, float] = {}
    if memory := _MEMORIES.get(_key(one)):
        found[Quantity.MEMORY] = memory
    measured = find_measurement(one.name, size=one.input_size)
    if measured is not None:
        found |= {Quantity.TIME: measured.forward_ms, Quantity.PEAK: measured.peak_bytes}
    return found

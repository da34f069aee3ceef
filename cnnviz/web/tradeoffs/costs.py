"""Costs that only this machine can tell, worked out when a visitor asks for them."""

from collections.abc import Sequence
from dataclasses import replace
from functools import partial

import streamlit as st

from cnnviz.cost import compute_costs
from cnnviz.errors import MeasureError
from cnnviz.jobs import Job, JobState
from cnnviz.measure import describe_machine, find_measurement, measure_network
from cnnviz.tradeoffs import Candidate, Quantity
from cnnviz.web.job_panel import follow_job, start_visitor_job
from cnnviz.zoo.architectures import get_architecture

_MEASURED = (Quantity.TIME, Quantity.PEAK)
_NOUNS = {
    Quantity.MEMORY: "activation memory",
    Quantity.TIME: "time",
    Quantity.PEAK: "peak memory",
}
_MEASURING = (
    "Each network is really run, one after the other, in a process of its own, which takes about "
    "five seconds. Choose a few families first, or go and fetch a coffee."
)
_EXPLAINED = {
    Quantity.MEMORY: "It follows from the layers' shapes, in a third of a second for each network.",
    Quantity.TIME: _MEASURING,
    Quantity.PEAK: _MEASURING,
}


def fill_costs(candidates: Sequence[Candidate], wanted: set[Quantity]) -> tuple[Candidate, ...]:
    """Add the costs that only this machine can tell, and offer to work out what is missing.

    Args:
        candidates: Networks.
        wanted: What the page is about to show; of the rest, what is known is added.
    """
    filled = tuple(candidates)
    for cost in _EXPLAINED:
        values = {one.key: _look_up(one, cost) for one in filled}
        missing = [one for one in filled if values[one.key] is None]
        failed = _failures() if cost in _MEASURED else {}
        open_ones = [one for one in missing if (one.name, one.input_size) not in failed]
        if cost in wanted and open_ones:
            _work_out_all(open_ones, cost, of=len(filled))
        elif cost in wanted:
            st.session_state.pop(_name_job(cost), None)
        filled = tuple(_add(one, cost, values[one.key]) for one in filled)
    if wanted.intersection(_MEASURED):
        st.caption(
            f"Measured on {describe_machine()}, one picture at a time, on one thread; kept until "
            "the server ends."
        )
        for one in candidates:
            if sentence := _failures().get((one.name, one.input_size)):
                st.warning(sentence)
    return filled


def _add(one: Candidate, cost: Quantity, value: float | None) -> Candidate:
    return one if value is None else replace(one, costs={**one.costs, cost: value})


def _work_out_all(missing: list[Candidate], cost: Quantity, *, of: int) -> None:
    """Offer to work out what is missing; once it was asked for, show how far that is.

    What is measured is one job a network, so that other visitors' work comes in between; after each
    the page runs again, shows what is new, and puts the next one in line.
    """
    key = _name_job(cost)
    job = st.session_state.get(key)
    if job is not None and job.state is JobState.DONE:
        _start(missing, cost, key, of=of)
        job = st.session_state[key]
    follow_job(key)
    if job is not None and job.is_active:
        return
    count = f"of {len(missing)} of these {of} networks" if len(missing) < of else "of these"
    place = st.container(horizontal=True, vertical_alignment="center")
    place.info(
        f"The {_NOUNS[cost]} {count} is not known yet. {_EXPLAINED[cost]}", icon=":material/timer:"
    )
    if place.button(f"Work out {len(missing)}", key=f"go-{cost}"):
        _start(missing, cost, key, of=of)
        st.rerun()


def _name_job(cost: Quantity) -> str:
    return f"working-{cost.name.lower()}"


def _start(missing: list[Candidate], cost: Quantity, key: str, *, of: int) -> None:
    # The job's thread is no visitor's: it gets what it fills in.
    one, failures, memories = missing[0], _failures(), _memories()
    if cost in _MEASURED:
        title = f"{of - len(missing) + 1} of {of}, the {_NOUNS[cost]} of {one.title}"
        start_visitor_job(
            lambda job: _measure_one(one, failures, job), key=key, title=title, seconds=150
        )
    else:
        title = f"The activation memory of {len(missing)} networks"
        start_visitor_job(
            lambda job: _compute_memories(missing, memories, job), key=key, title=title
        )


def _measure_one(one: Candidate, failures: dict[tuple[str, int], str], job: Job[int]) -> int:
    try:
        measure_network(one.name, size=one.input_size, report=job.report)
    except MeasureError as error:
        failures[one.name, one.input_size] = str(error)
    return 1


def _compute_memories(
    missing: list[Candidate], memories: dict[tuple[str, int], float], job: Job[int]
) -> int:
    """Bytes of float32 activations of one image, from each network's shapes."""
    for number, one in enumerate(missing):
        job.report(number / len(missing), one.title)
        network, size = get_architecture(one.name), one.input_size
        shape = (network.channels, size, size)
        table = compute_costs(partial(network.build, size), input_shape=shape)
        memories[one.name, size] = table.memory_bytes
    return len(missing)


def _look_up(one: Candidate, cost: Quantity) -> float | None:
    if cost is Quantity.MEMORY:
        return _memories().get((one.name, one.input_size))
    found = find_measurement(one.name, size=one.input_size)
    if found is None:
        return None
    return found.forward_ms if cost is Quantity.TIME else found.peak_bytes


@st.cache_resource(max_entries=1, show_spinner=False)
def _memories() -> dict[tuple[str, int], float]:
    """What has been computed for any visitor, by network and input size; as many as there are."""
    return {}


@st.cache_resource(max_entries=1, show_spinner=False)
def _failures() -> dict[tuple[str, int], str]:
    """Why a network could not be measured here, by network and input size."""
    return {}

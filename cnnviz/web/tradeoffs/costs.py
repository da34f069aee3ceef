"""Costs that only this machine can tell, worked out when a visitor asks for them."""

import threading
from collections.abc import Sequence
from dataclasses import replace

import streamlit as st

from cnnviz.cost import compute_costs
from cnnviz.errors import CNNVizError, MeasureError
from cnnviz.measure import describe_machine, find_measurement, start_measuring
from cnnviz.tradeoffs import Candidate, Quantity
from cnnviz.web.chrome import show_error
from cnnviz.zoo.architectures import get_architecture

# Following shapes through large networks takes a second each: one visitor at a time does it.
_GATE = threading.Lock()
_NOUNS = {Quantity.MEMORY: "activation memory", Quantity.TIME: "time"}
_EXPLAINED = {
    Quantity.MEMORY: "It follows from the layers' shapes, in a third of a second for each network.",
    Quantity.TIME: (
        "Each network is really run, one after the other, in a process of its own, which takes "
        "about five seconds. Choose a few families first, or go and fetch a coffee."
    ),
}
_VERBS = {Quantity.MEMORY: "Following the shapes of", Quantity.TIME: "Measuring"}


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
        if cost in wanted and missing:
            values |= _work_out_all(missing, cost, of=len(filled))
        filled = tuple(_add(one, cost, values[one.key]) for one in filled)
    if Quantity.TIME in wanted:
        st.caption(f"Measured on {describe_machine()}, one picture at a time, on one thread.")
    return filled


def _add(one: Candidate, cost: Quantity, value: float | None) -> Candidate:
    return one if value is None else replace(one, costs={**one.costs, cost: value})


def _work_out_all(missing: list[Candidate], cost: Quantity, *, of: int) -> dict[str, float | None]:
    """Work out what is missing, if the visitor has asked for it, with a bar and a stop button."""
    values: dict[str, float | None] = {one.key: None for one in missing}
    working = f"working-{cost.name.lower()}"
    place = st.container(horizontal=True, vertical_alignment="center")
    if not st.session_state.get(working, False):
        count = f"of {len(missing)} of these {of} networks" if len(missing) < of else "of these"
        place.info(
            f"The {_NOUNS[cost]} {count} is not known yet. {_EXPLAINED[cost]}",
            icon=":material/timer:",
        )
        place.button(
            f"Work out {len(missing)}", key=f"go-{cost}", on_click=_set, args=(working, True)
        )
        return values
    with place:
        bar = st.progress(0.0)
        st.button(
            "Stop", icon=":material/stop:", key=f"stop-{cost}", on_click=_set, args=(working, False)
        )
    for number, one in enumerate(missing):
        bar.progress((of - len(missing) + number) / of, text=f"{_VERBS[cost]} {one.title} …")
        try:
            values[one.key] = _work_out(one, cost)
        except CNNVizError as error:
            show_error(error)
    st.session_state[working] = False
    bar.progress(1.0, text="Done.")
    return values


def _set(key: str, value: bool) -> None:  # noqa: FBT001  (Streamlit passes it by position)
    st.session_state[key] = value


def _look_up(one: Candidate, cost: Quantity) -> float | None:
    if cost is Quantity.MEMORY:
        return _memories().get((one.name, one.input_size))
    found = find_measurement(one.name, size=one.input_size)
    return found.forward_ms if found else None


def _work_out(one: Candidate, cost: Quantity) -> float:
    """Compute or measure one cost of one network.

    Raises:
        CNNVizError: It cannot be done.
    """
    if cost is Quantity.MEMORY:
        return _compute_memory(one.name, one.input_size)
    job = start_measuring(one.name, size=one.input_size)
    while not job.wait(0.3):
        st.session_state.get("")  # a click on the page ends this wait here
    if job.measurement is None:
        raise MeasureError(job.error or f"The measurement of {one.title} was stopped; try again.")
    return job.measurement.forward_ms


@st.cache_resource(max_entries=1, show_spinner=False)
def _memories() -> dict[tuple[str, int], float]:
    """What has been computed for any visitor, by network and input size; as many as there are."""
    return {}


def _compute_memory(name: str, size: int) -> float:
    """Bytes of float32 activations of one image, from the network's shapes."""
    network = get_architecture(name)
    with _GATE:
        table = compute_costs(
            lambda: network.build(size), input_shape=(network.channels, size, size)
        )
    _memories()[name, size] = table.memory_bytes
    return table.memory_bytes

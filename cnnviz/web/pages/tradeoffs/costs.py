"""The offer to work out costs that only this machine can tell."""

from collections.abc import Sequence
from functools import partial

import streamlit as st

from cnnviz.costs.machine_costs import find_failure, look_up, name_key, work_out
from cnnviz.costs.measure import describe_machine
from cnnviz.costs.tradeoffs import Candidate, Quantity
from cnnviz.web.jobs import show_heavy

_MEASURED = (Quantity.TIME, Quantity.PEAK)
_NOUNS = {
    Quantity.MEMORY: "activation memory",
    Quantity.TIME: "time",
    Quantity.PEAK: "peak memory",
}
_SECONDS = 1800.0  # of all networks; each has a limit of its own


def offer_costs(candidates: Sequence[Candidate], cost: Quantity) -> None:
    """Offer to work out a cost of the networks that lack it, and show how far that is."""
    if cost not in _NOUNS:
        return
    lacking = [one for one in candidates if cost not in look_up(one)]
    missing = tuple(name_key(one) for one in lacking if find_failure(one) is None)
    if missing:
        show_heavy(
            f"The {_NOUNS[cost]} of {len(missing)} networks",
            missing,
            run=partial(work_out, missing, is_measured=cost in _MEASURED),
            draw=lambda done: st.caption(f"{done} of {len(missing)} networks are done."),
            slot=f"tradeoffs.{cost.name.lower()}",
            start=f"Work out the {_NOUNS[cost]} of {len(missing)} networks",
            seconds=_SECONDS,
        )
    if cost in _MEASURED:
        st.caption(f"Measured on {describe_machine()}, one image at a time, on one thread.")
        for one in candidates:
            if sentence := find_failure(one):
                st.warning(sentence)

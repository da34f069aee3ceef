"""What the comparison computes in the server's line of heavy work: curves, and times."""

from collections import OrderedDict
from collections.abc import Sequence

import streamlit as st

from cnnviz.comparison import Curve, follow_corruption, measure_time
from cnnviz.corruptions import Corruption
from cnnviz.imaging import CheckedImage
from cnnviz.inference import load_model
from cnnviz.jobs import Job
from cnnviz.web.job_panel import follow_job, start_visitor_job

_CURVES, _TIMES = "compare_curves", "compare_times"
_ASKED = "compare_curves_asked"
_KEPT = 1024
_MOMENT = 1.0  # seconds: curves of small networks are there before the page is

CurveKey = tuple[str, str, Corruption]


@st.cache_resource(max_entries=1, show_spinner=False)
def _kept_curves() -> "OrderedDict[CurveKey, Curve]":
    """Curves that some visitor asked for, the oldest first; bounded by whoever adds one."""
    return OrderedDict()


@st.cache_resource(max_entries=1, show_spinner=False)
def get_times() -> dict[str, float]:
    """Return the milliseconds that were measured on this machine, by network."""
    return {}


def get_curves(
    networks: Sequence[str], picture: CheckedImage, corruption: Corruption
) -> tuple[Curve, ...]:
    """Return the curves that are known; the others are computed in the line, with a bar here.

    Args:
        networks: Names.
        picture: The clean picture.
        corruption: What is done to it.
    """
    kept = _kept_curves()
    keys = [(name, picture.digest, corruption) for name in networks]
    if any(key not in kept for key in keys):
        _compute_curves(keys, picture, kept)
    return tuple(kept[key] for key in keys if key in kept)


def _compute_curves(
    keys: Sequence[CurveKey], picture: CheckedImage, kept: "OrderedDict[CurveKey, Curve]"
) -> None:
    """Start what is missing once for each question; when it was stopped, wait to be asked."""
    measuring: Job[int] | None = st.session_state.get(_TIMES)
    busy = measuring is not None and measuring.is_active
    if st.session_state.get(_ASKED) != keys and not busy:
        st.session_state[_ASKED] = keys
        missing = [key for key in keys if key not in kept]

        def work(job: Job[int]) -> int:
            for place, key in enumerate(missing):
                model = load_model(key[0])
                step, start = model.spec.title, place / len(missing)

                def report(share: float, step: str = step, start: float = start) -> None:
                    job.report(start + share / len(missing), step)

                kept[key] = follow_corruption(model, picture, key[2], report=report)
                while len(kept) > _KEPT:
                    kept.popitem(last=False)
            return len(missing)

        start_visitor_job(work, key=_CURVES, title="The curves")
        job: Job[int] | None = st.session_state.get(_CURVES)
        if job is not None:
            job.wait(_MOMENT)
    if any(key not in kept for key in keys):
        follow_job(_CURVES)
        job = st.session_state.get(_CURVES)
        if job is None or not job.is_active:
            st.button("Draw the curves", on_click=_ask_again, key="again")


def _ask_again() -> None:
    st.session_state.pop(_ASKED, None)


def offer_times(networks: Sequence[str]) -> None:
    """Offer to measure how long the networks take here, in the line, and show how far it is."""
    times = get_times()
    missing = [name for name in networks if name not in times]
    label = "Measure the time here" if missing else "Measure the time again"

    def work(job: Job[int]) -> int:
        for place, name in enumerate(networks):
            model = load_model(name)
            step, start = model.spec.title, place / len(networks)

            def report(share: float, step: str = step, start: float = start) -> None:
                job.report(start + share / len(networks), step)

            times[name] = measure_time(model, report=report)
        return len(networks)

    def start() -> None:
        start_visitor_job(work, key=_TIMES, title="Measuring")

    st.button(label, icon=":material/timer:", on_click=start, key="measure")
    follow_job(_TIMES)

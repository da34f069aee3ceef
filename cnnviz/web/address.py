"""The one owner of the address: reads it when somebody arrives by it, and writes it after a run.

A page is arrived at when a visit begins, when another page was shown before, when the address names
another step of a lecture, or when the visitor goes back or forth in the browser's history. In every
other run the browser's address may be older than the values here, and is not read.
"""

from urllib.parse import parse_qs, urlencode

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

LECTURE = "lecture"  # its name in the address
_SHOWN = "cnnviz_shown_page"
_LECTURE = "cnnviz_lecture"
_SEEN = "cnnviz_seen_lecture"
_MAX_TEXT = 64 * 1024


def read_arrival(page: str) -> dict[str, str]:
    """Return what the address says, if the visitor has just arrived by it; else nothing."""
    context = get_script_run_ctx()
    arrived = st.session_state.get(_SHOWN) != page
    if context is not None and context.is_history_navigation:
        arrived = True
    st.session_state[_SHOWN] = page
    if context is None:
        return {}
    query = parse_qs(context.query_string[:_MAX_TEXT], keep_blank_values=True)
    step = query.get(LECTURE, [""])[-1]
    # One that was seen before may have ended meanwhile, and stand in an older address.
    if step and st.session_state.get(_SEEN) != step:
        st.session_state[_SEEN] = st.session_state[_LECTURE] = step
        arrived = True
    return {name: values[-1] for name, values in query.items()} if arrived else {}


def find_lecture() -> str:
    """Return the step of a lecture that this visit is at, as in an address; empty for none."""
    return str(st.session_state.get(_LECTURE, ""))


def end_lecture() -> None:
    """Let the visit go on without its lecture."""
    st.session_state.pop(_LECTURE, None)


def write_query(values: dict[str, str]) -> str:
    """Write values as a query, readable where that is safe."""
    return urlencode(values, safe="~.,:×")

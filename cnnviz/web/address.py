"""The one owner of the address: reads it when somebody arrives by it, and writes it after a run.

A page is arrived at when a visit begins, when another page was shown before, or when the visitor
goes back or forth in the browser's history. In every other run the browser's address may be older
than the values here, and is not read.
"""

from urllib.parse import parse_qs, urlencode

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

_SHOWN = "cnnviz_shown_page"
_MAX_TEXT = 64 * 1024


def read_arrival(page: str) -> dict[str, str]:
    """Return what the address says, if the visitor has just arrived by it; else nothing."""
    context = get_script_run_ctx()
    arrived = st.session_state.get(_SHOWN) != page
    if context is not None and context.is_history_navigation:
        arrived = True
    st.session_state[_SHOWN] = page
    if context is None or not arrived:
        return {}
    query = parse_qs(context.query_string[:_MAX_TEXT], keep_blank_values=True)
    return {name: values[-1] for name, values in query.items()}


def write_query(values: dict[str, str]) -> str:
    """Write values as a query, readable where that is safe."""
    return urlencode(values, safe="~.,:×")

"""What tells one visitor from another."""

import secrets
from collections.abc import Callable

import streamlit as st
from streamlit import runtime
from streamlit.runtime.scriptrunner import get_script_run_ctx

_VISITOR = "visitor"


def find_visitor() -> str:
    """Return what tells this visitor from all others."""
    token: str = st.session_state.setdefault(_VISITOR, secrets.token_hex(8))
    return token


def find_listed_visitor() -> str:
    """Return the visitor whose page is being made; empty in any other thread."""
    if get_script_run_ctx(suppress_warning=True) is None:
        return ""
    return find_visitor()


def watch_connection() -> Callable[[], bool]:
    """Return what tells, in any thread, whether the browser of this page's visitor is connected."""
    context = get_script_run_ctx(suppress_warning=True)

    def is_connected() -> bool:
        if context is None or not runtime.exists():  # a page that is run without a server
            return True
        return runtime.get_instance().is_active_session(context.session_id)

    return is_connected

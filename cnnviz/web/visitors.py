"""What tells one visitor from another."""

import secrets

import streamlit as st
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

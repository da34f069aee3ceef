"""“Submit to a class”: what this server has computed is handed in under a class's code."""

from collections.abc import Callable
from typing import Any

import streamlit as st

from cnnviz.classroom.store import CODE_LENGTH, clean_code
from cnnviz.web.chrome import draw_action
from cnnviz.web.state import PageState, find_store


def offer_submission(
    page: PageState[Any], item: str, submit: Callable[[str], int], *, told: str
) -> None:
    """Draw the place where something is submitted once to a class.

    Args:
        page: Its text “submitted” says that it is done, with the number that it has on the wall:
            a student finds the own ones by it, and nobody else knows whose they are.
        item: Tells it from others of this visit.
        submit: Is called with the code and returns the number; may raise a ClassroomError.
        told: What is submitted, and what the class keeps of it.
    """
    typed_key, code_key = f"{page.page}.class_code", f"{page.page}.class"
    sent: dict[tuple[str, str], int]
    sent = st.session_state.setdefault(f"{page.page}.submitted", {})

    if typed_key not in st.session_state:  # a widget's content is lost when its page is left
        st.session_state[typed_key] = st.session_state.get(code_key) or _find_code()
    with st.popover("Submit to a class", icon=":material/upload:"):
        st.markdown(told)
        # A phone's keyboard adds spaces to what it is typed.
        typed = st.text_input("Code of the class", key=typed_key, max_chars=2 * CODE_LENGTH)
        code = clean_code(typed)
        is_sent = (code, item) in sent

        def send() -> None:
            wanted = st.session_state[code_key] = clean_code(st.session_state[typed_key])
            if (wanted, item) not in sent:
                sent[wanted, item] = submit(wanted)

        draw_action("Submit", send, key=f"{page.page}.submit", about=typed_key, disabled=is_sent)
        if is_sent:
            st.caption(page.text("submitted", code=code, number=sent[code, item]))


def _find_code() -> str:
    """The class that this visitor is in or teaches; empty for none."""
    codes = (find_store(page).get("code") for page in ("join", "classroom"))
    return next((code for code in codes if isinstance(code, str) and code), "")

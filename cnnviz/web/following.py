"""What a teacher has on every page: it is opened on the phones of the class, or asks the class."""

import streamlit as st

from cnnviz.classroom.access import Kind, Round
from cnnviz.classroom.store import ask_class
from cnnviz.web.asking import offer_asking
from cnnviz.web.chrome import draw_action
from cnnviz.web.page import find_shown, link_to
from cnnviz.web.teacher import find_own_class

_SHOWN = "cnnviz_shown_to_class"
_WITHOUT = ("classroom", "join")


def offer_following() -> None:
    """Draw the button in the sidebar, for who teaches a class in this visit."""
    own, address = find_own_class(), find_shown()
    if own is None or address.partition("?")[0] in _WITHOUT:
        return

    def show() -> None:
        ask_class(*own, Round(0, Kind.LOOK, address=address))
        st.session_state[_SHOWN] = address

    with st.sidebar, st.container(key="following", gap="xxsmall"):
        draw_action(
            "Show this page to the class",
            show,
            icon=":material/cast_for_education:",
            key="following.show",
        )
        if st.session_state.get(_SHOWN) == address:
            st.caption(f"The phones of class {own[0]} show this page as it was sent.")
        offer_asking(*own)
        link_to("classroom", "Back to the wall", icon=":material/arrow_back:")

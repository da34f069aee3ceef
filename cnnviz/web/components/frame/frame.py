"""The page's address and presenter mode, which only the browser itself can change."""

from collections.abc import Callable
from dataclasses import asdict, dataclass

import streamlit as st

from cnnviz.web.components.bundle import create_component

_frame = create_component("frame", is_isolated=False)
_KEY = "frame_events"


@dataclass(frozen=True, slots=True)
class FrameData:
    """What the browser is told.

    Attributes:
        path: The page's part of the address.
        query: What stands behind the question mark.
        step: Counts the visitor's steps; a new one gets an entry of its own in the history.
        steps: Whether arrow keys step in presenter mode.
    """

    path: str
    query: str
    step: int
    steps: bool


def show_frame(data: FrameData, *, on_step: Callable[[int], None] | None) -> None:
    """Write the address, and listen for the keys of presenter mode.

    Args:
        data: What the browser is told.
        on_step: Called with 1 or −1 before the rerun that follows an arrow key.
    """

    def take_step() -> None:
        stepped = st.session_state[_KEY].get("stepped")
        if on_step is not None and isinstance(stepped, dict) and stepped.get("by") in (1, -1):
            on_step(stepped["by"])

    with st.container(key="frame"):
        _frame(key=_KEY, data=asdict(data), on_stepped_change=take_step)

"""What only the browser has: the page's address, presenter mode, and what its tab holds."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import streamlit as st

from cnnviz.web.components.bundle import create_component

_frame = create_component("frame", is_isolated=False)


@dataclass(frozen=True, slots=True)
class Payload:
    """What the script reads; its type `Payload` says of each field what it is."""

    path: str
    query: str
    step: int
    steps: bool
    lecture: bool
    taught: str | None


def show_frame(
    payload: Payload,
    *,
    on_step: Callable[[int], None],
    on_taught: Callable[[object], None],
) -> None:
    """Write the address, and listen for presenter mode's keys.

    Args:
        payload: See its type.
        on_step: Called with 1 or −1 before the rerun that follows an arrow key.
        on_taught: Called with what the tab holds of a class, where the payload says nothing of it.
    """

    def take(stepped: Any) -> None:
        if isinstance(stepped, dict) and stepped.get("by") in (1, -1):
            on_step(stepped["by"])

    with st.container(key="frame"):
        _frame.show(payload, key="frame_events", stepped=take, taught=on_taught)

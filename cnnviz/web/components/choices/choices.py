"""What is chosen in the page's pictures, told to them apart from their data.

A sheet of maps is up to a megabyte. If it carried which map is chosen, it would be sent again at
every click; so it does not, and this small message does.
"""

import streamlit as st

from cnnviz.web.components.bundle import create_component

_tell = create_component("choices")


def tell_choices(**choices: str | int | None) -> None:
    """Tell each picture of the page which of its parts is chosen, by the picture's key."""
    _tell(key=f"choices {' '.join(choices)}", data=choices)


def read_pin(key: str) -> tuple[int, int] | None:
    """Return the row and column clicked in the picture of this key, None if it was let go."""
    place = st.session_state[key].get("pinned")
    if isinstance(place, list) and len(place) == 2 and all(type(part) is int for part in place):
        return place[0], place[1]
    return None

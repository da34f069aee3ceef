"""A lecture in progress: where it stands, and the bar that leads from step to step.

The address of a step holds `lecture=NAME~STEP`, so that a link or a reload opens it there. A step
is a link like any other; see `web.address.read_arrival`, for which another step is an arrival.
"""

import streamlit as st

from cnnviz.lectures import Lecture, load_lecture
from cnnviz.web.address import LECTURE, end_lecture, find_lecture
from cnnviz.web.page import link_to


def write_place(lecture: Lecture, step: int) -> str:
    """Return what the address says of a step, from 0."""
    return f"{lecture.name}~{step + 1}"


def read_place(text: str) -> tuple[Lecture, int] | None:
    """Return the lecture and step that an address names; None where there is none such."""
    name, _, number = text.partition("~")
    try:
        lecture = load_lecture(name)
    except KeyError:
        return None
    if not number.isascii() or not number.isdecimal():
        return None
    step = int(number[:4]) - 1
    return (lecture, step) if 0 <= step < len(lecture.steps) else None


def link_to_step(lecture: Lecture, step: int, label: str, *, icon: str | None = None) -> None:
    """Draw a link to a step of a lecture."""
    one = lecture.steps[step]
    place = {LECTURE: write_place(lecture, step)}
    link_to(one.page, label, icon=icon, **(one.values | place))


def show_lecture() -> None:
    """Draw the bar of the lecture of this visit: the step before, the notes, the next one."""
    place = read_place(find_lecture())
    if place is None:
        return
    lecture, step = place
    one, count = lecture.steps[step], len(lecture.steps)
    begin = sum(before.minutes for before in lecture.steps[:step])
    with st.container(key="lecture", horizontal=True, vertical_alignment="center", gap="small"):
        if step > 0:
            link_to_step(lecture, step - 1, "Back", icon=":material/arrow_back:")
        with st.popover(f"{step + 1} of {count}: {one.title}"):
            st.markdown(f"**{lecture.title}**, minutes {begin} to {begin + one.minutes}")
            st.markdown(one.notes)
            link_to_step(lecture, step, "Open this step again", icon=":material/replay:")
            st.button("End the lecture", key="lecture.end", on_click=end_lecture)
        if step + 1 < count:
            link_to_step(lecture, step + 1, "Next", icon=":material/arrow_forward:")

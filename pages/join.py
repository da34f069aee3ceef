"""Your class: what a student's phone shows. It has no sidebar; its script does all the rest."""

import streamlit as st

from cnnviz.classroom.store import clean_code
from cnnviz.digits.mnist import PEN
from cnnviz.web.bench import Uses
from cnnviz.web.components.phone.phone import show_phone
from cnnviz.web.page import begin_page, end_page, stage
from cnnviz.web.pages.join.controls import JoinControls

page = begin_page("join", JoinControls, uses=Uses(image=False, network=False))


def take(typed: object) -> None:
    """Keep a code that was typed."""
    if isinstance(typed, str):
        page.keep(code=clean_code(typed))


with stage(), st.container(key="phone"):
    show_phone(clean_code(page.values.code), pen=PEN, key="join.phone", on_code=take)
end_page(page)

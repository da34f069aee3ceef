"""Your class on the wall: phones join by a code, and what they draw appears here."""

import streamlit as st

from cnnviz.web.bench import Uses
from cnnviz.web.page import begin_page, end_page, stage
from cnnviz.web.pages.classroom.controls import ClassroomControls
from cnnviz.web.pages.classroom.view import is_taught, show_class, show_entrance, show_start

page = begin_page("classroom", ClassroomControls, uses=Uses(image=False, network=False))
with stage():
    if is_taught(page):
        figure, beside = st.columns([5, 1], gap="medium")
        with figure:
            show_class(page)
        with beside:
            show_entrance(page)
    else:
        show_start(page)
end_page(page)

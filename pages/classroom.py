"""Your class on the wall: phones join by a code, and what they draw appears here."""

import streamlit as st

from cnnviz.classroom.store import read_wall
from cnnviz.web.bench import Uses
from cnnviz.web.page import begin_page, end_page, stage
from cnnviz.web.pages.classroom.asking import offer_own_question, show_poll
from cnnviz.web.pages.classroom.contest import show_contest
from cnnviz.web.pages.classroom.controls import ClassroomControls, View
from cnnviz.web.pages.classroom.data import (
    find_answers,
    name_set,
    show_data,
    show_settings,
    write_words,
)
from cnnviz.web.pages.classroom.maps import show_maps
from cnnviz.web.pages.classroom.results import show_results
from cnnviz.web.pages.classroom.view import (
    is_taught,
    show_class,
    show_end,
    show_entrance,
    show_start,
)

page = begin_page("classroom", ClassroomControls, uses=Uses(image=False, network=False))
values, data = page.values, None
with stage():
    if is_taught(page):
        figure, beside = st.columns([5, 1], gap="medium")
        with figure:
            page.draw("show", label_visibility="collapsed")
            if values.show is View.WALL:
                show_poll(page)
            wall = None if values.show is View.WALL else read_wall(values.code, values.key)
            show_class(page, drawn=None if wall is None else wall.version)
            if wall is not None and values.show is View.MAPS:
                show_maps(page, wall)
            elif wall is not None and values.show is View.RESULTS:
                show_results(page)
            elif wall is not None and values.show is View.CONTEST:
                show_contest(page)
            elif wall is not None:
                data = show_data(page, wall)
        with beside:
            show_entrance(page)
            if values.show is View.DATA:
                show_settings(page, data)
            elif values.show not in (View.RESULTS, View.CONTEST):
                page.draw("asked", "guess", "mistakes")
            offer_own_question(page)
            show_end(page)
    else:
        show_start(page)
end_page(
    page,
    words=write_words(data, values.epochs),
    answers=find_answers(data, values.epochs),
    program={
        "FOLDER": name_set(page),
        "EPOCHS": values.epochs,
        "RATE": float(values.rate),
        "SEED": values.seed,
    },
)

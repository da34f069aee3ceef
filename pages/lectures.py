"""Lectures: ninety minutes each, step by step through the pages of the app."""

import streamlit as st

from cnnviz.lectures import list_lectures, load_lecture
from cnnviz.web.bench import Uses
from cnnviz.web.lecture import link_to_step
from cnnviz.web.page import begin_page, end_page, stage
from cnnviz.web.pages.lectures.controls import LecturesControls
from cnnviz.web.sitemap import find_page

page = begin_page("lectures", LecturesControls, uses=Uses(image=False, network=False))
lecture = load_lecture(page.values.title)
with stage():
    steps, beside = st.columns([3, 1], gap="medium")
    with steps, st.container(key="lectures-steps", gap="xxsmall"):
        begin = 0
        for number, step in enumerate(lecture.steps):
            link_to_step(lecture, number, f"**{begin}′**   {step.title}")
            begin += step.minutes
    with beside:
        page.draw("title")
        st.markdown(lecture.sentence)
        link_to_step(lecture, 0, "Start the lecture", icon=":material/play_arrow:")
with st.expander("Notes for the teacher"):
    for step in lecture.steps:
        title = find_page(step.page).title
        st.markdown(f"**{step.title}**, {step.minutes} min, “{title}”. {step.notes}")
names = [one.name for one in list_lectures()]
end_page(
    page,
    words={"minutes": lecture.minutes, "steps": len(lecture.steps)},
    on_step=lambda by: page.step("title", names, by),
)

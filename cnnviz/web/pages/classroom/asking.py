"""A teacher's own question to the class, and the votes on the wall."""

import streamlit as st

from cnnviz.classroom.questions import parse_typed
from cnnviz.classroom.votes import ask_question
from cnnviz.web.asking import draw_seconds, read_seconds
from cnnviz.web.chrome import draw_action
from cnnviz.web.components.votes.votes import Payload, show_votes
from cnnviz.web.pages.classroom.controls import Page

_TYPED = "classroom.question"


def show_poll(page: Page) -> None:
    """Draw what the class votes, once it is asked a question."""
    values = page.values
    show_votes(Payload(code=values.code, secret=values.key, is_wall=True), key="classroom.votes")


def offer_own_question(page: Page) -> None:
    """Draw the place where a teacher types a question."""

    def ask() -> None:
        question = parse_typed(st.session_state[_TYPED])
        ask_question(page.values.code, page.values.key, question, seconds=read_seconds())

    with st.popover("Ask", icon=":material/how_to_vote:"):
        st.text_area("Question", key=_TYPED, help=page.text("typed"), placeholder=page.text("ask"))
        draw_seconds()
        draw_action("Ask the class", ask, key="classroom.ask", about=_TYPED, type="primary")

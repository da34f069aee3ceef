"""“Ask the class”: a teacher sends a question of the page to the phones, which vote on it.

A page offers its questions in each run, with the numbers that it shows. Where it shows a question's
answer after that was sent, the answer with its computed numbers goes to the phones too.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import streamlit as st

from cnnviz.classroom.limits import MAX_SECONDS
from cnnviz.classroom.votes import ask_question, reveal_answer
from cnnviz.quizzes.question import Question
from cnnviz.web.chrome import draw_action, showing_errors
from cnnviz.web.components.votes.votes import Payload, show_votes

_OFFERED, _ASKED = "cnnviz_page_questions", "cnnviz_asked"
_CHOSEN, _SECONDS = "asking.question", "asking.seconds"


@dataclass(frozen=True, slots=True, eq=False)
class PageQuestion:
    """A question that a page has for the class.

    Attributes:
        key: Its own among those of all pages.
        title: In a list.
        question: With its choices and answer.
        answer: What the page says of it now; empty while it does not show the answer.
        show: Shows the answer on the page.
        hide: Hides it.
    """

    key: str
    title: str
    question: Question
    answer: str
    show: Callable[[], None]
    hide: Callable[[], None]


@dataclass(slots=True)
class _Asked:
    """The question that this visit sent last."""

    key: str
    code: str
    number: int
    is_complete: bool = False


def offer_questions(questions: Sequence[PageQuestion]) -> None:
    """Keep what the page that runs now can ask a class."""
    st.session_state[_OFFERED] = tuple(questions)


def draw_seconds() -> None:
    """Draw the time limit of the next question."""
    st.number_input(
        "Time limit, s",
        0,
        MAX_SECONDS,
        0,
        step=5,
        key=_SECONDS,
        help="The answer is shown when the time is over. With 0 you show it yourself.",
    )


def read_seconds() -> int:
    """Return the time limit that was chosen."""
    return int(st.session_state.get(_SECONDS) or 0)


def offer_asking(code: str, key: str) -> None:
    """Draw the choice of a question of the page, the button that sends it, and the votes."""
    offered: dict[str, PageQuestion] = {one.key: one for one in st.session_state.get(_OFFERED, ())}

    def ask() -> None:
        # Not what was chosen when the button was drawn: the run that follows a choice may be cut.
        chosen = offered[st.session_state[_CHOSEN]]
        chosen.hide()
        number = ask_question(code, key, chosen.question, seconds=read_seconds())
        st.session_state[_ASKED] = _Asked(chosen.key, code, number)

    if offered:
        st.selectbox(
            "Question of this page",
            list(offered),
            format_func=lambda name: offered[name].title,
            key=_CHOSEN,
        )
        draw_seconds()
        draw_action(
            "Ask the class",
            ask,
            icon=":material/how_to_vote:",
            key="asking.ask",
            about=_CHOSEN,
        )
    asked: _Asked | None = st.session_state.get(_ASKED)
    own = offered.get(asked.key) if asked is not None and asked.code == code else None

    def take(number: object) -> None:
        if own is not None and asked is not None and number == asked.number:
            own.show()

    show_votes(Payload(code=code, secret=key, is_wall=False), key="asking.votes", on_reveal=take)
    if own is not None and asked is not None and own.answer and not asked.is_complete:
        _complete(asked, key, own.answer)


def _complete(asked: _Asked, key: str, answer: str) -> None:
    """Send the answer that the page shows now to the phones."""
    asked.is_complete = True
    with showing_errors():
        reveal_answer(asked.code, key, asked.number, solution=answer)

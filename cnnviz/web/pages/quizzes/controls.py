"""The topic, the kind of question, and the seed that its numbers are drawn from."""

from dataclasses import dataclass
from typing import Any

import streamlit as st

from cnnviz.quizzes.kinds import MAX_SEED, list_kinds, make_question
from cnnviz.quizzes.own import MAX_BYTES, OwnQuestions, decode_questions, read_own_file
from cnnviz.quizzes.question import Question, Topic
from cnnviz.quizzes.texts import load_texts
from cnnviz.web.controls.kinds import choice, number
from cnnviz.web.state import PageState

ALL = "all"
OWN_TITLE = "Your own questions"
_UPLOADED = "quizzes.uploaded"
_TITLE = 60  # characters of an own question in the list


def list_own() -> OwnQuestions:
    """Return the questions of the teacher's file, and those that this visitor has uploaded."""
    named = read_own_file()
    data: bytes = st.session_state.get(_UPLOADED, b"")
    uploaded = decode_questions(data, first=len(named.questions) + 1)
    return OwnQuestions(
        (*named.questions, *uploaded.questions), (*named.problems, *uploaded.problems)
    )


def keep_upload(data: bytes) -> None:
    """Keep a file of questions for this visit."""
    st.session_state[_UPLOADED] = data[: MAX_BYTES + 1]  # one more is told as too many


def list_topics(at: Any) -> dict[str, str]:  # noqa: ARG001  (what a control calls)
    """Return the topics there are, with their titles."""
    titles = {ALL: "All topics"}
    titles |= {topic: load_texts(topic).title for topic in Topic if topic is not Topic.OWN}
    return titles | ({Topic.OWN: OWN_TITLE} if list_own().questions else {})


def list_questions(at: Any) -> dict[str, str]:
    """Return the kinds of questions of the chosen topic, with their titles."""
    own = {one.kind: one.text.partition("\n")[0][:_TITLE] for one in list_own().questions}
    if at.topic == Topic.OWN:
        return own
    kinds = {one.name: one.title for one in list_kinds() if at.topic in (ALL, one.topic)}
    return kinds | (own if at.topic == ALL else {})


@dataclass(frozen=True)
class QuizControls:
    """Which question is asked."""

    topic: str = choice(list_topics, "Topic", default=ALL, look="list")
    kind: str = choice(list_questions, "Question", look="list", follows=("topic",))
    seed: int = number("Seed", 1, MAX_SEED, default=1, look="box")


Page = PageState[QuizControls]


def find_question(page: Page) -> Question:
    """Return the question that is asked."""
    values = page.values
    own = {one.kind: one for one in list_own().questions}
    return own[values.kind] if values.kind in own else make_question(values.kind, values.seed)


def step_question(page: Page, by: int) -> None:
    """Go to the next question of the topic; behind the last one it begins with new numbers."""
    kinds = list(list_questions(page.at))
    turn, place = divmod(kinds.index(page.values.kind) + by, len(kinds))
    seed = min(max(page.values.seed + turn, 1), MAX_SEED)
    page.apply(kind=kinds[place], seed=seed)

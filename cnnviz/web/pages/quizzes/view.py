"""The question with its figure, the answer, the worked solution and the score of the visit."""

from dataclasses import replace
from functools import partial

import streamlit as st

from cnnviz.csv_file import write_rows_csv
from cnnviz.figures.blocks import get_drawn
from cnnviz.figures.format import format_setting, write_table
from cnnviz.images.image import to_png, upscale_nearest
from cnnviz.networks.zoo.blocks import get_block
from cnnviz.quizzes.kinds import find_next_seed, make_question
from cnnviz.quizzes.question import AnswerKind, Picture, Question, Topic
from cnnviz.quizzes.score import Attempt, Given, count_scores, list_results
from cnnviz.quizzes.texts import load_texts
from cnnviz.web.asking import PageQuestion
from cnnviz.web.components.block.block import show_drawings
from cnnviz.web.components.strip.strip import show_strip
from cnnviz.web.files import offer_file
from cnnviz.web.page import link_to
from cnnviz.web.pages.quizzes.controls import (
    OWN_TITLE,
    Page,
    keep_upload,
    list_own,
    list_questions,
    step_question,
)
from cnnviz.web.sitemap import find_page

_VISIT = "quizzes.visit"
# Pixels: of a row of pictures on a laptop, between two, and of the side of one at most.
_ROW, _GAP, _MAX_SIDE = 690, 24, 300
_PIXELS = 384  # that an image is enlarged to


def find_attempt(question: Question) -> Attempt:
    """Return what this visitor has answered to a question."""
    visit: dict[str, Attempt] = st.session_state.setdefault(_VISIT, {})
    kept = replace(question, draft=replace(question.draft, picture=None))
    return visit.setdefault(f"{question.kind}.{question.seed}.{question.text}", Attempt(kept))


def _list_attempts() -> list[Attempt]:
    return list(st.session_state.get(_VISIT, {}).values())


def show_question(page: Page, question: Question) -> None:
    """Draw a question with its figure, a graph beside it, and the field for the answer."""
    picture = question.draft.picture
    beside = None
    if picture is not None and picture.block:
        graph, beside = st.columns([3, 2], gap="medium")
        with graph:
            _show_picture(picture, question)
    elif picture is not None:
        _show_picture(picture, question)
    with beside or st.container():
        st.container(key="question").markdown(question.text)
        _show_answer(page, question)


def _show_picture(picture: Picture, question: Question) -> None:
    name = f"{question.kind}.{question.seed}"
    if picture.block:
        block = get_block(picture.block)
        drawn = get_drawn(block.name, block.channels, block.size)
        show_drawings([("a block", drawn)], file="block", key=f"quizzes.{name}")
    panels = len(picture.maps.panels) if picture.maps is not None else 0
    count = len(picture.images) + panels
    side = min(_MAX_SIDE, (_ROW + _GAP) // max(count, 1) - _GAP)
    with st.container(horizontal=True, gap="small"):
        for pixels, caption in picture.images:
            enlarged = to_png(upscale_nearest(pixels, min_size=_PIXELS))
            alt = f"{picture.label} {caption}"
            st.image(enlarged, caption=caption, width=side, output_format="PNG", alt=alt)
        if picture.maps is not None:
            with st.container(width=panels * (side + _GAP) - _GAP):
                show_strip(picture.maps, key=f"quizzes.{name}.maps")


def _show_answer(page: Page, question: Question) -> None:
    """Draw the field for the answer, what was said of the last one, and the solution."""
    attempt = find_attempt(question)
    name = f"quizzes.answer.{question.kind}.{question.seed}"
    if not attempt.is_over:
        with st.form(f"{name}.form", border=False):
            _ask(question, name)
            st.form_submit_button(
                "Check", type="primary", on_click=_take, args=(attempt, name), width="content"
            )
    if attempt.is_right:
        st.success(f"Right: {question.write_answer(question.draft.answer)}.")
    elif attempt.given and not attempt.is_over:
        st.info(f"{question.write_answer(attempt.given[-1])} is not right. Try again.")
    with st.container(horizontal=True):
        if not attempt.is_over:
            st.button("Show the solution", key=f"{name}.open", on_click=_open, args=(attempt,))
        st.button(
            "Next question",
            key="quizzes.next",
            icon=":material/arrow_forward:",
            on_click=step_question,
            args=(page, 1),
        )
    if attempt.is_over:
        _show_solution(question, attempt)


def _ask(question: Question, name: str) -> None:
    draft, places = question.draft, range(len(question.draft.choices))
    if question.answer_kind is AnswerKind.NUMBER:
        unit = f"Your answer, in {draft.unit}" if draft.unit else "Your answer"
        within = f" (within {format_setting(100 * draft.tolerance)} %)" if draft.tolerance else ""
        st.number_input(f"{unit}{within}", value=None, key=name, format="%.8g", width=320)
        return
    name_choice = draft.choices.__getitem__
    if question.answer_kind is AnswerKind.ONE:
        is_row = draft.picture is not None
        st.radio(
            "Your answer", places, index=None, format_func=name_choice, key=name, horizontal=is_row
        )
    else:
        st.pills(
            "All right ones", places, selection_mode="multi", format_func=name_choice, key=name
        )


def _take(attempt: Attempt, name: str) -> None:
    held = st.session_state.get(name)
    if held is None or held == []:
        return
    kind = attempt.question.answer_kind
    given: Given = (
        float(held)
        if kind is AnswerKind.NUMBER
        else frozenset([held] if kind is AnswerKind.ONE else held)
    )
    attempt.answer(given)


def _open(attempt: Attempt) -> None:
    attempt.is_open = True


def _reveal(attempt: Attempt) -> None:
    attempt.is_revealed = True


def offer_to_class(page: Page, question: Question) -> PageQuestion:
    """Return the question as a class can be asked it; its answer opens the solution here too."""
    return PageQuestion(
        key=f"quizzes.{question.kind}.{question.seed}",
        title=list_questions(page.at)[page.values.kind],
        question=question,
        answer="",
        show=partial(_reveal, find_attempt(question)),
        hide=lambda: None,
    )


def _show_solution(question: Question, attempt: Attempt) -> None:
    st.subheader("Solution", anchor=False)
    if not attempt.is_right:
        st.markdown(f"Answer: **{question.write_answer(question.draft.answer)}**")
    st.markdown(question.solution)
    draft = question.draft
    if draft.page:
        values = {name: str(value) for name, value in draft.values.items()}
        label = f"See it on the page “{find_page(draft.page).title}”"
        link_to(draft.page, label, icon=":material/open_in_new:", **values)


def _renew(page: Page) -> None:
    page.renew()
    question = make_question(page.values.kind, page.values.seed)
    page.apply(seed=find_next_seed(question))


def show_choosers(page: Page) -> None:
    """Draw what chooses the question, and the score."""
    page.draw("topic", "kind")
    if not page.values.kind.startswith(Topic.OWN):
        with st.container(horizontal=True, vertical_alignment="bottom"):
            page.draw("seed", width=120)
            st.button("New numbers", on_click=_renew, args=(page,))
    scores = count_scores(_list_attempts())
    if not scores:
        return
    right, asked = (
        sum(getattr(one, name) for one in scores.values()) for name in ("right", "asked")
    )
    st.metric("Right in this visit", f"{right} of {asked}")
    rows = [
        (_name_topic(topic), f"{score.right} of {score.asked}", str(score.first))
        for topic, score in scores.items()
    ]
    with st.container(key="quizzes.scores"):
        st.markdown(write_table(("Topic", "Right", "First try"), rows))
    offer_file("Results", partial(write_rows_csv, list_results(_list_attempts())), "quiz.csv")


def _name_topic(topic: Topic) -> str:
    return OWN_TITLE if topic is Topic.OWN else load_texts(topic).title


def show_own(page: Page) -> None:
    """Draw the place for a file of one's own questions, and what is wrong in it."""
    own = list_own()
    with st.expander(OWN_TITLE, expanded=bool(own.problems)):
        st.markdown(page.text("own"))
        st.code(page.text("example").strip("`\n"), language=None)
        st.file_uploader("Text file", type=["txt", "md"], key="quizzes.file", on_change=_upload)
        for problem in own.problems[:20]:
            st.warning(problem)


def _upload() -> None:
    file = st.session_state.get("quizzes.file")
    keep_upload(b"" if file is None else file.getvalue())

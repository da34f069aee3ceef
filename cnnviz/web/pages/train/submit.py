"""A finished run is submitted to a class, whose wall compares the runs."""

import streamlit as st

from cnnviz.classroom.runs import ClassRun, add_run
from cnnviz.classroom.store import CODE_LENGTH, clean_code
from cnnviz.errors import ClassroomError
from cnnviz.labs.live_training import TrainingRun
from cnnviz.labs.network_builder import format_layers, parse_layers
from cnnviz.web.chrome import show_error
from cnnviz.web.pages.train.controls import Page
from cnnviz.web.state import find_store
from cnnviz.web.visitors import find_visitor

_TYPED, _CODE, _SENT = "train.class_code", "train.class", "train.submitted"


def offer_submission(page: Page, run: TrainingRun) -> None:
    """Draw the place where a run that is trained to the end is submitted."""
    if not run.is_over or run.note or run.accuracy is None:
        return
    if _TYPED not in st.session_state:  # a widget's content is lost when its page is left
        st.session_state[_TYPED] = st.session_state.get(_CODE) or _find_code()
    with st.popover("Submit to a class", icon=":material/upload:"):
        st.markdown(page.text("submit", title=run.title))
        typed = st.text_input("Code of the class", key=_TYPED, max_chars=CODE_LENGTH)
        is_sent = (clean_code(typed), run.id) in _list_sent()
        st.button("Submit", on_click=_submit, args=(run,), key="train.submit", disabled=is_sent)
        if is_sent:
            st.caption(page.text("submitted", code=clean_code(typed)))


def _find_code() -> str:
    """The class that this visitor is in or teaches; empty for none."""
    codes = (find_store(page).get("code") for page in ("join", "classroom"))
    return next((code for code in codes if isinstance(code, str) and code), "")


def _list_sent() -> set[tuple[str, str]]:
    sent: set[tuple[str, str]] = st.session_state.setdefault(_SENT, set())
    return sent


def _submit(run: TrainingRun) -> None:
    code = st.session_state[_CODE] = clean_code(st.session_state.get(_TYPED, ""))
    try:
        add_run(code, describe_run(run), visitor=find_visitor())
    except ClassroomError as error:
        show_error(error)
        return
    _list_sent().add((code, run.id))


def describe_run(run: TrainingRun) -> ClassRun:
    """Return what a class keeps of a run: what this server has measured."""
    return ClassRun(
        layers=format_layers(parse_layers(run.plan.layers)),
        accuracy=run.accuracy or 0.0,
        parameters=sum(row.parameters for row in run.rows),
        seconds=run.seconds,
        epochs=run.plan.epochs,
        optimizer=run.plan.optimizer,
        digits=run.plan.source,
    )

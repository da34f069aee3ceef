"""The anatomy of a page: head, stage, what is said below it, and the address that reopens it.

page = begin_page("occlusion", Controls, uses=Uses(target=True))
with stage():
...                      # the figure, and beside it what changes it
end_page(page, words={...}, answers={...})
"""

import math
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from functools import partial
from types import SimpleNamespace
from typing import Any, TypeVar

import streamlit as st

from cnnviz.errors import CNNVizError
from cnnviz.figures.format import format_setting
from cnnviz.lessons import Lesson, Task, fill_lesson, load_lesson
from cnnviz.networks.load import list_loaded
from cnnviz.networks.user_networks import list_own_networks
from cnnviz.programs import render_notebook, render_program
from cnnviz.quizzes.question import Draft, Question, Topic
from cnnviz.web.address import LECTURE, find_lecture, read_arrival, write_query
from cnnviz.web.asking import PageQuestion, offer_questions
from cnnviz.web.bench import Bench, BenchControls, Uses, open_bench
from cnnviz.web.chrome import declare_page
from cnnviz.web.components.choices.choices import send_choices
from cnnviz.web.components.frame.frame import Payload, show_frame
from cnnviz.web.controls.bar import show_bar
from cnnviz.web.files import offer_file
from cnnviz.web.jobs import begin_run, leave_others
from cnnviz.web.sitemap import find_page
from cnnviz.web.state import (
    BENCH,
    PageState,
    count_steps,
    note_step,
    resolve,
    take_address,
)
from cnnviz.web.teacher import take_own_class, write_own_class

Controls = TypeVar("Controls")
Step = Callable[[int], None]
Values = Mapping[str, str]

_NO_WORDS: Mapping[str, object] = {}
_NO_NUMBERS: Mapping[str, float] = {}
_NO_VALUES: Values = {}
_ADDRESS, _WAY = "cnnviz_address", "cnnviz_way"
_HOME = "home"  # the page at the root of the address
_CLOSE = 0.005  # of an answer, relative: people round


def begin_page(name: str, declared: type[Controls], *, uses: Uses) -> PageState[Controls]:
    """Find every value of a page, draw its head, and return its state.

    Args:
        name: The page's name: its address, its lesson's file, its values' owner.
        declared: Its controls.
        uses: What it uses of the workbench.
    """
    begin_run()
    _follow_way(name)
    arrival = read_arrival(name)
    bench = open_bench(uses, arrival)
    take_address(name, declared, arrival)
    at = SimpleNamespace(bench=bench)
    try:
        values, problems = resolve(name, declared, at)
    except CNNVizError:  # a network that cannot be opened: another one can be chosen
        _show_head(name, bench, bench.problems)
        raise
    _show_head(name, bench, [*bench.problems, *problems])
    return PageState(page=name, values=values, at=at)


def _show_head(name: str, bench: Bench, problems: Sequence[str]) -> None:
    with st.container(key="head"):
        with st.container(horizontal=True, vertical_alignment="center", gap="medium"):
            st.title(load_lesson(name).title, anchor=False, width="content")
            show_bar(bench)
        for problem in problems:
            st.warning(problem)
        # How a network of one's own was changed; a network that cannot be opened has no notes.
        name = bench.network
        if bench.uses.network and name in list_own_networks() and name in list_loaded():
            st.caption(" ".join(bench.model.notes))


def stage() -> AbstractContextManager[Any]:
    """Give the place of the main figure and of what changes it; presenter mode shows it alone."""
    return st.container(key="stage")


def end_page(
    page: PageState[Any],
    *,
    words: Mapping[str, object] = _NO_WORDS,
    answers: Mapping[str, float] = _NO_NUMBERS,
    limits: str = "",
    program: Mapping[str, object] | None = None,
    on_step: Step | None = None,
    questions: Sequence[PageQuestion] = (),
) -> None:
    """Draw what stands below the stage and the page's own figures, and write the address.

    Args:
        page: The page.
        words: What the lesson's {names} stand for, besides those of the network (see `_name`).
        answers: The answers to the lesson's questions, by name.
        limits: Limits that depend on what is shown, Markdown; before those of the lesson.
        program: The constants of the page's program beside the workbench's; None for no program.
        on_step: Called with 1 or −1 for an arrow key in presenter mode.
        questions: What a class can be asked here besides the lesson's tasks and questions.
    """
    lesson = fill_lesson(load_lesson(page.page), _name(page.at.bench) | dict(words))
    known = {name: text for name, text in lesson.questions.items() if name in answers}
    with st.container(key="rest"):
        st.markdown(lesson.sentence)
        _show_tasks(page, lesson)
        _show_questions(page, known, answers)
        if program is not None:
            _offer_program(page.page, page.at.bench.list_constants(page.page) | dict(program))
        if limits or lesson.limits:
            with st.expander("Limits"):
                st.markdown("\n".join(filter(None, (limits, lesson.limits))))
        if lesson.sources:
            with st.expander("Sources"):
                st.markdown(lesson.sources)
    asked = [_offer_number(page, name, text, answers[name]) for name, text in known.items()]
    offer_questions([*questions, *_offer_tasks(page, lesson), *asked])
    # Apart from the pictures' data, which is large: see web.components.choices.
    send_choices(**page.marks)
    write_address(page, on_step=on_step)


def _name(bench: Bench) -> dict[str, object]:
    """What a lesson may say of the network on the workbench: its name, source and input's side."""
    if not bench.uses.network:
        return {}
    spec = bench.model.spec
    side = spec.preprocessing.shape[1]
    return {"network": spec.title, "changes": spec.changes, "paper": spec.paper, "side": side}


def write_address(page: PageState[Any], *, on_step: Step | None = None) -> None:
    """End a run of the page: put every value into the browser's address."""
    leave_others()
    bench: Bench = page.at.bench
    values, lecture = bench.write_address() | page.write_address(), find_lecture()
    if lecture:
        values[LECTURE] = lecture
    path, query = "" if page.page == _HOME else page.page, write_query(values)
    st.session_state[_ADDRESS] = f"{path}?{query}" if query else path
    payload = Payload(
        path=path,
        query=query,
        step=count_steps(),
        steps=on_step is not None,
        lecture=bool(lecture),
        taught=write_own_class(),
    )

    def step(by: int) -> None:
        page.renew()
        if on_step is not None:
            on_step(by)

    show_frame(payload, on_step=step, on_taught=take_own_class)


def find_shown() -> str:
    """Return the address of the page that was shown last, from the page's name on."""
    return str(st.session_state.get(_ADDRESS, ""))


def link_to(page: str, label: str, *, icon: str | None = None, **values: str) -> None:
    """Draw a link to another page that is set there to these values, as an address writes them."""
    st.page_link(declare_page(find_page(page)), label=label, icon=icon, query_params=values)


def link_pages(*pages: str, **values: str) -> None:
    """Draw a row of links to pages by their titles, all of which are set there to these values."""
    with st.container(horizontal=True, gap="medium"):
        for page in pages:
            link_to(page, find_page(page).title, icon=":material/arrow_outward:", **values)


def offer_way(page: PageState[Any], target: str, find_values: Callable[[], Values]) -> None:
    """Draw a button that leads to another page by its title, set there to what is found then.

    What a link is to name is known when it is drawn; a slider may have been moved since.

    Args:
        page: The page that is left.
        target: The other page.
        find_values: Called at the click; returns the values as an address writes them.
    """

    def leave() -> None:
        st.session_state[_WAY] = page.page, target, find_values()

    # The document's script knows by the container's key where the click leads (see page.js).
    with st.container(key=f"leave-{target}", width="content"):
        st.button(
            find_page(target).title,
            key=f"{page.page}.leave.{target}",
            type="tertiary",
            on_click=leave,
        )


def _follow_way(page: str) -> None:
    """Go where the visitor has just asked to go."""
    start, target, values = st.session_state.pop(_WAY, ("", "", _NO_VALUES))
    if start == page:  # else the visitor has gone elsewhere meanwhile
        st.switch_page(declare_page(find_page(target)), query_params=values)


def set_values(page: PageState[Any], values: Mapping[str, str]) -> None:
    """Set fields of the page and the workbench as an address would, as one step of the visitor's.

    Called in a callback: the next run reads them.
    """
    used = page.at.bench.uses.list_names()
    shared = {name: value for name, value in values.items() if name in used}
    take_address(BENCH, BenchControls, shared)
    take_address(page.page, type(page.values), values)
    note_step()


def _show_tasks(page: PageState[Any], lesson: Lesson) -> None:
    if not lesson.tasks:
        return
    st.subheader("Try this", anchor=False)
    for number, task in enumerate(lesson.tasks):
        key = _name_task(page, number)
        # Open where its answer is shown: a page without its end for a moment, as in a training,
        # draws its tasks anew.
        is_shown = bool(st.session_state.get(_name_shown(key)))
        with st.expander(task.title, expanded=is_shown):
            _show_task(page, task, key=key)


def _show_task(page: PageState[Any], task: Task, *, key: str) -> None:
    st.markdown(task.question)
    if task.options:
        st.radio(
            "Your prediction",
            task.options,
            index=None,
            key=f"{key}.prediction",
            label_visibility="collapsed",
        )
    show = partial(_show_answer, page, task, key)
    st.button("Show the answer", key=f"{key}.show", on_click=show)
    if st.session_state.get(_name_shown(key)) and task.answer:
        st.markdown(task.answer)


def _show_answer(page: PageState[Any], task: Task, key: str) -> None:
    """Set the page to what a task's answer is about; the next run shows it."""
    st.session_state[_name_shown(key)] = True
    if task.values:
        set_values(page, task.values)


def _name_task(page: PageState[Any], number: int) -> str:
    return f"{page.page}.task{number}"


def _name_shown(key: str) -> str:
    return f"{key}.shown"


def _offer_tasks(page: PageState[Any], lesson: Lesson) -> list[PageQuestion]:
    """What a class can be asked to predict."""
    return [
        _offer_task(page, task, key=_name_task(page, number))
        for number, task in enumerate(lesson.tasks)
        if task.options
    ]


def _offer_task(page: PageState[Any], task: Task, *, key: str) -> PageQuestion:
    shown = _name_shown(key)
    right = frozenset() if task.right is None else frozenset({task.right})
    draft = Draft(answer=right, choices=task.options)
    # The numbers of an answer belong to what the task sets; before, the page shows others.
    solution = task.answer if task.is_final else ""
    return PageQuestion(
        key=key,
        title=task.title,
        question=Question(key, 0, Topic.OWN, task.question, solution, draft),
        answer=task.answer if st.session_state.get(shown) else "",
        show=partial(_show_answer, page, task, key),
        hide=lambda: st.session_state.update({shown: False}),
    )


def _offer_number(page: PageState[Any], name: str, text: str, answer: float) -> PageQuestion:
    key, draft = _name_question(page, name), Draft(answer=answer, tolerance=_CLOSE)
    question = Question(key, 0, Topic.OWN, text, "", draft)
    nothing = dict[str, object]().clear
    return PageQuestion(key, text, question, "", nothing, nothing)


def _name_question(page: PageState[Any], name: str) -> str:
    return f"{page.page}.question.{name}"


def _show_questions(
    page: PageState[Any], questions: Mapping[str, str], answers: Mapping[str, float]
) -> None:
    if not questions:
        return
    st.subheader("Check yourself", anchor=False)
    for name, text in questions.items():
        given = st.number_input(
            text,
            value=None,
            key=_name_question(page, name),
            placeholder="Your answer",
            width=420,
        )
        if given is None:
            continue
        if math.isclose(given, answers[name], rel_tol=_CLOSE, abs_tol=1e-9):
            st.success(f"Yes: {format_setting(answers[name])}.")
        else:
            st.info("Not yet. Look at the formula above and try again.")


def _offer_program(page: str, constants: Mapping[str, object]) -> None:
    window = st.expander("Take it away as code", on_change="rerun", key=f"{page}.code")
    if not window.open:
        return
    with window:
        program = render_program(page, constants)
        st.code(program, language="python")
        with st.container(horizontal=True):
            offer_file("Python program", lambda: program, f"{page}.py", key=f"{page}.code.py")
            notebook = partial(render_notebook, page, constants)
            offer_file("Notebook", notebook, f"{page}.ipynb", key=f"{page}.code.ipynb")

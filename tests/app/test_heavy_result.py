"""A heavy result on a page: by itself, after a click, stopped, failed, replaced and shared."""

import threading
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
from streamlit.testing.v1 import AppTest

from cnnviz.errors import NetworkError
from cnnviz.jobs import JobState
from cnnviz.jobs.heavy import find_result, report_progress
from cnnviz.web import jobs
from tests.app.opened import finish_result, get_job

SHEET = Path(jobs.__file__).with_name("page.css")
SECONDS = 20.0
STARTED, GO_ON = threading.Event(), threading.Event()
RUNS: list[str] = []
FAILURES: list[Exception] = []


@pytest.fixture(autouse=True)
def fresh(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    from cnnviz.cache import SizedLRUCache
    from cnnviz.jobs import heavy

    monkeypatch.setattr(heavy, "_FINISHED", SizedLRUCache(max_bytes=100))
    STARTED.clear()
    GO_ON.clear()
    RUNS.clear()
    FAILURES.clear()
    yield
    GO_ON.set()


def count_up(name: str) -> Iterator[tuple[float, str, str]]:
    RUNS.append(name)
    yield 0.5, "half way", f"half {name}"
    report_progress(0.7, "within")
    STARTED.set()
    GO_ON.wait(SECONDS)
    if name == "long":
        report_progress(0.8, "further")
    if FAILURES:
        raise FAILURES.pop()
    yield 1.0, "ready", f"whole {name}"


def page() -> None:
    from functools import partial

    import streamlit as st

    from cnnviz.jobs.heavy import HeavyResult
    from cnnviz.web.jobs import begin_run, leave_others, show_result
    from tests.app.test_heavy_result import count_up

    begin_run()
    params = st.query_params
    size = int(params.get("size", 10))

    def measure(_text: str) -> int:
        return size

    for slot in params.get_all("slot") or ["main"]:
        name = params.get("name", "map") + ("" if slot == "main" else f" {slot}")
        heavy = HeavyResult(
            key=f"test/{name}",
            title=name,
            run=partial(count_up, name),
            size=measure,
        )
        found = show_result(
            heavy,
            draw=st.text,
            slot=slot,
            start=params.get("start"),
            meanwhile=partial(st.text, "the original") if "original" in params else None,
        )
        st.caption(f"{slot}: {found}")
    leave_others()


def open_test(**address: str | list[str]) -> AppTest:
    app = AppTest.from_function(page, default_timeout=30)
    for key, value in address.items():
        app.query_params[key] = value
    app.run()
    assert not app.exception
    return app


def texts(app: AppTest) -> list[str]:
    return [element.value for element in app.text]


def captions(app: AppTest) -> list[str]:
    return [element.value for element in app.caption]


def test_it_starts_by_itself_grows_and_is_kept_for_everybody() -> None:
    app = open_test()
    assert STARTED.wait(SECONDS)
    assert texts(app.run()) == ["half map"]
    assert captions(app) == ["main: None"]
    GO_ON.set()
    finish_result(app)
    assert texts(app) == ["whole map"]
    assert captions(app) == ["main: whole map"]
    assert find_result("test/map") == "whole map"
    other = open_test()
    assert texts(other) == ["whole map"]
    assert RUNS == ["map"]


def test_the_run_that_starts_it_draws_its_first_part(monkeypatch: pytest.MonkeyPatch) -> None:
    """Else the browser would have to draw the page twice before anything is seen."""
    monkeypatch.setattr("cnnviz.web.jobs._FIRST_SECONDS", SECONDS)
    app = open_test()
    assert texts(app) == ["half map"]


def test_a_new_result_comes_before_what_computes_below_it() -> None:
    """An unseen change further down may need the new one, and would be waited for."""
    below = open_test(slot=["curves"])
    assert STARTED.wait(SECONDS)
    before = get_job(below, slot="curves")
    below.query_params["slot"] = ["main", "curves"]
    below.run()
    assert before is not None
    assert before.is_stopping
    GO_ON.set()
    finish_result(below)
    finish_result(below, slot="curves")
    assert RUNS == ["map curves", "map", "map curves"]
    assert captions(below) == ["main: whole map", "curves: whole map curves"]


def test_a_result_too_large_to_keep_is_shown_to_who_waited_for_it() -> None:
    GO_ON.set()
    app = finish_result(open_test(size="101"))
    assert captions(app) == ["main: whole map"]
    assert captions(app.run()) == ["main: whole map"]
    assert find_result("test/map") is None
    assert RUNS == ["map"]


def test_with_a_button_it_waits_for_the_click() -> None:
    GO_ON.set()
    app = open_test(start="Compute the map")
    assert get_job(app) is None
    assert [button.label for button in app.button] == ["Compute the map"]
    app.button[0].click().run()
    finish_result(app)
    assert captions(app) == ["main: whole map"]
    assert not app.button


def test_a_stopped_run_keeps_its_intermediate_result_and_starts_again() -> None:
    app = open_test()
    assert STARTED.wait(SECONDS)
    job = get_job(app)
    assert job is not None
    job.stop()
    GO_ON.set()
    assert job.wait(SECONDS)
    app.run()
    assert app.info[0].value == "map was stopped."
    assert texts(app) == ["whole map"]
    assert captions(app) == ["main: None"]
    app.button[0].click().run()
    finish_result(app)
    assert captions(app) == ["main: whole map"]
    assert not app.info


def test_a_failure_is_one_sentence_and_the_next_try_may_succeed() -> None:
    FAILURES.append(NetworkError("There is no class 12."))
    GO_ON.set()
    app = open_test()
    job = get_job(app)
    assert job is not None
    assert job.wait(SECONDS)
    app.run()
    assert app.error[0].value == "There is no class 12."
    app.button[0].click().run()
    finish_result(app)
    assert captions(app) == ["main: whole map"]
    assert not app.error


def test_another_result_in_the_same_place_stops_the_one_before() -> None:
    app = open_test(name="first")
    assert STARTED.wait(SECONDS)
    before = get_job(app)
    app.query_params["name"] = "second"
    app.run()
    GO_ON.set()
    finish_result(app)
    assert before is not None
    assert before.wait(SECONDS)
    assert before.state is JobState.STOPPED
    assert before.was_forgotten
    assert captions(app) == ["main: whole second"]
    assert find_result("test/first") is None


def test_a_second_result_of_a_page_starts_after_the_first() -> None:
    app = open_test(slot=["main", "curves"])
    assert STARTED.wait(SECONDS)
    assert RUNS == ["map"]
    GO_ON.set()
    finish_result(app)
    finish_result(app, slot="curves")
    assert captions(app) == ["main: whole map", "curves: whole map curves"]
    assert RUNS == ["map", "map curves"]


def test_until_there_is_a_first_part_something_else_stands_there() -> None:
    app = open_test(slot=["main", "curves"], original="1")
    assert STARTED.wait(SECONDS)
    assert texts(app.run()) == ["half map", "the original"]
    GO_ON.set()
    finish_result(app)
    finish_result(app, slot="curves")
    assert texts(app) == ["whole map", "whole map curves"]


def test_a_run_that_lost_its_place_starts_again_by_itself() -> None:
    app = open_test()
    assert STARTED.wait(SECONDS)
    job = get_job(app)
    assert job is not None
    job.forget()
    GO_ON.set()
    assert job.wait(SECONDS)
    finish_result(app.run())
    assert captions(app) == ["main: whole map"]
    assert RUNS == ["map", "map"]


def test_a_long_step_reports_from_within_and_can_be_stopped_there() -> None:
    report_progress(0.5, "outside of a run")
    app = open_test(name="long")
    assert STARTED.wait(SECONDS)
    job = get_job(app)
    assert job is not None
    assert (job.progress, job.step, job.partial) == (0.7, "within", "half long")
    job.stop()
    GO_ON.set()
    assert job.wait(SECONDS)
    assert job.state is JobState.STOPPED
    assert find_result("test/long") is None


def test_what_a_run_no_longer_shows_is_stopped_at_its_end() -> None:
    """It would come first in this visitor's line, though nobody sees it."""
    app = open_test(slot=["main", "below"])
    assert STARTED.wait(SECONDS)
    first, below = get_job(app), get_job(app, slot="below")
    assert below is not None
    app.query_params["slot"] = ["main"]
    app.run()
    assert get_job(app) is first
    assert get_job(app, slot="below") is None
    GO_ON.set()
    finish_result(app)
    assert below.wait(SECONDS)
    assert below.state is JobState.STOPPED
    assert captions(app) == ["main: whole map"]


def test_what_a_run_that_was_cut_short_has_shown_is_stopped_too() -> None:
    """On the next page it kept the visitor's line busy until it had not been seen for a while."""
    app = open_test(slot=["main", "below"])
    assert STARTED.wait(SECONDS)
    below = get_job(app, slot="below")
    assert below is not None
    app.session_state["shown_results"] = {"main", "below"}  # it did not come to its end
    app.query_params["slot"] = ["main"]
    app.run()
    assert get_job(app, slot="below") is None
    GO_ON.set()
    assert below.wait(SECONDS)
    assert below.state is JobState.STOPPED


def test_the_bar_of_a_job_that_waits_has_a_place_of_its_own(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """It lay over the bar of the one that runs, and over its Stop."""
    running, over = SimpleNamespace(is_active=True), SimpleNamespace(is_active=False)
    shown = {"shown_results": {"first", "quick", "second"}}
    state = shown | {
        "job:first": ("", running),
        "job:quick": ("", over),
        "job:second": ("", running),
    }
    monkeypatch.setattr("streamlit.session_state", state)
    assert jobs._count_bars("second") == 1  # the first; a page draws its results in their order
    monkeypatch.setattr("streamlit.session_state", state | {"shown_results": {"first"}})
    assert jobs._count_bars("first") == 0
    assert '.st-key-stage [class*="st-key-job_bar_1"]' in SHEET.read_text(encoding="utf-8")

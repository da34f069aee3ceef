"""The server's line of heavy work: order, fairness, bounds, stops, and what went wrong."""

import subprocess
import sys
import threading
from collections.abc import Callable

import pytest

from cnnviz.errors import JobError, NetworkError
from cnnviz.jobs import Job, JobQueue, JobState
from cnnviz.jobs.view import view_job

SECONDS = 20.0


@pytest.fixture
def queue() -> JobQueue:
    return JobQueue()


def hold(started: threading.Event, go_on: threading.Event) -> Callable[[Job[str]], str]:
    """Work that says when it runs, waits, and looks once whether it was stopped."""

    def work(job: Job[str]) -> str:
        started.set()
        go_on.wait(SECONDS)
        job.report(0.5, "half way", "half")
        return "whole"

    return work


def test_a_job_ends_with_its_result_and_keeps_its_last_intermediate_one(queue: JobQueue) -> None:
    started, go_on = threading.Event(), threading.Event()
    job = queue.start(hold(started, go_on), title="A map", owner="ann")
    assert started.wait(SECONDS)
    assert (job.state, job.result, job.partial) == (JobState.RUNNING, None, None)
    go_on.set()
    assert job.wait(SECONDS)
    assert (job.state, job.result, job.partial) == (JobState.DONE, "whole", "half")
    assert (job.progress, job.step) == (0.5, "half way")


def test_jobs_run_one_at_a_time_in_the_order_they_came(queue: JobQueue) -> None:
    order: list[str] = []
    running: list[str] = []

    def note(name: str) -> Callable[[Job[str]], str]:
        def work(job: Job[str]) -> str:
            running.append(name)
            assert running == [name]
            job.report(0.1, "")
            order.append(name)
            running.remove(name)
            return name

        return work

    started, go_on = threading.Event(), threading.Event()
    first = queue.start(hold(started, go_on), title="first", owner="ann")
    assert started.wait(SECONDS)
    jobs = [queue.start(note(name), title=name, owner=name) for name in "bcdef"]
    assert [queue.find_place(job).ahead for job in (first, *jobs)] == [0, 1, 2, 3, 4, 5]
    go_on.set()
    for job in jobs:
        assert job.wait(SECONDS)
        assert job.state is JobState.DONE
    assert order == list("bcdef")


def test_a_visitors_further_jobs_let_everybody_elses_first_go_before(queue: JobQueue) -> None:
    order: list[str] = []

    def note(name: str) -> Callable[[Job[str]], str]:
        def work(_job: Job[str]) -> str:
            order.append(name)
            return name

        return work

    started, go_on = threading.Event(), threading.Event()
    queue.start(hold(started, go_on), title="a1", owner="a")
    assert started.wait(SECONDS)
    jobs = {
        name: queue.start(note(name), title=name, owner=name[0])
        for name in ("a2", "a3", "b1", "b2", "c1")
    }
    places = {name: queue.find_place(job) for name, job in jobs.items()}
    assert {name: place.ahead for name, place in places.items()} == {
        "b1": 1,
        "c1": 2,
        "a2": 3,
        "b2": 4,
        "a3": 5,
    }
    assert {name: place.own for name, place in places.items()} == {
        "b1": "",
        "c1": "",
        "a2": "a1",
        "b2": "b1",
        "a3": "a2",
    }
    go_on.set()
    for job in jobs.values():
        assert job.wait(SECONDS)
    assert order == ["b1", "c1", "a2", "b2", "a3"]


def test_who_waits_for_the_same_result_gets_it_with_the_first(queue: JobQueue) -> None:
    started, go_on, seen = threading.Event(), threading.Event(), threading.Event()
    queue.start(hold(started, go_on), title="map", owner="ann", key="map 3")
    assert started.wait(SECONDS)
    other = queue.start(lambda _job: "another", title="other", owner="bob", key="map 4")
    same = queue.start(lambda _job: "made twice", title="map", owner="cy", key="map 3")
    with same.watch(lambda: seen.set() if same.step == "half way" else None):
        go_on.set()
        assert seen.wait(SECONDS)
    assert same.wait(SECONDS)
    assert other.wait(SECONDS)
    assert (same.state, same.result, same.partial) == (JobState.DONE, "whole", "half")
    assert other.result == "another"


def test_who_waits_for_the_result_of_a_stopped_job_makes_it_in_turn(queue: JobQueue) -> None:
    started, go_on = threading.Event(), threading.Event()
    first = queue.start(hold(started, go_on), title="map", owner="ann", key="map 3")
    assert started.wait(SECONDS)
    same = queue.start(lambda _job: "made in turn", title="map", owner="bob", key="map 3")
    first.stop()
    go_on.set()
    assert same.wait(SECONDS)
    assert (same.state, same.result) == (JobState.DONE, "made in turn")


def test_a_stopped_job_keeps_what_it_had_and_the_line_goes_on(queue: JobQueue) -> None:
    started, go_on = threading.Event(), threading.Event()
    job = queue.start(hold(started, go_on), title="A map", owner="ann")
    assert started.wait(SECONDS)
    job.stop()
    go_on.set()
    assert job.wait(SECONDS)
    assert (job.state, job.result, job.partial) == (JobState.STOPPED, None, "half")
    after = queue.start(lambda _job: "after", title="", owner="ann")
    assert after.wait(SECONDS)
    assert after.result == "after"


def test_what_was_told_to_end_is_not_ahead_of_anybody(queue: JobQueue) -> None:
    started, go_on = threading.Event(), threading.Event()
    first = queue.start(hold(started, go_on), title="first", owner="ann")
    second = queue.start(lambda _: "own", title="second", owner="ann")
    other = queue.start(lambda _: "other", title="third", owner="bob")
    assert started.wait(SECONDS)
    assert queue.find_place(second).own == "first"
    first.stop()  # it goes on to its next step
    assert queue.find_place(second).own == ""
    assert queue.find_place(other).ahead == 0
    go_on.set()
    assert other.wait(SECONDS)


@pytest.mark.parametrize(
    ("end", "text"), [(Job.stop, "A map: stopped"), (Job.forget, "A map: half way")]
)
def test_only_what_a_visitor_stopped_is_called_stopped(
    queue: JobQueue, end: Callable[[Job[str]], None], text: str
) -> None:
    """The bar of a result that another one replaces stays until that one is drawn."""
    started, go_on = threading.Event(), threading.Event()
    job = queue.start(hold(started, go_on), title="A map", owner="ann")
    assert started.wait(SECONDS)
    end(job)
    go_on.set()
    assert job.wait(SECONDS)
    assert job.state is JobState.STOPPED
    assert view_job(job).text == text


def test_one_can_wait_for_the_first_part_alone(queue: JobQueue) -> None:
    started, go_on, seen = threading.Event(), threading.Event(), threading.Event()

    def work(job: Job[str]) -> str:
        started.wait(SECONDS)
        job.report(0.1, "a step without a part")
        job.report(0.5, "half way", "half")
        seen.set()
        go_on.wait(SECONDS)
        return "whole"

    job = queue.start(work, title="A map", owner="ann")
    job.wait_for_first(0.01)
    assert job.partials == 0
    started.set()
    job.wait_for_first(SECONDS)
    assert job.partial == "half"
    assert job.is_active
    go_on.set()
    assert job.wait(SECONDS)
    job.wait_for_first(SECONDS)


def test_work_that_takes_too_long_is_ended_in_a_sentence(queue: JobQueue) -> None:
    job = queue.start(lambda _job: job.report(0.5, "on"), title="A map", owner="ann", seconds=-1.0)
    assert job.wait(SECONDS)
    assert job.state is JobState.FAILED
    assert job.error.startswith("A map was stopped after -1 seconds")


class Clock:
    """Seconds that pass when a test says so."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def test_the_places_of_closed_pages_are_dropped_after_five_seconds() -> None:
    clock = Clock()
    queue = JobQueue(clock=clock)
    started, go_on = threading.Event(), threading.Event()
    running = queue.start(hold(started, go_on), title="first", owner="ann")
    assert started.wait(SECONDS)
    closed = [queue.start(lambda _job: "", title="", owner=f"left {n}") for n in range(30)]
    for job in closed:
        with job.watch(lambda: None):  # its page asked once, and was closed
            pass
    newcomer = queue.start(lambda _job: "new", title="", owner="newcomer")
    with newcomer.watch(lambda: None), running.watch(lambda: None):
        clock.now += 5
        assert queue.find_place(newcomer).ahead == 31
        clock.now += 0.1
        assert queue.find_place(newcomer).ahead == 1
        assert {(job.state, job.was_forgotten) for job in closed} == {(JobState.STOPPED, True)}
        clock.now += 1000  # a page that asks keeps its place as long as it takes
        assert queue.find_place(newcomer).ahead == 1
        go_on.set()
        assert newcomer.wait(SECONDS)
    assert newcomer.result == "new"


@pytest.mark.parametrize("state", [JobState.WAITING, JobState.RUNNING])
def test_a_page_that_was_closed_before_it_asked_is_dropped_after_five_seconds(
    state: JobState,
) -> None:
    clock, connected = Clock(), [True]
    job = Job(lambda _: "whole", title="A map", is_connected=lambda: connected[0], clock=clock)
    job.state = state
    clock.now += 50
    assert not job.is_forgotten
    connected[0] = False
    assert job.is_forgotten
    again = Job(lambda _: "whole", title="A map", is_connected=lambda: False, clock=clock)
    again.state = state
    clock.now += 5
    assert not again.is_forgotten
    clock.now += 0.1
    assert again.is_forgotten


def test_one_that_runs_outlasts_a_busy_browser() -> None:
    """What it made so far would be lost, and made again from the start."""
    clock = Clock()
    job = Job(lambda _: "whole", title="A map", clock=clock)
    with job.watch(lambda: None):
        pass
    job.state = JobState.RUNNING
    clock.now += 20
    assert not job.is_forgotten
    clock.now += 0.1
    assert job.is_forgotten


def test_a_job_has_a_minute_until_its_page_first_asks() -> None:
    clock = Clock()
    queue = JobQueue(clock=clock)
    started, go_on = threading.Event(), threading.Event()
    running = queue.start(hold(started, go_on), title="first", owner="ann")
    assert started.wait(SECONDS)
    slow = queue.start(lambda _job: "", title="slow", owner="bob")
    clock.now += 60
    assert queue.find_place(slow).ahead == 1
    clock.now += 0.1
    assert queue.find_place(slow).ahead == 0
    assert (slow.state, slow.result) == (JobState.STOPPED, None)
    go_on.set()
    assert running.wait(SECONDS)
    assert (running.state, running.was_forgotten, running.partial) == (
        JobState.STOPPED,
        True,
        None,
    )


@pytest.mark.filterwarnings("error")
def test_errors_of_the_work_are_told_and_end_no_other_work(
    queue: JobQueue, capsys: pytest.CaptureFixture[str]
) -> None:
    def refuse(_job: Job[str]) -> str:
        raise NetworkError("There is no such class.")

    def fail(_job: Job[str]) -> str:
        raise ZeroDivisionError("secret of the server")

    refused = queue.start(refuse, title="A map", owner="ann")
    failed = queue.start(fail, title="A map", owner="bob")
    assert failed.wait(SECONDS)
    assert refused.error == "There is no such class."
    assert "secret" not in failed.error
    assert "secret" in capsys.readouterr().err


def test_the_line_has_an_end(queue: JobQueue) -> None:
    started, go_on = threading.Event(), threading.Event()
    queue.start(hold(started, go_on), title="first", owner="0")
    assert started.wait(SECONDS)
    waiting = [queue.start(lambda _job: "", title="", owner=str(n)) for n in range(1, 64)]
    with pytest.raises(JobError, match="64 jobs"):
        queue.start(lambda _job: "", title="", owner="one more")
    go_on.set()
    assert waiting[-1].wait(SECONDS)


WORKING_AT_THE_END = """
import torch
from cnnviz.jobs import start_job

def work(job):
    maps, kernels = torch.ones(8, 64, 112, 112), torch.ones(64, 64, 3, 3)
    while True:
        torch.conv2d(maps, kernels)
        job.report(0.5, "convolving", "once")

job = start_job(work, title="endless", owner="a visitor")
while job.partial is None:
    job.wait(0.01)
"""


def test_a_process_that_ends_during_a_job_ends_quietly() -> None:
    # Twice, for a thread cut off within a convolution brings down most processes, not all.
    for _ in range(2):
        ended = subprocess.run(
            [sys.executable, "-c", WORKING_AT_THE_END], capture_output=True, text=True, check=False
        )
        assert (ended.returncode, ended.stderr) == (0, "")

"""The server's line of heavy work: order, fairness, bounds, stops, and what went wrong."""

import subprocess
import sys
import threading
from collections.abc import Callable

import pytest

from cnnviz.errors import JobError, NetworkError
from cnnviz.jobs import Job, JobQueue, JobState

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
    assert [queue.find_place(job) for job in (first, *jobs)] == [0, 1, 2, 3, 4, 5]
    go_on.set()
    for job in jobs:
        assert job.wait(SECONDS)
        assert job.state is JobState.DONE
    assert order == list("bcdef")


def test_a_visitor_has_one_job_and_a_new_one_takes_its_place(queue: JobQueue) -> None:
    started, go_on = threading.Event(), threading.Event()
    running = queue.start(hold(started, go_on), title="running", owner="ann")
    assert started.wait(SECONDS)
    waiting = queue.start(lambda _job: "", title="waiting", owner="bob")
    newer = queue.start(lambda _job: "newer", title="newer", owner="bob")
    assert waiting.state is JobState.STOPPED
    assert queue.find_place(newer) == 1
    last = queue.start(lambda _job: "last", title="last", owner="ann")
    assert queue.find_place(last) == 2
    go_on.set()
    assert last.wait(SECONDS)
    assert running.state is JobState.STOPPED
    assert (newer.result, last.result) == ("newer", "last")


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


def test_work_that_takes_too_long_is_ended_in_a_sentence(queue: JobQueue) -> None:
    job = queue.start(lambda _job: job.report(0.5, "on"), title="A map", owner="ann", seconds=-1.0)
    assert job.wait(SECONDS)
    assert job.state is JobState.FAILED
    assert job.error.startswith("A map was ended after -1 seconds")


def test_a_waiting_job_that_nobody_looks_at_is_not_done(
    queue: JobQueue, monkeypatch: pytest.MonkeyPatch
) -> None:
    started, go_on = threading.Event(), threading.Event()
    queue.start(hold(started, go_on), title="first", owner="ann")
    assert started.wait(SECONDS)
    left = queue.start(lambda _job: "done for nobody", title="left", owner="bob")
    monkeypatch.setattr("cnnviz.jobs._UNSEEN_SECONDS", -1.0)
    go_on.set()
    assert left.wait(SECONDS)
    assert (left.state, left.result) == (JobState.STOPPED, None)


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
    with pytest.raises(JobError, match="64 visitors"):
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

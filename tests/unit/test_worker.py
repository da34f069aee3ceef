"""The worker process: results as in a thread, stops, and ends that nobody planned."""

import os
import signal
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from cnnviz.cache import forget_elsewhere_with, forget_everywhere
from cnnviz.jobs import Job, JobQueue, JobState
from cnnviz.jobs.heavy import HeavyResult, Run, compute_heavy, execute_with
from cnnviz.jobs.worker.process import ProcessExecutor
from cnnviz.labs.live_training import TrainingRun
from cnnviz.labs.trained_networks import forget_trained, pass_trained_on, register_run
from cnnviz.labs.training_plan import TrainingPlan
from cnnviz.networks.load import load_model
from tests import worker_runs
from tests.executor_checks import (
    SECONDS,
    Start,
    check_a_network_goes_by_its_name,
    check_errors_are_told_as_in_a_thread,
    check_results_arrive_as_they_were_made,
    finish,
    wait,
    wait_for,
)

PAGES = Path(__file__).parents[2] / "pages"


@pytest.fixture(scope="module")
def executor() -> Iterator[ProcessExecutor]:
    """One for all tests: each process takes seconds of processor to begin."""
    made = ProcessExecutor(prepare=pass_trained_on, max_bytes=1_500_000_000)
    run = partial(made.execute, worker_runs.name_process)
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(PAGES)  # as while a page runs; one is named as a module of Python's
        # The first run does not wait for the process.
        assert finish(JobQueue().start(run, title="", owner="")) == os.getpid()
        wait_for(lambda: made.is_ready)
    with forget_elsewhere_with(made.forget):
        yield made
    made.close()


@pytest.fixture
def start(executor: ProcessExecutor) -> Iterator[Start]:
    """Puts a run in a line of its own, whose jobs are over at the end of the test."""
    queue, before, numbers = JobQueue(), execute_with(executor), iter(range(100))

    def put(run: Run[Any]) -> Job[Any]:
        heavy = HeavyResult(key=f"worker/{time.time()}/{next(numbers)}", title="A map", run=run)
        return queue.start(partial(compute_heavy, heavy), title="A map", owner="ann")

    yield put
    queue.close(seconds=SECONDS)
    execute_with(before)


def test_results_arrive_as_they_were_made(start: Start) -> None:
    check_results_arrive_as_they_were_made(start)


def test_a_network_goes_by_its_name_and_a_part_of_a_tensor_alone(start: Start) -> None:
    check_a_network_goes_by_its_name(start)


def test_it_is_another_process_that_gives_way(start: Start, executor: ProcessExecutor) -> None:
    job = start(worker_runs.name_process)
    assert finish(job) == executor.pid != os.getpid()
    status = Path(f"/proc/{executor.pid}/stat").read_text().rpartition(")")[2].split()
    assert int(status[16]) >= 10  # its niceness
    again = start(worker_runs.name_process)
    assert finish(again) == job.result


@pytest.mark.parametrize("reports", [True, False])
def test_a_stop_ends_the_run_and_no_other(
    start: Start, executor: ProcessExecutor, tmp_path: Path, *, reports: bool
) -> None:
    """One that does not come to its next step takes its process along."""
    job = start(partial(worker_runs.wait_for_file, tmp_path / "go on", reports=reports))
    wait_for(lambda: job.partial == "half")
    before, other = executor.pid, start(partial(worker_runs.count_up, 3))
    began = time.monotonic()
    job.stop()
    wait(job)
    assert time.monotonic() - began < 5
    assert (job.state, job.partial) == (JobState.STOPPED, "half")
    assert len(finish(other)) == 3
    assert (executor.pid == before) is reports


def test_it_ends_with_the_server_and_a_run_whose_process_ended_is_tried_once_more(
    start: Start, executor: ProcessExecutor, tmp_path: Path
) -> None:
    """Its input is closed, as the system does when it ends a server."""
    job = start(partial(worker_runs.wait_for_file, tmp_path / "go on", reports=False))
    wait_for(lambda: job.partial == "half")
    before = executor.pid
    close_input(executor)
    (tmp_path / "go on").touch()
    assert finish(job) == "whole"
    assert job.step == "done (second try: its process ended unexpectedly)"
    assert not Path(f"/proc/{before}").exists()


def close_input(executor: ProcessExecutor) -> None:
    worker = executor._worker
    assert worker is not None
    assert worker._process.stdin is not None
    worker._process.stdin.close()


def test_a_run_that_ends_two_processes_fails_in_a_sentence(
    start: Start, executor: ProcessExecutor, tmp_path: Path
) -> None:
    job = start(partial(worker_runs.end_always, tmp_path / "ended"))
    wait(job)
    assert job.state is JobState.FAILED
    assert job.error.startswith("A map was tried twice: its process ended unexpectedly. ")
    assert (tmp_path / "ended").read_text() == "xx"
    third = executor.pid
    assert third is not None
    os.kill(third, signal.SIGKILL)  # between two runs
    assert finish(start(worker_runs.name_process)) not in (third, os.getpid())


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="the system does not say")
def test_a_process_that_grows_too_large_is_replaced(
    start: Start, executor: ProcessExecutor, tmp_path: Path
) -> None:
    before = finish(start(worker_runs.name_process))
    job = start(partial(worker_runs.grow_once, tmp_path / "grown", 2000))
    assert finish(job) == "whole"
    assert job.step == "done (second try: it needed more than 1.5 GB of memory)"
    assert executor.pid != before


def test_errors_are_told_as_in_a_thread(start: Start, capsys: pytest.CaptureFixture[str]) -> None:
    refused, failed = start(worker_runs.refuse), start(worker_runs.fail)
    check_errors_are_told_as_in_a_thread(refused, failed, capsys)


def test_what_belongs_to_this_process_is_refused(
    start: Start, capsys: pytest.CaptureFixture[str]
) -> None:
    job = start(partial(worker_runs.title_network, load_model("lenet5").graph))  # type: ignore[arg-type]
    wait(job)
    assert job.error.startswith("Unexpected error")
    assert "give the network and a name" in capsys.readouterr().err


def test_what_a_run_keeps_is_kept_here_and_forgotten_there(start: Start) -> None:
    fill = partial(worker_runs.fill_cache, "digest 7")
    assert finish(start(fill)) == "no"
    assert set(worker_runs.MAPS.list_kept()) == {"digest 7 known", "digest 7 late"}
    assert finish(start(fill)) == "yes"
    forget_everywhere("digest 7")
    assert not worker_runs.MAPS.list_kept()
    assert finish(start(fill)) == "no"


def test_it_knows_the_networks_that_visitors_trained(start: Start) -> None:
    run = TrainingRun(TrainingPlan(layers="flatten, fc10"), title="Mine")
    name = register_run(run, visitor="ann")
    try:
        title = load_model(name).spec.title
        assert finish(start(partial(worker_runs.title_network, name))) == title
    finally:
        forget_trained(name)
        forget_everywhere(name)
    job = start(partial(worker_runs.title_network, name))
    wait(job)
    assert job.error.startswith(f"There is no network “{name}”")


def test_its_end_is_the_end_of_its_run(
    start: Start, executor: ProcessExecutor, tmp_path: Path
) -> None:
    job = start(partial(worker_runs.wait_for_file, tmp_path / "go on", reports=False))
    wait_for(lambda: job.partial == "half")
    began = time.monotonic()
    executor.close()
    wait(job)
    assert time.monotonic() - began < 3
    assert job.error == "The server is about to end."
    assert not Path(f"/proc/{executor.pid}").exists()

"""What needs no Ray of the cluster: settings, and runs of many pieces side by side."""

import importlib.util
import threading
from dataclasses import replace
from functools import partial
from typing import Any

import pytest

from cnnviz.errors import ClusterError, NetworkError
from cnnviz.jobs import Job, JobState, heavy
from cnnviz.jobs.cluster.settings import ClusterSettings, read_settings
from cnnviz.jobs.cluster.sweep import Sweep
from cnnviz.jobs.executors import compute_elsewhere
from cnnviz.jobs.heavy import (
    Pieces,
    Run,
    Stages,
    ThreadExecutor,
    compute_each,
    compute_once,
    execute_with,
    prepare_for_runs,
)
from cnnviz.jobs.worker.following import LostError, Watcher, try_twice
from cnnviz.jobs.worker.process import ProcessExecutor

SECONDS = 20.0


@pytest.fixture
def with_ray(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda _name: object())


@pytest.mark.usefixtures("with_ray")
@pytest.mark.parametrize(
    ("address", "actors", "expected"),
    [
        ("", "", None),
        ("", "3", None),
        ("auto", "", ClusterSettings("auto", None)),
        (" auto ", " 3 ", ClusterSettings("auto", 3)),
        ("10.0.0.5:6379", "", ClusterSettings("10.0.0.5:6379", None)),
        ("head.school.example:6379", "", ClusterSettings("head.school.example:6379", None)),
        ("[fd00::5]:6379", "", ClusterSettings("[fd00::5]:6379", None)),
        ("ray://head:10001", "64", ClusterSettings("ray://head:10001", 64)),
    ],
)
def test_the_environment_names_a_cluster(
    monkeypatch: pytest.MonkeyPatch, address: str, actors: str, expected: ClusterSettings | None
) -> None:
    monkeypatch.setenv("CNNVIZ_RAY", address)
    monkeypatch.setenv("CNNVIZ_RAY_ACTORS", actors)
    assert read_settings() == expected


@pytest.mark.usefixtures("with_ray")
@pytest.mark.parametrize(
    "address", ["yes", "head", "head:", "head:0", "head:65536", "http://head:1", "a b:1", "::1:80"]
)
def test_what_names_none_is_refused_in_a_sentence(
    monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    monkeypatch.setenv("CNNVIZ_RAY", address)
    with pytest.raises(ClusterError, match=f"CNNVIZ_RAY is “{address}”; write auto, HOST:PORT or"):
        read_settings()


@pytest.mark.usefixtures("with_ray")
@pytest.mark.parametrize("actors", ["0", "-1", "many", "1.5", "²", "10001"])
def test_so_is_a_number_of_actors_that_is_none(
    monkeypatch: pytest.MonkeyPatch, actors: str
) -> None:
    monkeypatch.setenv("CNNVIZ_RAY", "auto")
    monkeypatch.setenv("CNNVIZ_RAY_ACTORS", actors)
    with pytest.raises(ClusterError, match=f"CNNVIZ_RAY_ACTORS is “{actors}”; write a number from"):
        read_settings()


def test_without_ray_the_server_says_so_and_computes_in_its_worker(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda _name: None)
    monkeypatch.setenv("CNNVIZ_RAY", "auto")
    with compute_elsewhere() as executor:
        assert isinstance(executor, ProcessExecutor)
    assert capsys.readouterr().err == (
        "CNNVIZ_RAY is set and Ray is not installed; run “pip install -r requirements-cluster.txt” "
        "and start again. Heavy results are computed on this machine alone.\n"
    )


def test_the_line_takes_as_many_at_once_as_the_executor_says() -> None:
    class Wide:
        def begin(self) -> None:
            """Nothing."""

        def count_slots(self) -> int:
            return 2

        def execute(self, run: Run[Any], job: Job[Any]) -> Any:
            raise NotImplementedError

    from cnnviz.jobs.line import _QUEUE

    before = execute_with(Wide())
    try:
        assert _QUEUE._count_slots() == 2
    finally:
        execute_with(before)
    assert _QUEUE._count_slots() == 1


class Beginning(ThreadExecutor):
    """Says when it was told to get ready."""

    def __init__(self) -> None:
        self.told = threading.Semaphore(0)

    def begin(self) -> None:
        self.told.release()


def test_the_place_of_runs_gets_ready_a_while_after_the_first_page(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    first, second = Beginning(), Beginning()
    before = execute_with(first)
    try:
        prepare_for_runs()
        execute_with(second)  # for which no page has come yet
        monkeypatch.setattr(heavy, "_BEGIN_SECONDS", 0.01)
        assert not second.told.acquire(timeout=0.1)
        for _ in range(3):
            prepare_for_runs()
        assert second.told.acquire(timeout=SECONDS)
        assert not second.told.acquire(timeout=0.1)
        assert not first.told.acquire(blocking=False)
    finally:
        execute_with(before)


def double(number: int) -> int:
    return 2 * number


def add_up(numbers: tuple[int, ...]) -> int:
    return sum(numbers)


def test_pieces_are_a_run() -> None:
    assert list(compute_each((1, 2), double, name="{}".format)()) == [
        (0.5, "1", (2,)),
        (1.0, "2", (2, 4)),
    ]
    total = compute_each((1, 2), double, name="{}".format, gather=add_up)
    assert [result for _, _, result in total()] == [2, 6]
    quicker = replace(total, alone=partial(compute_once, partial(double, 3)))
    assert list(quicker()) == [(1.0, "done", 6)]


def double_up_to(number: int) -> Pieces[tuple[int, ...]]:
    return compute_each(range(number), double, name="{}".format)


def test_stages_are_a_run() -> None:
    assert list(Stages(partial(double, 1), double_up_to)()) == [
        (0.5, "0", (0,)),
        (1.0, "1", (0, 2)),
    ]


class Lanes:
    """Computes pieces in the threads that ask, each when a test lets it."""

    def __init__(self) -> None:
        self.go_on = {number: threading.Event() for number in range(4)}
        self.ended: list[int] = []

    def compute(self, run: Run[Any], watcher: Watcher) -> Any:
        ((_, step, result),) = run()
        while not self.go_on[result // 2].wait(0.01):
            watcher.check()
        watcher.report(1.0, step, result)
        return result

    def end(self, job: Job[Any], number: int, progress: float) -> Any:
        """Let one piece end, and return what its job has then."""
        changed = threading.Event()
        with job.listen(lambda: changed.set() if job.progress == progress else None):
            self.go_on[number].set()
            assert changed.wait(SECONDS)
        return job.partial


def start_sweep(lanes: Lanes, count: int) -> tuple[Job[Any], threading.Thread]:
    pieces = compute_each(range(4), double, name="piece {}".format)
    job: Job[Any] = Job(lambda job: Sweep(pieces, lanes.compute, job).run(count), title="Sweep")
    thread = threading.Thread(target=job.run)
    thread.start()
    return job, thread


def test_pieces_end_in_any_order_and_are_told_in_theirs() -> None:
    lanes = Lanes()
    job, thread = start_sweep(lanes, 4)
    assert lanes.end(job, 2, 0.25) is None
    assert lanes.end(job, 0, 0.5) == (0,)
    assert job.step == "piece 0"
    assert lanes.end(job, 1, 0.75) == (0, 2, 4)
    assert lanes.end(job, 3, 1.0) == (0, 2, 4, 6)
    thread.join(SECONDS)
    assert (job.state, job.result) == (JobState.DONE, (0, 2, 4, 6))


def test_a_sweep_that_is_stopped_leaves_no_piece_behind() -> None:
    lanes = Lanes()
    job, thread = start_sweep(lanes, 2)
    assert lanes.end(job, 0, 0.25) == (0,)
    job.stop()
    thread.join(SECONDS)
    assert not thread.is_alive()
    assert (job.state, job.partial) == (JobState.STOPPED, (0,))


def test_the_first_error_of_a_piece_is_that_of_the_sweep() -> None:
    class Refusing(Lanes):
        def compute(self, run: Run[Any], watcher: Watcher) -> Any:
            ((_, step, _),) = run()
            if step == "piece 1":
                raise NetworkError("There is no class 1.")
            return super().compute(run, watcher)

    job, thread = start_sweep(Refusing(), 2)
    thread.join(SECONDS)
    assert (job.state, job.error) == (JobState.FAILED, "There is no class 1.")


def test_a_lost_run_is_tried_twice_and_no_more() -> None:
    notes = []

    def attempt(note: str) -> str:
        notes.append(note)
        raise LostError(f"machine {len(notes)} is gone")

    job: Job[Any] = Job(lambda job: try_twice(attempt, job, title="A map"), title="A map")
    job.run()
    assert notes == ["", " (second try: machine 1 is gone)"]
    assert job.step == "starting (second try: machine 1 is gone)"
    assert job.error.startswith("A map was tried twice: machine 2 is gone. ")

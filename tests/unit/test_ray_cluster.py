"""Heavy results on a real Ray cluster of two nodes, one of which is killed in the middle."""

import importlib.util
import os
import re
import signal
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import torch

from cnnviz.attribution.occlusion.cover import OcclusionOptions, compute_occlusion
from cnnviz.cache import forget_elsewhere_with, forget_everywhere
from cnnviz.jobs import Job, JobQueue, JobState
from cnnviz.jobs.cluster.executor import RayExecutor
from cnnviz.jobs.cluster.settings import ClusterSettings
from cnnviz.jobs.heavy import (
    HeavyResult,
    Run,
    Stages,
    ThreadExecutor,
    compute_each,
    compute_heavy,
    execute_with,
)
from cnnviz.labs.live_training import TrainingRun
from cnnviz.labs.trained_networks import carry_trained_on, forget_trained, register_run
from cnnviz.labs.training_plan import TrainingPlan
from cnnviz.networks.load import load_model, predict
from cnnviz.runs.occlusion import refine_map
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
from tests.running_app import list_children

if importlib.util.find_spec("ray") is None:
    pytest.skip("Ray is not installed; requirements-cluster.txt has it.", allow_module_level=True)

SMALL = {"object_store_memory": 100 * 2**20}
AGAIN = "(second try: its process or its machine ended unexpectedly)"


@pytest.fixture(scope="module")
def cluster() -> Iterator[Any]:
    """A head that computes nothing, and two nodes of one CPU, each as on a machine of its own."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("RAY_USAGE_STATS_ENABLED", "0")
        from ray.cluster_utils import Cluster

        head = {"num_cpus": 0, "include_dashboard": False, **SMALL}
        made = Cluster(initialize_head=True, head_node_args=head)
        for _ in range(2):
            made.add_node(num_cpus=1, **SMALL)
        begun = list_all(os.getpid())
        yield made
        made.shutdown()
        wait_for(lambda: not any(Path(f"/proc/{pid}").exists() for pid in begun))


@pytest.fixture(scope="module")
def executor(cluster: Any) -> Iterator[RayExecutor]:
    made = RayExecutor(ClusterSettings(cluster.address), prepare=carry_trained_on)
    # The first run does not wait for the cluster.
    first = JobQueue().start(partial(made.execute, worker_runs.name_process), title="", owner="")
    assert finish(first) == os.getpid()
    wait_for(lambda: made.count_slots() == 2)
    with forget_elsewhere_with(made.forget):
        yield made
    made.close(seconds=SECONDS)


@pytest.fixture
def start(executor: RayExecutor) -> Iterator[Start]:
    """Puts a run in a line of its own, whose jobs are over at the end of the test."""
    queue, before = JobQueue(count_slots=executor.count_slots), execute_with(executor)
    wait_for(lambda: executor.count_slots() == 2)

    def put(run: Run[Any], *, owner: str = "ann") -> Job[Any]:
        heavy = HeavyResult(key=f"ray/{time.monotonic_ns()}", title="A map", run=run)
        return queue.start(partial(compute_heavy, heavy), title="A map", owner=owner)

    yield put
    queue.close(seconds=SECONDS)
    execute_with(before)


def list_all(pid: int) -> list[int]:
    """All processes that one has begun, and those have."""
    return [one for child in list_children(pid) for one in (child, *list_all(child))]


def kill_node_of(pid: int, cluster: Any) -> None:
    """Kill all processes of the node that a process belongs to, as a power cut does; begin another.

    The worker processes of a node are begun by its raylet.
    """
    for node in cluster.worker_nodes:
        (raylet,) = (one.process.pid for one in node.all_processes["raylet"])
        if pid in list_all(raylet):
            for one in (raylet, *list_all(raylet)):
                os.kill(one, signal.SIGKILL)
            cluster.remove_node(node, allow_graceful=False)
            cluster.add_node(num_cpus=1, **SMALL)
            return
    raise AssertionError(f"No node has the process {pid}.")


def test_results_arrive_as_they_were_made(start: Start) -> None:
    check_results_arrive_as_they_were_made(start)


def test_a_network_goes_by_its_name(start: Start) -> None:
    check_a_network_goes_by_its_name(start)


def test_two_visitors_runs_go_on_at_once_on_two_nodes(
    start: Start, executor: RayExecutor, tmp_path: Path
) -> None:
    run = partial(worker_runs.wait_for_file, tmp_path / "go on", reports=True)
    jobs = [start(run, owner=owner) for owner in ("ann", "bob")]
    wait_for(lambda: all(job.partial == "half" for job in jobs))
    assert len(set(executor.nodes)) == 2
    (tmp_path / "go on").touch()
    assert [finish(job) for job in jobs] == ["whole", "whole"]


@pytest.mark.parametrize("reports", [True, False])
def test_a_stop_ends_the_run_and_no_other(
    start: Start, executor: RayExecutor, tmp_path: Path, *, reports: bool
) -> None:
    """One that does not come to its next step takes its process along."""
    run = partial(worker_runs.wait_for_file, tmp_path / "go on", reports=reports)
    job, other = start(run, owner="ann"), start(run, owner="bob")
    wait_for(lambda: job.partial == other.partial == "half")
    before = set(executor.processes)
    job.stop()
    wait(job)
    assert (job.state, job.partial) == (JobState.STOPPED, "half")
    wait_for(lambda: len(executor.processes) == 2)
    assert len(before & set(executor.processes)) == (2 if reports else 1)
    (tmp_path / "go on").touch()
    assert finish(other) == "whole"


def test_errors_are_told_as_in_a_thread(start: Start, capsys: pytest.CaptureFixture[str]) -> None:
    refused, failed = start(worker_runs.refuse), start(worker_runs.fail, owner="bob")
    check_errors_are_told_as_in_a_thread(refused, failed, capsys)


def test_what_a_run_keeps_is_kept_here_and_forgotten_everywhere(start: Start) -> None:
    fill = partial(worker_runs.fill_cache, "digest 8")
    for _ in range(8):  # until both actors have it
        finish(start(fill))
    assert finish(start(fill)) == "yes"
    assert set(worker_runs.MAPS.list_kept()) == {"digest 8 known", "digest 8 late"}
    forget_everywhere("digest 8")
    assert not worker_runs.MAPS.list_kept()
    assert finish(start(fill)) == "no"


def test_the_weights_of_a_visitors_network_go_along(start: Start) -> None:
    run = TrainingRun(TrainingPlan(layers="flatten, fc10"), title="Mine")
    name = register_run(run, visitor="ann")
    try:
        model = load_model(name)
        x = torch.rand(1, 1, 64, 32, generator=torch.Generator().manual_seed(1))
        _, probabilities = finish(start(partial(worker_runs.predict_twice, model, x)))
        assert torch.equal(probabilities, predict(model, x[:, :, ::2]).probabilities)
    finally:
        forget_trained(name)
        forget_everywhere(name)
    job = start(partial(worker_runs.title_network, name))
    wait(job)
    assert job.error.startswith(f"There is no network “{name}”")


def test_a_run_goes_on_at_another_node_when_its_own_is_killed(
    start: Start, executor: RayExecutor, cluster: Any, tmp_path: Path
) -> None:
    job = start(partial(worker_runs.name_and_wait, tmp_path / "go on"))
    wait_for(lambda: job.partials > 0)
    first = job.partial
    assert first in executor.processes
    kill_node_of(first, cluster)
    wait_for(lambda: job.partial not in (None, first))
    (tmp_path / "go on").touch()
    assert finish(job) == job.partial != first
    assert job.step == f"done {AGAIN}"


def test_a_sweep_is_whole_though_a_node_is_killed_in_the_middle(
    start: Start, cluster: Any, tmp_path: Path
) -> None:
    numbers = [0, 1, 2, 3, 4, 5]
    run = compute_each(numbers, partial(worker_runs.multiply_when_told, tmp_path), name="{}".format)
    job = start(run)
    wait_for(lambda: job.progress == 5 / 6)
    assert job.partial == (0, 7, 14)  # in order, up to the one that waits
    places = [file.name.split(" in ") for file in tmp_path.iterdir()]
    assert len({pid for _, pid in places}) == 2
    (held,) = (int(pid) for number, pid in places if number == "3")
    kill_node_of(held, cluster)
    wait_for(lambda: sum(file.name.startswith("3 in") for file in tmp_path.iterdir()) == 2)
    (tmp_path / "go on").touch()
    result = finish(job)
    assert job.step == f"3 {AGAIN}"
    in_a_thread = JobQueue().start(partial(ThreadExecutor().execute, run), title="", owner="")
    assert result == finish(in_a_thread) == (0, 7, 14, 21, 28, 35)


def test_pieces_that_are_known_late_are_spread_too(start: Start, executor: RayExecutor) -> None:
    job = start(Stages(worker_runs.list_numbers, worker_runs.say_where_each))
    seen: list[Any] = []
    with job.listen(lambda: seen.append(job.partial)):
        places = finish(job)
    assert set(places) == set(executor.processes)
    assert all(one is None or isinstance(one, tuple) for one in seen)


def test_an_occlusion_map_is_made_of_parts(start: Start) -> None:
    model = load_model("lenet5")
    x = torch.rand(1, 1, 32, 32, generator=torch.Generator().manual_seed(1))
    options = OcclusionOptions(patch=8, stride=2)
    job = start(refine_map(model, x, options))
    steps: list[str] = []
    with job.listen(lambda: steps.append(job.step)):
        found = finish(job)
    assert any(re.fullmatch(r"part \d of \d|[1-9]\d? of 169 positions", one) for one in steps)
    wanted = compute_occlusion(model, x, options=options)
    torch.testing.assert_close(found.logits, wanted.logits, rtol=0, atol=0)


def test_a_sweep_is_refused_and_stopped_as_one_run(start: Start, tmp_path: Path) -> None:
    refused = start(compute_each(range(6), worker_runs.refuse_four, name="{}".format))
    wait(refused)
    assert refused.error == "There is no class 4."
    piece = partial(worker_runs.multiply_when_told, tmp_path)
    stopped = start(compute_each(range(6), piece, name="{}".format))
    wait_for(lambda: stopped.progress == 5 / 6)
    stopped.stop()
    wait(stopped)
    assert (stopped.state, stopped.partial) == (JobState.STOPPED, (0, 7, 14))
    assert len(finish(start(partial(worker_runs.count_up, 3)))) == 3

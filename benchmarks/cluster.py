"""Jobs a minute and the time of a sweep: in a thread, in the worker, on Ray with 1, 2, 4 actors.

`python -m benchmarks.cluster [SECONDS]` measures each place for so long, one after the other in one
run, on a Ray cluster that it begins on this machine (requirements-cluster.txt). What counts are the
ratios: more actors than cores gain nothing.
"""

import itertools
import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial

import torch

from benchmarks.waiting_job import grow_class, grow_whole
from cnnviz.feature_visualization.growth import Growth
from cnnviz.jobs import Job, JobQueue
from cnnviz.jobs.cluster.executor import RayExecutor
from cnnviz.jobs.cluster.settings import ClusterSettings
from cnnviz.jobs.heavy import Executor, Pieces, Run, ThreadExecutor, compute_each
from cnnviz.jobs.worker.process import ProcessExecutor
from cnnviz.labs.trained_networks import carry_trained_on, pass_trained_on

SECONDS = 8.0
_ACTORS = (1, 2, 4)
_VISITORS = 12
_STEPS, _PIECES = 12, 8
_BEGIN_SECONDS = 120.0
_WORKER_BYTES = 6 * 10**9
_STORE_BYTES = 200 * 2**20
_NUMBERS = itertools.count()  # of jobs; no two are the same


def make_sweep() -> Pieces[tuple[Growth, ...]]:
    """Make a sweep over classes."""
    return compute_each(range(_PIECES), partial(grow_whole, _STEPS), name="class {}".format)


def measure_rate(executor: Executor, seconds: float) -> float:
    """Return the jobs that are finished in a minute while many visitors wait."""
    queue, done = JobQueue(count_slots=executor.count_slots), 0
    end = (began := time.perf_counter()) + seconds
    waiting: list[Job[Growth]] = []
    while time.perf_counter() < end:
        over = [job for job in waiting if not job.is_active]
        done += len(over)
        waiting = [job for job in waiting if job.is_active]
        while len(waiting) < _VISITORS:
            number = next(_NUMBERS)
            run = partial(grow_class, number, _STEPS)
            waiting.append(
                queue.start(partial(executor.execute, run), title="Image", owner=str(number))
            )
        time.sleep(0.005)
    elapsed = time.perf_counter() - began
    queue.close(seconds=30)
    return 60 * done / elapsed


def measure_sweep(executor: Executor) -> float:
    """Return the seconds of a sweep."""
    began = time.perf_counter()
    _finish(executor, make_sweep())
    return time.perf_counter() - began


def _finish(executor: Executor, run: Run[object]) -> None:
    job: Job[object] = Job(partial(executor.execute, run), title="Sweep")
    job.run()
    if job.result is None:
        raise RuntimeError(job.error)


@contextmanager
def begin_worker() -> Iterator[ProcessExecutor]:
    """Begin the server's worker."""
    executor = ProcessExecutor(prepare=pass_trained_on, max_bytes=_WORKER_BYTES)
    executor.begin()
    end = time.monotonic() + _BEGIN_SECONDS
    while not executor.is_ready and time.monotonic() < end:
        time.sleep(0.1)
    yield executor
    executor.close()


@contextmanager
def begin_cluster() -> Iterator[str]:
    """Begin a Ray cluster of one node, and give its address."""
    os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
    from ray.cluster_utils import Cluster

    head = {"num_cpus": max(_ACTORS), "object_store_memory": _STORE_BYTES}
    cluster = Cluster(initialize_head=True, head_node_args={**head, "include_dashboard": False})
    yield cluster.address
    cluster.shutdown()


@contextmanager
def begin_actors(address: str, count: int) -> Iterator[RayExecutor]:
    """Begin so many actors."""
    executor = RayExecutor(ClusterSettings(address, count), prepare=carry_trained_on)
    executor.begin()
    end = time.monotonic() + _BEGIN_SECONDS
    while len(executor.processes) < count:
        if time.monotonic() > end:
            raise RuntimeError(f"{count} actors did not begin within {_BEGIN_SECONDS:.0f} s.")
        time.sleep(0.1)
    yield executor
    executor.close(seconds=30)


def measure_place(executor: Executor, seconds: float) -> tuple[float, float]:
    """Return jobs a minute and the seconds of a sweep, after a first one that loads networks."""
    _finish(executor, make_sweep())
    return measure_rate(executor, seconds), measure_sweep(executor)


def main() -> None:
    """Measure and print."""
    torch.set_num_threads(1)
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else SECONDS
    found = {"thread": measure_place(ThreadExecutor(), seconds)}
    with begin_worker() as worker:
        found["worker"] = measure_place(worker, seconds)
    with begin_cluster() as address:
        for count in _ACTORS:
            with begin_actors(address, count) as actors:
                found[f"Ray, {count} actors"] = measure_place(actors, seconds)
    rate, sweep = found["worker"]
    print(f"{os.cpu_count()} cores; ratios to the worker")
    for place, (own_rate, own_sweep) in found.items():
        print(
            f"{place:<16}{own_rate:6.1f} jobs a minute ({own_rate / rate:4.2f})   "
            f"sweep of {_PIECES}: {own_sweep:5.1f} s ({own_sweep / sweep:4.2f})",
            flush=True,
        )


if __name__ == "__main__":
    main()

"""Where the server computes heavy results: on a Ray cluster, or in a worker on its own machine."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from cnnviz.cache import forget_elsewhere_with
from cnnviz.device import read_device
from cnnviz.errors import ClusterError, WeightsError
from cnnviz.jobs.cluster.executor import RayExecutor
from cnnviz.jobs.cluster.settings import read_settings
from cnnviz.jobs.heavy import execute_with
from cnnviz.jobs.worker.process import ProcessExecutor
from cnnviz.labs.trained_networks import carry_trained_on, pass_trained_on
from cnnviz.networks.load import read_memory_limit

# What the worker may take for itself beside the networks.
_WORK_BYTES = 2 * 10**9
# What a graphics card's driver may take there too.
_DRIVER_BYTES = 4 * 10**9


@contextmanager
def compute_elsewhere() -> Iterator[ProcessExecutor | RayExecutor]:
    """Have other processes compute heavy results; they are begun a while after the first page."""
    executor = _make_executor()
    before = execute_with(executor)
    try:
        with forget_elsewhere_with(executor.forget):
            yield executor
    finally:
        executor.close()
        execute_with(before)


def _make_executor() -> ProcessExecutor | RayExecutor:
    """The Ray cluster that the environment names, else a worker on this machine."""
    try:
        settings = read_settings()
    except ClusterError as error:
        sys.stderr.write(f"{error} Heavy results are computed on this machine alone.\n")
        settings = None
    if settings is not None:
        return RayExecutor(settings, prepare=carry_trained_on)
    try:
        memory = read_memory_limit()
    except WeightsError:  # told with the networks that cannot be loaded
        memory = 0
    if read_device().type != "cpu":
        memory += _DRIVER_BYTES
    return ProcessExecutor(prepare=pass_trained_on, max_bytes=memory + _WORK_BYTES)

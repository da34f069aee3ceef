"""A process of the cluster that computes one run after the other; its way in and out is bytes."""

import importlib
import os
import threading
from collections.abc import Mapping

from cnnviz.jobs.packing import pack, unpack
from cnnviz.jobs.worker.computing import Computer, get_ready


class Actor:
    """Holds networks and computes runs.

    Args:
        environment: Variables that name the server's folders, for this process too.
    """

    def __init__(self, environment: Mapping[str, str]) -> None:
        os.environ.update(environment)
        get_ready()
        self._computer = Computer()
        threading.Thread(target=self._computer.compute_all, name="runs", daemon=True).start()

    def find_process(self) -> tuple[str, int]:
        """Return the machine and the process's number, as soon as it is ready."""
        ray = importlib.import_module("ray")
        return ray.get_runtime_context().get_node_id(), os.getpid()

    def take(self, request: bytes) -> None:
        """Follow a request."""
        self._computer.take(unpack(request))

    def receive(self) -> list[bytes]:
        """Wait for news of the run."""
        return [pack(answer) for answer in self._computer.receive()]

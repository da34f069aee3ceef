"""The actors of this server: as many as the cluster has room for, replaced as it changes."""

import importlib
import os
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from cnnviz.jobs.cluster.actor import Actor
from cnnviz.jobs.cluster.channel import ActorChannel
from cnnviz.jobs.cluster.settings import AUTO, RAY_VARIABLE, ClusterSettings
from cnnviz.jobs.worker.following import LOOK_SECONDS, LostError
from cnnviz.jobs.worker.messages import Forget

_ROOT = Path(__file__).parents[3]
_KEEP_SECONDS = 0.5  # from one look at the cluster to the next
_AGAIN_SECONDS = 30.0  # until a cluster that does not answer is tried again
_FORGET_SECONDS = 1.0
_THREADS = 4  # of an actor: one waits with its news, the others take requests
_STORE_BYTES = 200 * 2**20  # for results on their way, of a cluster that this server begins
# Its password is for the server alone.
_OWN_VARIABLES = {RAY_VARIABLE, "CNNVIZ_DATABASE_URL"}


class ActorPool:
    """Keeps actors, and lends them to one run at a time.

    Args:
        settings: Which cluster, and how many.
    """

    def __init__(self, settings: ClusterSettings) -> None:
        self._settings = settings
        self._changed = threading.Condition()
        self._channels: list[ActorChannel] = []
        self._free: list[ActorChannel] = []
        self._coming: dict[Any, Any] = {}  # handles of actors that begin, by what they answer first
        self._closing = threading.Event()
        self._keeper = threading.Thread(target=self._keep, name="cluster", daemon=True)
        self._ray: Any = None

    def begin(self) -> None:
        """Look for the cluster; return at once."""
        with self._changed:
            if self._keeper.ident is None and not self._closing.is_set():
                self._keeper.start()

    @property
    def channels(self) -> tuple[ActorChannel, ...]:
        """Those that are ready, free or lent."""
        return tuple(self._channels)

    @contextmanager
    def lend(self, check: Callable[[], None], *, avoid: str = "") -> Iterator[ActorChannel | None]:
        """Lend an actor as soon as one is free; none where there are none at all.

        Args:
            check: Raises an error where nobody waits any more.
            avoid: The machine to take another one than, where that is possible.
        """
        channel = self._take(check, avoid)
        try:
            yield channel
        except LostError:
            if channel is not None:
                channel.kill()
            raise
        finally:
            if channel is not None:
                self._give_back(channel)

    def _take(self, check: Callable[[], None], avoid: str) -> ActorChannel | None:
        while True:
            check()
            with self._changed:
                self._drop_lost()
                if self._free:
                    others = [one for one in self._free if one.node != avoid]
                    channel = (others or self._free)[0]
                    self._free.remove(channel)
                    return channel
                if not self._channels and not self._coming:
                    return None
                self._changed.wait(LOOK_SECONDS)

    def _give_back(self, channel: ActorChannel) -> None:
        with self._changed:
            if channel in self._channels:
                self._free.append(channel)
            self._drop_lost()
            self._changed.notify()

    def _drop_lost(self) -> None:
        for channel in [one for one in self._free if one.is_lost]:
            self._free.remove(channel)
            self._channels.remove(channel)

    def forget(self, part: str) -> None:
        """Let no actor keep anything whose key names this."""
        told = [one.ask(Forget(part)) for one in self.channels]
        if told:
            self._ray.wait(told, num_returns=len(told), timeout=_FORGET_SECONDS)

    def close(self, *, seconds: float) -> None:
        """Leave the cluster, and wait at most this long for it."""
        self._closing.set()
        if self._keeper.ident is not None:
            self._keeper.join(seconds)

    def _keep(self) -> None:
        """Find the cluster, and look after the actors until the end.

        A cluster that this thread begins ends with it.
        """
        while not self._closing.is_set():
            try:
                self._connect()
                while not self._closing.wait(_KEEP_SECONDS):
                    self._look()
            except Exception as error:  # noqa: BLE001  (whatever it is, the server goes on without)
                sys.stderr.write(
                    f"The Ray cluster of {RAY_VARIABLE}={self._settings.address} does not answer "
                    f"({_shorten(error)}). The server computes heavy results itself and tries "
                    f"again every {_AGAIN_SECONDS:.0f} seconds.\n"
                )
            self._leave()
            self._closing.wait(_AGAIN_SECONDS)

    def _connect(self) -> None:
        os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
        self._ray = ray = importlib.import_module("ray")
        quiet = {"log_to_driver": False, "logging_level": "ERROR"}
        if self._settings.address.startswith("ray://"):
            ray.init(self._settings.address, **quiet)  # its machines have a path of their own
            return
        here = {**quiet, "job_config": ray.job_config.JobConfig(_py_driver_sys_path=[str(_ROOT)])}
        if self._settings.address != AUTO:
            ray.init(self._settings.address, **here)
            return
        try:
            ray.init("auto", **here)
        except ConnectionError:
            ray.init("local", include_dashboard=False, object_store_memory=_STORE_BYTES, **here)

    def _leave(self) -> None:
        with self._changed:
            self._channels, self._free, self._coming = [], [], {}
            self._changed.notify_all()
        if self._ray is not None:
            with suppress(Exception):  # it is gone already
                self._ray.shutdown()

    def _look(self) -> None:
        """Take in the actors that are ready, and begin what is missing."""
        resources = self._ray.cluster_resources()
        gpus = int(resources.get("GPU", 0))
        count = gpus or int(resources.get("CPU", 0))
        wanted = min(count, self._settings.most_actors or count)
        coming = list(self._coming)
        for first in self._ray.wait(coming, timeout=0)[0] if coming else ():
            self._take_in(first)
        with self._changed:
            self._drop_lost()
            while len(self._channels) + len(self._coming) < wanted:
                self._begin_actor(on_gpu=gpus > 0)
            surplus = len(self._channels) + len(self._coming) - wanted
            for first in list(self._coming)[: max(0, surplus)]:
                self._ray.kill(self._coming.pop(first))

    def _begin_actor(self, *, on_gpu: bool) -> None:
        handle = (
            self._ray.remote(Actor)
            .options(
                num_cpus=0 if on_gpu else 1,
                num_gpus=1 if on_gpu else 0,
                max_concurrency=_THREADS,
                scheduling_strategy="SPREAD",
            )
            .remote(_find_environment())
        )
        self._coming[handle.find_process.remote()] = handle

    def _take_in(self, first: Any) -> None:
        handle = self._coming.pop(first)
        try:
            node, pid = self._ray.get(first)
        except self._ray.exceptions.RayError:
            return  # its machine went before it was ready; another one is begun
        with self._changed:
            channel = ActorChannel(self._ray, handle, node=node, pid=pid)
            self._channels.append(channel)
            self._free.append(channel)
            self._changed.notify()


def _find_environment() -> dict[str, str]:
    """The variables that name folders and limits."""
    return {
        name: value
        for name, value in os.environ.items()
        if name.startswith("CNNVIZ_") and name not in _OWN_VARIABLES
    }


def _shorten(error: Exception) -> str:
    lines = str(error).strip().splitlines() or [type(error).__name__]
    return lines[0].rstrip(".")

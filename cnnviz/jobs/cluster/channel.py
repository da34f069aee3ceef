"""The server's way to one actor."""

from collections import deque
from typing import Any

from cnnviz.jobs.packing import pack, unpack
from cnnviz.jobs.worker.following import LostError
from cnnviz.jobs.worker.messages import Answer, Request

_SEND_SECONDS = 10.0
_ENDED = "its process or its machine ended unexpectedly"


class ActorChannel:
    """The way to a process of the cluster that computes one run at a time.

    Args:
        ray: The module.
        handle: Of the actor.
        node: The machine that it is on.
        pid: Its process there.
    """

    def __init__(self, ray: Any, handle: Any, *, node: str, pid: int) -> None:
        self._ray, self._handle = ray, handle
        self.node, self.pid = node, pid
        self._answers: deque[Answer] = deque()
        # There is always a question open: it fails as soon as the process has ended.
        self._question = handle.receive.remote()
        self._is_killed = False

    @property
    def is_lost(self) -> bool:
        """Whether the process of a free actor has ended."""
        return self._is_killed or bool(self._ray.wait([self._question], timeout=0)[0])

    def ask(self, request: Request) -> Any:
        """Tell the process something without waiting; return what is done when it was taken."""
        return self._handle.take.remote(pack(request))

    def send(self, request: Request) -> None:
        """Tell the process something; see `cnnviz.jobs.worker.following.Channel`."""
        taken = self.ask(request)
        if not self._ray.wait([taken], timeout=_SEND_SECONDS)[0]:
            raise LostError(_ENDED)
        self._get(taken)

    def receive(self, seconds: float) -> Answer | None:
        """Return the next answer; see `cnnviz.jobs.worker.following.Channel`."""
        if not self._answers:
            if not self._ray.wait([self._question], timeout=seconds)[0]:
                return None
            self._answers.extend(unpack(answer) for answer in self._get(self._question))
            self._question = self._handle.receive.remote()
        return self._answers.popleft()

    def kill(self) -> None:
        """End the process at once."""
        self._is_killed = True
        self._ray.kill(self._handle)

    def _get(self, reference: Any) -> Any:
        try:
            return self._ray.get(reference)
        except (self._ray.exceptions.RayError, ConnectionError) as error:
            raise LostError(_ENDED) from error

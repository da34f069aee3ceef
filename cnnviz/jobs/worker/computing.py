"""What computes runs, in whatever process of whatever machine, one after the other."""

import gc
import os
import queue
import threading
import traceback
from contextlib import suppress
from pathlib import Path
from typing import Any, NoReturn

import torch

from cnnviz.cache import forget_everywhere, take_shared
from cnnviz.device import compute_on_named
from cnnviz.errors import CNNVizError
from cnnviz.jobs.heavy import follow_run
from cnnviz.jobs.packing import pack, unpack
from cnnviz.jobs.worker.messages import Answer, End, Order, Outcome, Part, Request, Stop
from cnnviz.networks.user_networks import load_own_networks

_NICENESS = 10
# Linux ends the process of the highest score when memory is short: better this one than the server.
_SCORE = "500"
_NO_ROOM = "The graphics card has too little memory for this; choose a smaller network."


class _StoppedError(Exception):
    """The run is to end without a result."""


class Computer:
    """Takes requests, computes, and holds the newest state of its run until somebody takes it."""

    def __init__(self) -> None:
        self._orders = queue.Queue[Order]()
        self._changed = threading.Condition()
        self._part: Part | None = None
        self._end: End | None = None
        self._is_stopping = False

    def take(self, request: Request) -> None:
        """Follow a request; a run is computed by `compute_all`."""
        if isinstance(request, Order):
            self._is_stopping = False
            self._orders.put(request)
        elif isinstance(request, Stop):
            self._is_stopping = True
        else:
            forget_everywhere(request.part)

    def receive(self) -> list[Answer]:
        """Wait for what has changed, and return it; what was not taken yet is replaced by newer."""
        with self._changed:
            while self._part is None and self._end is None:
                self._changed.wait()
            answers = [one for one in (self._part, self._end) if one is not None]
            self._part = self._end = None
        return answers

    def compute_all(self) -> NoReturn:
        """Compute what is ordered, as it comes."""
        while True:
            self._compute(self._orders.get())

    def report(self, progress: float, step: str, partial: Any = None) -> None:
        """Tell how far the run is; called by the run.

        Raises:
            _StoppedError: It was told to end.
        """
        # Packed at once: the run may go on to change it.
        result = None if partial is None else pack(partial)
        shared = tuple(pack(value) for value in take_shared())
        with self._changed:
            untaken = self._part
            if untaken is not None:
                result = untaken.result if result is None else result
                shared = untaken.shared + shared
            self._part = Part(progress, step, result, shared)
            self._changed.notify_all()
        if self._is_stopping:
            raise _StoppedError

    def _compute(self, order: Order) -> None:
        """Compute a run; however it goes is told."""
        try:
            unpack(order.prepare)()
            take_shared()  # what the run before left
            follow_run(unpack(order.run), self)
            end = End(Outcome.DONE)
        except _StoppedError:
            end = End(Outcome.STOPPED)
        except CNNVizError as error:
            end = End(Outcome.REFUSED, str(error))
        except torch.OutOfMemoryError:
            end = End(Outcome.REFUSED, _NO_ROOM)
        except Exception:  # noqa: BLE001  (the server tells it, and the next run may do better)
            end = End(Outcome.BROKEN, traceback.format_exc())
        with self._changed:
            self._end = end
            self._changed.notify_all()


def get_ready() -> None:
    """Give way to the server, find the device to compute on, and learn of its own networks."""
    if hasattr(os, "nice"):
        os.nice(max(0, _NICENESS - os.nice(0)))
    with suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text(_SCORE, encoding="ascii")
    torch.set_num_threads(1)
    compute_on_named()
    load_own_networks()
    gc.collect()
    gc.freeze()

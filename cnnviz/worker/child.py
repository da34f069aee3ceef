"""The worker's program: computes one run after the other, and ends when the server is gone.

It reads orders from its standard input and writes how far it is to its standard output; whatever
else would print there goes to the server's log.
"""

import gc
import os
import queue
import signal
import sys
import threading
import time
import traceback
from contextlib import suppress
from pathlib import Path
from typing import IO, Any

import torch

from cnnviz.cache import forget_everywhere, take_shared
from cnnviz.errors import CNNVizError
from cnnviz.heavy import follow_run
from cnnviz.networks.user_networks import load_own_networks
from cnnviz.packing import pack, unpack
from cnnviz.worker.frames import read_frame, write_frame
from cnnviz.worker.messages import Answer, End, Order, Outcome, Part, Ready, Request, Stop

_NICENESS = 10
# What changes within this time is told together.
_PAUSE_SECONDS = 0.02
# Linux ends the process of the highest score when memory is short: better this one than the server.
_SCORE = "500"


class _StoppedError(Exception):
    """The run is to end without a result."""


class _Reporter:
    """Sends the newest state of a run; one that is not sent yet is replaced by the next.

    Args:
        stream: Where the server reads.
    """

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream
        self._changed = threading.Condition()
        self._part: Part | None = None
        self._end: End | None = None
        self.is_stopping = False
        threading.Thread(target=self._send_all, name="reports", daemon=True).start()

    def report(self, progress: float, step: str, partial: Any = None) -> None:
        """Tell how far the run is.

        Raises:
            _StoppedError: It was told to end.
        """
        # Packed at once: the run may go on to change it.
        result = None if partial is None else pack(partial)
        shared = tuple(pack(value) for value in take_shared())
        with self._changed:
            unsent = self._part
            if unsent is not None:
                result = unsent.result if result is None else result
                shared = unsent.shared + shared
            self._part = Part(progress, step, result, shared)
            self._changed.notify()
        if self.is_stopping:
            raise _StoppedError

    def end(self, outcome: Outcome, text: str = "") -> None:
        """Tell how the run ended, after all else."""
        with self._changed:
            self._end = End(outcome, text)
            self._changed.notify()

    def _send_all(self) -> None:
        while True:
            with self._changed:
                while self._part is None and self._end is None:
                    self._changed.wait()
                answers = [one for one in (self._part, self._end) if one is not None]
                self._part = self._end = None
            for answer in answers:
                self._send(answer)
            time.sleep(_PAUSE_SECONDS)

    def _send(self, answer: Answer) -> None:
        with suppress(OSError):  # the server is gone; whoever reads from it ends the process
            write_frame(self._stream, pack(answer))


def main() -> None:
    """Answer the server's orders."""
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    # Ctrl-C reaches all processes of a terminal; the server's end is what counts.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _give_way()
    torch.set_num_threads(1)
    load_own_networks()
    gc.collect()
    gc.freeze()
    with suppress(OSError):  # the server is gone already
        write_frame(answers, pack(Ready()))
    reporter, orders = _Reporter(answers), queue.Queue[Order]()
    threading.Thread(target=_listen, args=(reporter, orders), name="requests", daemon=True).start()
    while True:
        _answer(orders.get(), reporter)


def _listen(reporter: _Reporter, orders: "queue.Queue[Order]") -> None:
    """Take the server's requests as they come, and end with it."""
    while (data := read_frame(sys.stdin.buffer)) is not None:
        request: Request = unpack(data)
        if isinstance(request, Order):
            reporter.is_stopping = False
            orders.put(request)
        elif isinstance(request, Stop):
            reporter.is_stopping = True
        else:
            forget_everywhere(request.part)
    os._exit(0)


def _answer(order: Order, reporter: _Reporter) -> None:
    """Compute a run; however it goes is told."""
    try:
        unpack(order.prepare)()
        take_shared()  # what the run before left
        follow_run(unpack(order.run), reporter)
        reporter.end(Outcome.DONE)
    except _StoppedError:
        reporter.end(Outcome.STOPPED)
    except CNNVizError as error:
        reporter.end(Outcome.REFUSED, str(error))
    except Exception:  # noqa: BLE001  (the server tells it, and the next run may do better)
        reporter.end(Outcome.BROKEN, traceback.format_exc())


def _give_way() -> None:
    """Let the server go first, and let this process end first when memory is short."""
    if hasattr(os, "nice"):
        os.nice(max(0, _NICENESS - os.nice(0)))
    with suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text(_SCORE, encoding="ascii")


if __name__ == "__main__":
    main()

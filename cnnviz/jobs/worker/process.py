"""The server's side of its worker: one process, begun when it is needed and replaced when it ends.

Only one run is in it at a time, so that to end the process ends nothing else.
"""

import contextlib
import os
import queue
import subprocess
import sys
import threading
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from cnnviz.errors import JobError
from cnnviz.jobs import Job
from cnnviz.jobs.heavy import Run, ThreadExecutor
from cnnviz.jobs.packing import pack, unpack
from cnnviz.jobs.worker.following import LOOK_SECONDS, LostError, follow_order, try_twice
from cnnviz.jobs.worker.frames import read_frame, write_frame
from cnnviz.jobs.worker.messages import Answer, Forget, Order, Ready, Request

R = TypeVar("R")

_ROOT = Path(__file__).parents[3]
_ENDED = "its process ended unexpectedly"


class ProcessExecutor:
    """Computes runs in one other process.

    Until it has begun for the first time, runs are computed here: the first visitor does not wait
    for its imports.

    Args:
        prepare: Returns what the worker calls before a run, such as to learn of new networks.
        max_bytes: The most memory that the process may take for itself.
    """

    def __init__(self, *, prepare: Callable[[], Callable[[], None]], max_bytes: int) -> None:
        self._prepare, self._max_bytes = prepare, max_bytes
        self._lock = threading.Lock()
        self._worker: _Worker | None = None
        self._was_ready = self._is_closed = False

    def begin(self) -> None:
        """Begin the process, unless there is one; return at once."""
        with self._lock:
            if not self._is_closed:
                self._find()

    def _find(self) -> "_Worker":
        if self._is_closed:
            raise JobError("The server is about to end.")
        if self._worker is not None and not self._worker.is_alive:
            self._worker.kill()  # what is left of it
            self._worker = None
        if self._worker is None:
            self._worker = _Worker(max_bytes=self._max_bytes)
        return self._worker

    @property
    def pid(self) -> int | None:
        """The process's number; None where there is none."""
        return None if self._worker is None else self._worker.pid

    @property
    def is_ready(self) -> bool:
        """Whether the process has come to its first run, or one before it has."""
        with self._lock:
            self._was_ready |= self._worker is not None and self._worker.is_ready
            return self._was_ready

    def count_slots(self) -> int:
        """Say how many runs it takes at once."""
        return 1

    def execute(self, run: Run[R], job: Job[R]) -> R:
        """Compute a run, tell its job how far it is, and return the last result.

        Raises:
            JobError: It was refused, or two processes ended in the middle of it. Another error
                ends a run that was stopped.
            RuntimeError: It broke.
        """
        if not self.is_ready:
            try:
                return ThreadExecutor().execute(run, job)
            finally:
                self.begin()
        order = Order(pack(run), pack(self._prepare()))
        result: R = try_twice(partial(self._try, order, job), job, title=job.title)
        return result

    def _try(self, order: Order, job: Job[R], note: str) -> Any:
        """Compute a run in the process that there is.

        Raises:
            LostError: It ended; another one is begun.
        """
        with self._lock:
            worker = self._find()
        try:
            return follow_order(worker, order, job, note=note)
        except LostError:
            worker.kill()
            raise
        finally:
            if not worker.is_alive or worker.has_grown:
                self._replace(worker)

    def _replace(self, worker: "_Worker") -> None:
        worker.kill()
        self.begin()

    def forget(self, part: str) -> None:
        """Let the process keep nothing whose key names this, such as an image's digest."""
        worker = self._worker
        if worker is not None and worker.is_alive:
            with contextlib.suppress(LostError):
                worker.send(Forget(part))

    def close(self) -> None:
        """End the process, and begin no other."""
        with self._lock:
            self._is_closed = True
            worker = self._worker
        if worker is not None:
            worker.kill()


class _Worker:
    """A process that computes runs.

    Args:
        max_bytes: The most memory that it may take for itself.
    """

    def __init__(self, *, max_bytes: int) -> None:
        self._max_bytes = max_bytes
        # Our own program; nothing that a visitor wrote is in the command.
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-m", "cnnviz.jobs.worker.child"],
            env={**os.environ, "OMP_NUM_THREADS": "1", "PYTHONPATH": _find_path()},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        self.pid = self._process.pid
        # One at a time: while nobody takes an answer, the process keeps only its newest.
        self._answers: queue.Queue[Answer | None] = queue.Queue(maxsize=1)
        self._writing, self._ready = threading.Lock(), threading.Event()
        self._reader = threading.Thread(target=self._read, name="worker", daemon=True)
        self._reader.start()

    @property
    def is_alive(self) -> bool:
        """Whether the process runs."""
        return self._process.poll() is None

    @property
    def is_ready(self) -> bool:
        """Whether it waits for runs, or has done so."""
        return self._ready.is_set()

    def send(self, request: Request) -> None:
        """Tell the process something.

        Raises:
            LostError: It has ended.
        """
        stream = self._process.stdin
        try:
            with self._writing:
                if stream is not None:
                    write_frame(stream, pack(request))
        except (OSError, ValueError) as error:
            raise LostError(_ENDED) from error

    def receive(self, seconds: float) -> Answer | None:
        """Return the next answer; None where there was none for so long.

        Raises:
            LostError: The process has ended, or grown too large.
        """
        if self.has_grown:
            raise LostError(f"it needed more than {self._max_bytes / 1e9:.1f} GB of memory")
        try:
            answer = self._answers.get(timeout=seconds)
        except queue.Empty:
            if self._reader.is_alive():
                return None
            answer = None  # whoever ended the process has taken the last one
        if answer is None:
            raise LostError(_ENDED)
        return answer

    def _read(self) -> None:
        stream = self._process.stdout
        while stream is not None and (data := read_frame(stream)) is not None:
            answer: Answer | Ready = unpack(data)
            if isinstance(answer, Ready):
                self._ready.set()
            else:
                self._answers.put(answer)
        self._answers.put(None)

    @property
    def has_grown(self) -> bool:
        """Whether the process has too much memory for itself; no where the system does not say."""
        try:
            text = Path(f"/proc/{self.pid}/status").read_text(encoding="ascii", errors="replace")
        except OSError:
            return False
        rows = [row.split() for row in text.splitlines() if row.startswith("RssAnon:")]
        return bool(rows) and int(rows[0][1]) * 1024 > self._max_bytes

    def kill(self) -> None:
        """End the process at once."""
        self._process.kill()
        self._process.wait()
        while self._reader.is_alive():  # it may wait for room
            with contextlib.suppress(queue.Empty):
                self._answers.get(timeout=LOOK_SECONDS)
        for stream in (self._process.stdin, self._process.stdout):
            if stream is not None:
                with contextlib.suppress(OSError):  # what was not sent any more
                    stream.close()


def _find_path() -> str:
    """Where the process finds this program, wherever the server was started.

    Not the server's own `sys.path`: while a page runs, the folder of the pages comes first there,
    and one of them is named as a module of Python's.
    """
    return os.pathsep.join(filter(None, [str(_ROOT), os.environ.get("PYTHONPATH")]))

"""The server's side of its worker: one process, begun when it is needed and replaced when it ends.

Only one run is in it at a time, so that to end the process ends nothing else.
"""

import contextlib
import os
import queue
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from cnnviz.cache import put_shared
from cnnviz.errors import JobError
from cnnviz.heavy import Run, ThreadExecutor
from cnnviz.jobs import Job
from cnnviz.packing import pack, unpack
from cnnviz.worker.frames import read_frame, write_frame
from cnnviz.worker.messages import Answer, End, Forget, Order, Outcome, Part, Ready, Request, Stop

R = TypeVar("R")

_ROOT = Path(__file__).parent.parent.parent
_BEGIN_SECONDS = 15.0  # after the first page, whose browser still loads scripts
_LOOK_SECONDS = 0.1  # from one look at a job that was stopped, or grew, to the next
_STOP_SECONDS = 2.0  # that a run has to come to its next step
_ENDED = "its process ended unexpectedly"


class _LostError(Exception):
    """The process ended in the middle of a run; the message says why, for people."""


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
        self._timer: threading.Timer | None = None
        self._was_ready = self._is_closed = False

    def start(self) -> None:
        """Begin the process in a while, unless somebody needs it sooner; return at once."""
        with self._lock:
            if self._timer is None and not self._is_closed:
                self._timer = threading.Timer(_BEGIN_SECONDS, self.begin)
                self._timer.daemon = True
                self._timer.start()

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
            self._worker = _Worker()
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
        try:
            return self._try(order, job)
        except _LostError as error:
            note = f" (second try: {error})"
        job.report(0.0, f"starting{note}")
        try:
            return self._try(order, job, note)
        except _LostError as error:
            raise JobError(
                f"{job.title} was tried twice: {error}. Choose fewer steps, a coarser grid or a "
                "smaller network."
            ) from error

    def _try(self, order: Order, job: Job[R], note: str = "") -> R:
        """Compute a run in the process that there is.

        Raises:
            _LostError: It ended; another one is begun.
        """
        with self._lock:
            worker = self._find()
        try:
            return self._follow(worker, order, job, note)
        except _LostError:
            self._replace(worker)
            raise

    def _follow(self, worker: "_Worker", order: Order, job: Job[R], note: str) -> R:
        """Have a process compute a run, and leave it free for the next one."""
        last: R | None = None
        worker.send(order)
        try:
            while not isinstance(answer := worker.receive(_LOOK_SECONDS), End):
                self._check_memory(worker)
                if answer is None:
                    job.check()
                    continue
                result = _take(answer)
                last = last if result is None else result
                job.report(answer.share, answer.step + note, result)
        except _LostError:
            raise
        except BaseException:  # the job ends here: it was stopped, or took too long
            self._end_run(worker)
            raise
        self._check_growth(worker)
        return _find_result(answer, last)

    def _end_run(self, worker: "_Worker") -> None:
        """Let the run come to its next step, and end its process where that takes too long."""
        end = time.monotonic() + _STOP_SECONDS
        try:
            worker.send(Stop())
            while time.monotonic() < end:
                answer = worker.receive(_LOOK_SECONDS)
                if isinstance(answer, Part):
                    _take(answer)
                if isinstance(answer, End):
                    return
        except _LostError:
            pass
        self._replace(worker)

    def _check_memory(self, worker: "_Worker") -> None:
        """Raise an error where the process has grown too large."""
        if worker.read_bytes() > self._max_bytes:
            raise _LostError(f"it needed more than {self._max_bytes / 1e9:.1f} GB of memory")

    def _check_growth(self, worker: "_Worker") -> None:
        """After a run, replace a process that keeps too much of it."""
        if worker.read_bytes() > self._max_bytes:
            self._replace(worker)

    def _replace(self, worker: "_Worker") -> None:
        worker.kill()
        self.begin()

    def forget(self, part: str) -> None:
        """Let the process keep nothing whose key names this, such as an image's digest."""
        worker = self._worker
        if worker is not None and worker.is_alive:
            with contextlib.suppress(_LostError):
                worker.send(Forget(part))

    def close(self) -> None:
        """End the process, and begin no other."""
        with self._lock:
            self._is_closed = True
            worker, timer = self._worker, self._timer
        if timer is not None:
            timer.cancel()
        if worker is not None:
            worker.kill()


class _Worker:
    """A process that computes runs."""

    def __init__(self) -> None:
        # Our own program; nothing that a visitor wrote is in the command.
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-m", "cnnviz.worker.child"],
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
            _LostError: It has ended.
        """
        stream = self._process.stdin
        try:
            with self._writing:
                if stream is not None:
                    write_frame(stream, pack(request))
        except (OSError, ValueError) as error:
            raise _LostError(_ENDED) from error

    def receive(self, seconds: float) -> Answer | None:
        """Return the next answer; None where there was none for so long.

        Raises:
            _LostError: The process has ended.
        """
        try:
            answer = self._answers.get(timeout=seconds)
        except queue.Empty:
            if self._reader.is_alive():
                return None
            answer = None  # whoever ended the process has taken the last one
        if answer is None:
            raise _LostError(_ENDED)
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

    def read_bytes(self) -> int:
        """Return the memory that the process has for itself; 0 where the system does not say."""
        try:
            text = Path(f"/proc/{self.pid}/status").read_text(encoding="ascii", errors="replace")
        except OSError:
            return 0
        rows = [row.split() for row in text.splitlines() if row.startswith("RssAnon:")]
        return int(rows[0][1]) * 1024 if rows else 0

    def kill(self) -> None:
        """End the process at once."""
        self._process.kill()
        self._process.wait()
        while self._reader.is_alive():  # it may wait for room
            with contextlib.suppress(queue.Empty):
                self._answers.get(timeout=_LOOK_SECONDS)
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


def _take(part: Part) -> Any:
    """Keep what is for the server's caches, and return the result; None where there is none."""
    put_shared([unpack(value) for value in part.shared])
    return None if part.result is None else unpack(part.result)


def _find_result(end: End, last: R | None) -> R:
    """Return the last result of a run that ended so.

    Raises:
        JobError: It was refused.
        RuntimeError: It broke.
    """
    if end.outcome is Outcome.REFUSED:
        raise JobError(end.text)
    if last is None or end.outcome is not Outcome.DONE:
        raise RuntimeError(f"The run in the worker ended: {end.outcome}.\n{end.text}")
    return last

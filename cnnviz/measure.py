"""What a network really takes on this machine: time and memory, measured in a bounded process.

One measurement runs at a time in the whole server, the others wait in a line. Each has a process
of its own with a limit of memory and time, which also keeps this process's interpreter free for
other visitors. Results are kept by machine, network and input size.

The times are of one image, float32, in evaluation mode, weights random: the median of five to
thirty runs after one that is not counted.
"""

import json
import os
import platform
import subprocess
import sys
import threading
from collections import OrderedDict, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from cnnviz.errors import MeasureError
from cnnviz.jobs import JobState
from cnnviz.zoo.architectures import get_architecture

_ROOT = Path(__file__).parent.parent
_KEPT = 512
_LINE = 8
_MOST_MEMORY = 6 * 2**30


@dataclass(frozen=True, slots=True, eq=False)
class Measurement:
    """A network at one input size, as measured.

    Attributes:
        network: Name of the architecture.
        size: Height and width of the input.
        machine: Processor, its cores and the system.
        threads: Threads that computed.
        runs: Forward passes behind the median.
        forward_ms: Milliseconds of a forward pass without gradients.
        training_ms: Milliseconds of a forward and backward pass; None where it could not be run.
        peak_bytes: Most bytes held at once in a forward pass beyond weights and input.
        training_peak_bytes: The same of a forward and backward pass, gradients of the weights
            included; None where it could not be run.
        training_error: Why there is no backward pass; empty where there is.
        layer_ms: Milliseconds of each operation of the forward pass, by its name in the graph.
    """

    network: str
    size: int
    machine: str
    threads: int
    runs: int
    forward_ms: float
    training_ms: float | None
    peak_bytes: int
    training_peak_bytes: int | None
    training_error: str
    layer_ms: dict[str, float]


@dataclass(frozen=True, slots=True)
class Limits:
    """What a measurement may take.

    Attributes:
        seconds: From its start to its end.
        memory_bytes: Of its process; half of the machine's, at most 6 GB, unless given.
        threads: That compute.
    """

    seconds: float = 120.0
    memory_bytes: int = field(default_factory=lambda: min(_MOST_MEMORY, _find_memory() // 2))
    threads: int = 1


def _find_memory() -> int:
    """Bytes of this machine's memory; where the system does not tell, enough for the most."""
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, ValueError, OSError):
        return 2 * _MOST_MEMORY


class MeasureJob:
    """One measurement on its way; several visitors may follow the same.

    Attributes:
        network: Name of the architecture.
        size: Height and width of the input.
        state: How far it is.
        progress: From 0 to 1.
        step: What is being done, in a few words.
        measurement: The result; None until it is done.
        error: One sentence on why there is none; empty unless it failed.
    """

    def __init__(self, network: str, size: int) -> None:
        self.network, self.size = network, size
        self.state = JobState.WAITING
        self.progress, self.step = 0.0, "waiting for another measurement to end"
        self.measurement: Measurement | None = None
        self.error = ""
        self._finished = threading.Event()
        self._process: subprocess.Popen[str] | None = None

    @property
    def is_active(self) -> bool:
        """Whether it waits or runs."""
        return self.state in (JobState.WAITING, JobState.RUNNING)

    def wait(self, seconds: float | None = None) -> bool:
        """Wait until it has ended, at most this long, and return whether it has."""
        return self._finished.wait(seconds)

    def stop(self) -> None:
        """End it, whether it waits or runs; a measurement that has ended stays as it is."""
        if self.is_active:
            self._end(JobState.STOPPED)
        if self._process is not None:
            self._process.kill()

    def run(self, limits: Limits, keep: Callable[[Measurement], None]) -> None:
        """Measure in a process of its own, and note how it goes.

        Args:
            limits: What it may take.
            keep: Called with the result before the job is done.
        """
        if not self.is_active:
            return
        self.state, self.step = JobState.RUNNING, "starting"
        process = _start_child(self.network, self.size, limits)
        self._process = process
        if not self.is_active:  # stopped just now
            process.kill()
        alarm = threading.Timer(limits.seconds, self._run_out, args=(limits,))
        alarm.start()
        try:
            for line in process.stdout or ():
                if line.startswith("{"):
                    self._take(json.loads(line), limits, keep)
        finally:
            alarm.cancel()
            process.kill()
            process.communicate()
        if self.is_active:
            self._end(
                JobState.FAILED,
                f"The measurement of {self.network} at {self.size}×{self.size} ended without a "
                "result, most likely for want of memory; choose a smaller input or network.",
            )

    def _run_out(self, limits: Limits) -> None:
        if self.is_active:
            self._end(
                JobState.FAILED,
                f"{self.network} at {self.size}×{self.size} was not measured within "
                f"{limits.seconds:.0f} seconds; choose a smaller input or network.",
            )
        if self._process is not None:
            self._process.kill()

    def _take(
        self, message: dict[str, Any], limits: Limits, keep: Callable[[Measurement], None]
    ) -> None:
        if not self.is_active:
            return
        if "progress" in message:
            self.progress, self.step = message["progress"], message["step"]
        elif "error" in message:
            self._end(JobState.FAILED, message["error"])
        else:
            self.measurement = Measurement(
                network=self.network,
                size=self.size,
                machine=describe_machine(),
                threads=limits.threads,
                **message["result"],
            )
            keep(self.measurement)
            self._end(JobState.DONE)

    def _end(self, state: JobState, error: str = "") -> None:
        self.error, self.state = error, state
        self._finished.set()


def _start_child(network: str, size: int, limits: Limits) -> subprocess.Popen[str]:
    request = {
        "network": network,
        "size": size,
        "threads": limits.threads,
        "memory_bytes": limits.memory_bytes,
    }
    # Our own program; nothing that a visitor wrote is in the command.
    process = subprocess.Popen(
        [sys.executable, "-m", "cnnviz.measure_child"],
        cwd=_ROOT,
        env={**os.environ, "OMP_NUM_THREADS": str(limits.threads)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        encoding="utf-8",
    )
    if process.stdin is not None:
        process.stdin.write(json.dumps(request) + "\n")
        process.stdin.flush()
    return process


class MeasureQueue:
    """Measures networks one at a time, and keeps what was measured."""

    def __init__(self, limits: Limits = Limits()) -> None:
        self._limits = limits
        self._line: deque[MeasureJob] = deque()
        self._kept: OrderedDict[tuple[str, str, int], Measurement] = OrderedDict()
        self._lock = threading.Lock()
        self._worker: threading.Thread | None = None

    def find(self, network: str, *, size: int) -> Measurement | None:
        """Return what was measured on this machine; None if it was not."""
        with self._lock:
            return self._kept.get((describe_machine(), network, size))

    def start(self, network: str, *, size: int) -> MeasureJob:
        """Put a measurement in line and return at once.

        A network that is measured already is not measured again; one that is in line is joined.

        Args:
            network: Name of the architecture.
            size: Height and width of the input, 1 or more.

        Raises:
            NetworkError: There is no such architecture.
            MeasureError: The line is full.
        """
        get_architecture(network)
        found = self.find(network, size=size)
        job = MeasureJob(network, size)
        if found is not None:
            job.measurement = found
            job._end(JobState.DONE)
            return job
        with self._lock:
            for other in self._line:
                if (other.network, other.size) == (network, size) and other.is_active:
                    return other
            if len(self._line) > _LINE:
                raise MeasureError(
                    f"{_LINE} measurements are waiting already; try again when some have ended."
                )
            self._line.append(job)
            if self._worker is None:
                self._worker = threading.Thread(target=self._work, name="measure", daemon=True)
                self._worker.start()
        return job

    def _work(self) -> None:
        """Run what is in line, and end when nothing is."""
        while True:
            with self._lock:
                while self._line and not self._line[0].is_active:
                    self._line.popleft()
                if not self._line:
                    self._worker = None
                    return
                job = self._line[0]
            try:
                job.run(self._limits, self._keep)
            except OSError as error:
                job._end(
                    JobState.FAILED,
                    f"The measuring process could not be started ({error.strerror}); "
                    "close other programs and try again.",
                )

    def _keep(self, measurement: Measurement) -> None:
        with self._lock:
            key = (measurement.machine, measurement.network, measurement.size)
            self._kept[key] = measurement
            while len(self._kept) > _KEPT:
                self._kept.popitem(last=False)


@cache
def describe_machine() -> str:
    """Name this machine's processor, its cores and the system, such as "Xeon, 2 cores, Linux"."""
    name = platform.processor() or platform.machine()
    information = Path("/proc/cpuinfo")
    if information.exists():
        for line in information.read_text(encoding="utf-8", errors="replace").splitlines():
            if line.startswith("model name"):
                name = line.partition(":")[2].strip()
                break
    cores = os.cpu_count() or 1
    return f"{name}, {cores} {'core' if cores == 1 else 'cores'}, {platform.system()}"


_QUEUE = MeasureQueue()


def start_measuring(network: str, *, size: int) -> MeasureJob:
    """Put a network in the server's one line of measurements; see `MeasureQueue.start`.

    Raises:
        NetworkError: There is no such architecture.
        MeasureError: The line is full.
    """
    return _QUEUE.start(network, size=size)


def find_measurement(network: str, *, size: int) -> Measurement | None:
    """Return what was measured of a network on this machine; None if it was not."""
    return _QUEUE.find(network, size=size)


def measure_network(
    network: str, *, size: int, on_progress: Callable[[float, str], None] | None = None
) -> Measurement:
    """Measure a network, or return what was measured of it before.

    Args:
        network: Name of the architecture.
        size: Height and width of the input.
        on_progress: Called about twice a second with the share done, 0 to 1, and what is done.

    Raises:
        NetworkError: There is no such architecture.
        MeasureError: It takes too much time or memory, the input does not fit the network, it was
            stopped, or the line is full.
    """
    job = start_measuring(network, size=size)
    while not job.wait(0.5):
        if on_progress is not None:
            on_progress(job.progress, job.step)
    if job.measurement is None:
        raise MeasureError(
            job.error or f"The measurement of {network} was stopped; start it again."
        )
    return job.measurement

"""What a network really takes on this machine: time and memory, measured in a bounded process.

Each measurement has a process of its own with a limit of memory and time, which also keeps this
process's interpreter free for other visitors; that only one runs at a time is for the caller to
see to, with the server's line of jobs. Results are kept by network and input size until the
server ends.

The times are of one image, float32, in evaluation mode, weights random: the median of five to
thirty runs after one that is not counted.
"""

import json
import os
import platform
import queue
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from cnnviz.cache import SizedLRUCache, estimate_bytes
from cnnviz.errors import MeasureError
from cnnviz.networks.zoo.architectures import get_architecture

_ROOT = Path(__file__).parents[2]
_KEPT = 512
_PATIENCE = 0.3  # seconds from one look at the child to the next
_MAX_MEMORY = 6 * 2**30


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
    memory_bytes: int = field(default_factory=lambda: min(_MAX_MEMORY, _find_memory() // 2))
    threads: int = 1


def _find_memory() -> int:
    """Bytes of this machine's memory; where the system does not tell, enough for the most."""
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, ValueError, OSError):
        return 2 * _MAX_MEMORY


_MEASURED: SizedLRUCache[tuple[str, int], Measurement] = SizedLRUCache(
    max_entries=_KEPT, shared="measurements"
)


def find_measurement(network: str, *, size: int) -> Measurement | None:
    """Return what was measured of a network on this machine; None if it was not."""
    return _MEASURED.get((network, size))


def measure_network(
    network: str,
    *,
    size: int,
    report: Callable[[float, str], None] = lambda _progress, _step: None,
    limits: Limits | None = None,
) -> Measurement:
    """Measure a network, or return what was measured of it before.

    Args:
        network: Name of the architecture.
        size: Height and width of the input.
        report: Called several times a second with the share done, 0 to 1, and what is done; what
            it raises ends the measurement.
        limits: What it may take.

    Raises:
        NetworkError: There is no such architecture.
        MeasureError: It takes too much time or memory, or the input does not fit the network.
    """
    with closing(measure_in_steps(network, size=size, limits=limits)) as steps:
        while True:
            try:
                report(*next(steps))
            except StopIteration as end:
                measurement: Measurement = end.value
                return measurement


def measure_in_steps(
    network: str, *, size: int, limits: Limits | None = None
) -> Generator[tuple[float, str], None, Measurement]:
    """Measure a network like `measure_network`, and yield how far that is; closing it ends it.

    Yields:
        The share done, 0 to 1, and what is done, several times a second.

    Raises:
        NetworkError: There is no such architecture.
        MeasureError: It takes too much time or memory, or the input does not fit the network.
    """
    get_architecture(network)
    found = find_measurement(network, size=size)
    if found is not None:
        return found
    limits = limits or Limits()
    with _run_child(network, size, limits) as messages:
        result = yield from _follow(messages, f"{network} at {size}×{size}", limits)
    measurement = Measurement(
        network=network, size=size, machine=describe_machine(), threads=limits.threads, **result
    )
    _MEASURED.put((network, size), measurement, size=estimate_bytes(measurement))
    return measurement


def measure_all(
    wanted: Sequence[tuple[str, int]],
) -> Iterator[tuple[float, str, dict[tuple[str, int], Measurement]]]:
    """Measure one network after the other, in a process of its own each.

    Args:
        wanted: Architectures with the height and width of their input.

    Yields:
        The share done, what is being done, and what was measured so far.
    """
    found: dict[tuple[str, int], Measurement] = {}
    for done, (name, size) in enumerate(wanted):
        steps = measure_in_steps(name, size=size)
        while True:
            try:
                share, step = next(steps)
            except StopIteration as end:
                found[name, size] = end.value
                break
            yield (done + share) / len(wanted), step, dict(found)
    yield 1.0, "done", found


def _follow(
    messages: "queue.Queue[str | None]", name: str, limits: Limits
) -> Generator[tuple[float, str], None, dict[str, Any]]:
    """Pass on how far the child is, until it sends its result."""
    deadline = time.monotonic() + limits.seconds
    progress, step = 0.0, "starting"
    while True:
        yield progress, step
        if time.monotonic() > deadline:
            raise MeasureError(
                f"{name} was not measured within {limits.seconds:.0f} seconds; choose a smaller "
                "input or network."
            )
        try:
            line = messages.get(timeout=_PATIENCE)
        except queue.Empty:
            continue
        if line is None:
            raise MeasureError(
                f"The measurement of {name} ended without a result, most likely for want of "
                "memory; choose a smaller input or network."
            )
        message: dict[str, Any] = json.loads(line)
        if "error" in message:
            raise MeasureError(message["error"])
        if "result" in message:
            result: dict[str, Any] = message["result"]
            return result
        progress, step = message["progress"], message["step"]


@contextmanager
def _run_child(network: str, size: int, limits: Limits) -> "Iterator[queue.Queue[str | None]]":
    """Start the measuring process, give its messages, None after the last, and end it."""
    try:
        process = _start_child(network, size, limits)
    except OSError as error:
        raise MeasureError(
            f"The measuring process could not be started ({error.strerror}); close other programs "
            "and try again."
        ) from error
    messages: queue.Queue[str | None] = queue.Queue()
    reader = threading.Thread(target=_read_lines, args=(process, messages), daemon=True)
    reader.start()
    try:
        yield messages
    finally:
        process.kill()
        reader.join()
        process.communicate()


def _read_lines(process: subprocess.Popen[str], messages: "queue.Queue[str | None]") -> None:
    for line in process.stdout or ():
        if line.startswith("{"):
            messages.put(line)
    messages.put(None)


def _start_child(network: str, size: int, limits: Limits) -> subprocess.Popen[str]:
    request = {
        "network": network,
        "size": size,
        "threads": limits.threads,
        "memory_bytes": limits.memory_bytes,
    }
    # Our own program; nothing that a visitor wrote is in the command.
    process = subprocess.Popen(
        [sys.executable, "-m", "cnnviz.costs.measure_child"],
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

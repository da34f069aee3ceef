"""The program that measures one network, in a process of its own: `cnnviz.costs.measure` starts it.

It reads one line of JSON, the request, and writes one line for each step: {"progress", "step"},
and at the end {"result"} or {"error"}. When its input is closed, it ends: whoever asked is gone.
"""

import json
import os
import statistics
import sys
import threading
import time
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, fx, nn
from torch.profiler import ProfilerActivity, profile

from cnnviz.costs.table import compute_costs
from cnnviz.errors import CNNVizError
from cnnviz.networks.graph.trace import trace_module
from cnnviz.networks.zoo.architectures import get_architecture

_MIN_RUNS, _MAX_RUNS, _SECONDS = 5, 30, 3.0
_NICENESS = 10


def main() -> None:
    """Answer one request."""
    request = json.loads(sys.stdin.readline())
    threading.Thread(target=_end_with_input, daemon=True).start()
    try:
        _limit(request["memory_bytes"])
        _say(result=_measure(request["network"], size=request["size"], threads=request["threads"]))
    except CNNVizError as error:
        _say(error=str(error))
    except (RuntimeError, MemoryError) as error:
        _say(error=_explain(error, request))


def _end_with_input() -> None:
    sys.stdin.read()
    os._exit(1)


def _say(**message: Any) -> None:
    sys.stdout.write(json.dumps(message) + "\n")
    sys.stdout.flush()


def _limit(memory_bytes: int) -> None:
    """Bound this process's memory, and let the server's own threads go first."""
    try:
        import resource
    except ImportError:  # Windows has neither
        return
    resource.setrlimit(resource.RLIMIT_DATA, (memory_bytes, memory_bytes))
    # The server's thread that starts it is nice already, and hands that down.
    os.nice(max(0, _NICENESS - os.nice(0)))


def _explain(error: BaseException, request: dict[str, Any]) -> str:
    text = str(error)
    if isinstance(error, MemoryError) or "allocate memory" in text or "not enough memory" in text:
        gigabytes = request["memory_bytes"] / 2**30
        return (
            f"{request['network']} at {request['size']}×{request['size']} needs more than the "
            f"{gigabytes:.1f} GB that a measurement may take; choose a smaller input or network."
        )
    return (
        f"{request['network']} cannot be run at {request['size']}×{request['size']}: "
        f"{text.splitlines()[0] if text else type(error).__name__}. Choose another input size."
    )


def _measure(name: str, *, size: int, threads: int) -> dict[str, Any]:
    torch.set_num_threads(threads)
    entry = get_architecture(name)
    shape = (entry.channels, size, size)
    _say(progress=0.05, step="checking the shapes")
    compute_costs(lambda: entry.build(size), input_shape=shape)
    _say(progress=0.1, step="building the network")
    module = entry.build(size).eval()
    x = torch.rand(1, *shape, generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        _say(progress=0.2, step="forward")
        forward = _time_runs(lambda: module(x))
        _say(progress=0.4, step="memory")
        peak = _find_peak(lambda: module(x))
        _say(progress=0.5, step="layer by layer")
        layers = _time_layers(module, x)
    result: dict[str, Any] = {
        "forward_ms": statistics.median(forward),
        "runs": len(forward),
        "peak_bytes": peak,
        "layer_ms": layers,
        "training_ms": None,
        "training_peak_bytes": None,
        "training_error": "",
    }
    _say(progress=0.7, step="forward and backward")
    try:
        result["training_ms"] = statistics.median(_time_runs(lambda: _step(module, x)))
        _say(progress=0.9, step="memory of both")
        result["training_peak_bytes"] = _find_peak(lambda: _step(module, x))
    except (RuntimeError, MemoryError) as error:
        result["training_error"] = str(error).partition("\n")[0]
    return result


def _step(module: nn.Module, x: Tensor) -> None:
    """One forward and backward pass; the gradients are dropped again."""
    module(x).sum().backward()
    module.zero_grad(set_to_none=True)


def _time_runs(run: Callable[[], object]) -> list[float]:
    """Milliseconds of several runs after one that is not counted."""
    run()
    times: list[float] = []
    end = time.perf_counter() + _SECONDS
    while len(times) < _MIN_RUNS or (len(times) < _MAX_RUNS and time.perf_counter() < end):
        start = time.perf_counter()
        run()
        times.append((time.perf_counter() - start) * 1000)
    return times


def _find_peak(run: Callable[[], object]) -> int:
    """The most bytes that were held at once beyond what was held before, by torch's allocator."""
    with profile(activities=[ProfilerActivity.CPU], profile_memory=True) as recorded:
        run()
    profiler = recorded.profiler
    events = [] if profiler is None else profiler.kineto_results.events()
    memory = [event for event in events if event.name() == "[memory]"]
    held = peak = 0
    for event in sorted(memory, key=lambda event: event.start_ns()):
        held += event.nbytes()
        peak = max(peak, held)
    return peak


def _time_layers(module: nn.Module, x: Tensor) -> dict[str, float]:
    """Median milliseconds of each operation, by its name in the graph."""
    clock = _Clock(trace_module(module))
    clock.run(x)
    clock.times.clear()
    for _ in range(_MIN_RUNS):
        clock.run(x)
    return {name: statistics.median(times) for name, times in clock.times.items()}


class _Clock(fx.Interpreter):
    """Runs a graph and notes how long each operation takes."""

    def __init__(self, module: fx.GraphModule) -> None:
        super().__init__(module)
        self.times: dict[str, list[float]] = {}

    def run_node(self, n: fx.Node) -> Any:
        start = time.perf_counter()
        result = super().run_node(n)
        if n.op not in ("placeholder", "get_attr", "output"):
            self.times.setdefault(n.name, []).append((time.perf_counter() - start) * 1000)
        return result


if __name__ == "__main__":
    main()

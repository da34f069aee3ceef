"""`python -m benchmarks.occlusion` times occlusion maps against captum's, with random weights.

Both sides use the same threads, are timed in turns, and cover the same squares; the ratio is of
medians. With `--stride 24`, the default, there are 81 squares in place of the 625 of
`--stride 8`: the same for both sides, but a larger share of them lies at an edge, where windows
are smaller.
"""

import argparse
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import torch
from captum.attr import Occlusion as CaptumOcclusion
from torch import Tensor

from cnnviz.attribution.occlusion.cover import OcclusionOptions, compute_occlusion
from cnnviz.attribution.occlusion.fills import Fill, make_fill
from cnnviz.networks.graph.layers import trace_network
from cnnviz.networks.load import LoadedModel, load_model
from cnnviz.networks.zoo.registry import build_network, get_network

NETWORKS = ("resnet18", "resnet50", "vgg16")
BATCHES = (1, 2, 4, 8, 16)
SIDE, PATCH, SWEEP_STRIDE = 224, 32, 32
_TARGET = 0


def build(name: str) -> LoadedModel:
    """Make a network with seeded random weights."""
    torch.manual_seed(0)
    spec = get_network(name)
    module = build_network(spec).eval().requires_grad_(requires_grad=False)
    for part in module.modules():
        if isinstance(part, torch.nn.Conv2d | torch.nn.Linear):
            torch.nn.init.kaiming_normal_(part.weight)
    graph = trace_network(module, input_shape=(3, SIDE, SIDE), titles={})
    lent = load_model("lenet5")
    return LoadedModel(spec=replace(spec), module=module, graph=graph, card=lent.card)


def run_captum(model: LoadedModel, x: Tensor, fill: Tensor, *, stride: int, batch: int) -> Tensor:
    """Captum's map, (H, W): the mean over the squares on a pixel of what they took from a logit."""
    with torch.inference_mode():
        found: Tensor = CaptumOcclusion(model.module).attribute(
            x,
            sliding_window_shapes=(3, PATCH, PATCH),
            strides=(3, stride, stride),
            baselines=fill,
            target=_TARGET,
            perturbations_per_eval=batch,
        )
    return found[0, 0]


def run_ours(model: LoadedModel, x: Tensor, *, stride: int) -> Tensor:
    """The same map from our logits."""
    options = OcclusionOptions(patch=PATCH, stride=stride, fill=Fill.MEAN)
    found = compute_occlusion(model, x, options=options)
    total, count = torch.zeros(SIDE, SIDE), torch.zeros(SIDE, SIDE)
    for row in range(len(found.tops)):
        for column in range(len(found.lefts)):
            square = found.find_square(row, column)
            place = (
                slice(square.rows.start, square.rows.end),
                slice(square.columns.start, square.columns.end),
            )
            total[place] += found.clean[_TARGET] - found.logits[row, column, _TARGET]
            count[place] += 1
    return torch.where(count > 0, total / count.clamp(min=1), total)


def _time(run: Callable[[], Tensor], *, busy: bool) -> tuple[float, Tensor]:
    """Seconds of a run: on the clock, or of the processor where others use it too."""
    clock = time.process_time if busy else time.perf_counter
    begun = clock()
    result = run()
    return clock() - begun, result


def _measure_peak(name: str, side: str, *, batch: int, threads: int) -> float:
    """Peak memory in MB of one side in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.occlusion", "--child", side]
    options = ["--networks", name, "--batch", str(batch), "--threads", str(threads)]
    answer = subprocess.run(command + options, check=True, capture_output=True, text=True)
    return float(answer.stdout.split()[-1])


def _run_child(name: str, side: str, *, batch: int) -> None:
    model, x, fill = _prepare(name)
    if side == "captum":
        run_captum(model, x, fill, stride=SWEEP_STRIDE, batch=batch)
    elif side == "ours":
        run_ours(model, x, stride=SWEEP_STRIDE)
    # Not getrusage: a child begins there with the peak of the process that started it.
    status = Path("/proc/self/status").read_text(encoding="ascii")
    print(int(status.split("VmHWM:")[1].split()[0]) / 1024)


def _prepare(name: str) -> tuple[LoadedModel, Tensor, Tensor]:
    model = build(name)
    x = torch.randn(1, 3, SIDE, SIDE, generator=torch.Generator().manual_seed(1))
    fill = make_fill(Fill.MEAN, x, preprocessing=model.spec.preprocessing, patch=PATCH)
    return model, x, fill


def compare(name: str, *, stride: int, rounds: int, threads: int, busy: bool) -> None:
    """Time one network and print its row."""
    model, x, fill = _prepare(name)
    run_ours(model, x, stride=SWEEP_STRIDE)
    sweep: dict[int, float] = {}
    for batch in BATCHES:
        sweep[batch] = _time(
            lambda batch=batch: run_captum(model, x, fill, stride=SWEEP_STRIDE, batch=batch),  # type: ignore[misc]
            busy=busy,
        )[0]
    best = min(sweep, key=sweep.__getitem__)
    times: dict[str, list[float]] = {"ours": [], "best": [], "default": []}
    worst = 0.0
    for _ in range(rounds):
        seconds, ours = _time(lambda: run_ours(model, x, stride=stride), busy=busy)
        times["ours"].append(seconds)
        seconds, theirs = _time(
            lambda: run_captum(model, x, fill, stride=stride, batch=best), busy=busy
        )
        times["best"].append(seconds)
        seconds, _ = _time(lambda: run_captum(model, x, fill, stride=stride, batch=1), busy=busy)
        times["default"].append(seconds)
        worst = max(worst, float((ours - theirs).abs().max() / (theirs.max() - theirs.min())))
    middle = {side: statistics.median(values) for side, values in times.items()}
    peaks = {
        side: _measure_peak(name, side, batch=best, threads=threads)
        for side in ("nothing", "ours", "captum")
    }
    print(
        f"{name:<12}{middle['ours']:8.1f} s{middle['best']:8.1f} s (batch {best})"
        f"{middle['default']:8.1f} s   x{middle['best'] / middle['ours']:.1f} best   "
        f"x{middle['default'] / middle['ours']:.1f} default   maps differ by {worst:.1e} of their "
        f"range   peak {peaks['ours'] - peaks['nothing']:.0f} MB against "
        f"{peaks['captum'] - peaks['nothing']:.0f} MB",
        flush=True,
    )


def main() -> None:
    """Print one row a network."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--networks", nargs="+", default=list(NETWORKS))
    parser.add_argument("--stride", type=int, default=24, help="8 for the full map")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument(
        "--busy", action="store_true", help="count the processor's seconds, not the clock's"
    )
    parser.add_argument("--batch", type=int, default=1, help=argparse.SUPPRESS)
    parser.add_argument("--child", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    torch.set_num_threads(asked.threads)
    if asked.child:
        _run_child(asked.networks[0], asked.child, batch=asked.batch)
        return
    across = len(range(0, SIDE - PATCH + 1, asked.stride))
    print(
        f"{SIDE}x{SIDE}, patch {PATCH}, stride {asked.stride}: {across * across} squares (the full "
        f"map, --stride 8, has 625); {asked.threads} threads, medians of {asked.rounds} rounds "
        "in turns; ours, captum at its best batch, captum's default of 1"
    )
    for name in asked.networks:
        compare(
            name,
            stride=asked.stride,
            rounds=asked.rounds,
            threads=asked.threads,
            busy=asked.busy,
        )


if __name__ == "__main__":
    main()

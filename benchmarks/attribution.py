"""`python -m benchmarks.attribution` compares our attribution with captum and grad-cam.

Each row is one network with random weights and one method, at 224×224: the ratio of medians of
runs taken in turn, the peak memory of a process of its own, and how far the answers are apart.
"""

import argparse
import json
import statistics
import subprocess
import sys
import time
import warnings
from collections.abc import Callable
from pathlib import Path

import torch
from torch import Tensor

from cnnviz.attribution.attribute import Method, attribute, find_last_maps
from cnnviz.networks.load import LoadedModel
from cnnviz.networks.zoo.torchvision_import import import_torchvision
from tests.captum_oracles import copy_clean
from tests.home_made import make_model

NETWORKS = ("resnet18", "resnet50", "vgg16")
METHODS = (Method.GRAD_CAM, Method.GUIDED_BACKPROP)
OURS, CAPTUM, GRAD_CAM = TOOLS = ("ours", "captum", "grad-cam")
TARGET = 3
Work = Callable[[], Tensor]


def make_network(name: str) -> LoadedModel:
    """Build a network with seeded random weights."""
    torch.manual_seed(0)
    return make_model(getattr(import_torchvision("models"), name)(), shape=(3, 224, 224))


def prepare(tool: str, model: LoadedModel, method: Method) -> Work:
    """Return what is timed: one answer of one tool, (H, W) or (C, H, W)."""
    x = torch.randn(1, 3, 224, 224, generator=torch.Generator().manual_seed(1))
    if tool == OURS:
        return lambda: _ask_ours(model, x, method)
    clean, layer = copy_clean(model, layer=find_last_maps(model))
    return (
        _prepare_captum(clean, layer, x, method)
        if tool == CAPTUM
        else _prepare_grad_cam(clean, layer, x, method)
    )


def _ask_ours(model: LoadedModel, x: Tensor, method: Method) -> Tensor:
    answer = attribute(model, x, method=method, target=TARGET)
    return answer.values if answer.pixels is None else answer.pixels


def _prepare_captum(
    clean: torch.nn.Module, layer: torch.nn.Module, x: Tensor, method: Method
) -> Work:
    from captum import attr

    if method is Method.GRAD_CAM:
        grad_cam = attr.LayerGradCam(clean, layer)
        return lambda: grad_cam.attribute(x, target=TARGET)[0, 0].detach()
    guided = attr.GuidedBackprop(clean)
    return lambda: guided.attribute(x.clone(), target=TARGET)[0].detach()


def _prepare_grad_cam(
    clean: torch.nn.Module, layer: torch.nn.Module, x: Tensor, method: Method
) -> Work:
    import pytorch_grad_cam
    from pytorch_grad_cam.utils.model_targets import ClassifierOutputTarget

    if method is Method.GUIDED_BACKPROP:
        guided = pytorch_grad_cam.GuidedBackpropReLUModel(clean, device="cpu")
        return lambda: torch.from_numpy(guided(x, TARGET)).permute(2, 0, 1)  # (H, W, C)
    grad_cam = pytorch_grad_cam.GradCAM(clean, [layer])

    def ask() -> Tensor:
        # Its own call goes on to rectify, normalise and enlarge; the comparison needs the map.
        grad_cam(x, [ClassifierOutputTarget(TARGET)])
        maps = grad_cam.activations_and_grads
        weights = maps.gradients[0].mean(dim=(2, 3), keepdim=True)
        cam: Tensor = (weights * maps.activations[0])[0].sum(dim=0)
        return cam

    return ask


def read_peak() -> float:
    """Return this process's peak memory in MB (Linux).

    The system's other count, ru_maxrss, begins at the size of the process that started this one.
    """
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(status.partition("VmHWM:")[2].split()[0]) / 1000


def measure_peak(tool: str, network: str, method: Method) -> float:
    """Return the peak memory of a process that answers once, in MB."""
    command = [sys.executable, "-m", "benchmarks.attribution", "--child", tool, network, method]
    run = subprocess.run(command, capture_output=True, text=True, check=True)
    return float(json.loads(run.stdout.splitlines()[-1])["peak"])


def compare(network: str, method: Method, *, rounds: int) -> str:
    """Measure one row."""
    model = make_network(network)
    works = {tool: prepare(tool, model, method) for tool in TOOLS}
    answers = {tool: work() for tool, work in works.items()}
    seconds: dict[str, list[float]] = {tool: [] for tool in TOOLS}
    for _ in range(rounds):
        for tool, work in works.items():
            begun = time.perf_counter()
            work()
            seconds[tool].append(time.perf_counter() - begun)
    medians = {tool: statistics.median(values) for tool, values in seconds.items()}
    limit = float(answers[CAPTUM].abs().max())
    row = f"{network:<10}{method:<22}ours {medians[OURS] * 1000:7.0f} ms"
    for tool in TOOLS[1:]:
        apart = float((answers[OURS] - answers[tool]).abs().max()) / limit
        row += f"  {medians[OURS] / medians[tool]:5.2f} of {tool} (apart {apart:.0e})"
    peaks = (f"{tool} {measure_peak(tool, network, method):.0f}" for tool in TOOLS)
    return f"{row}  peak MB: {', '.join(peaks)}"


def main(arguments: list[str]) -> None:
    """Measure and print, one row a network and method."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.attribution")
    parser.add_argument("--rounds", type=int, default=9, help="runs of each (default: 9)")
    parser.add_argument("--networks", nargs="+", default=NETWORKS, choices=NETWORKS)
    parser.add_argument("--methods", nargs="+", default=METHODS, choices=METHODS, type=Method)
    parser.add_argument("--child", nargs=3, help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    torch.set_num_threads(2)
    warnings.filterwarnings("ignore", module="captum")
    if options.child:
        tool, network, method = options.child
        prepare(tool, make_network(network), Method(method))()
        print(json.dumps({"peak": read_peak()}))
        return
    for network in options.networks:
        for method in options.methods:
            print(compare(network, method, rounds=options.rounds), flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])

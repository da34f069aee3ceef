"""Compares the simulated device with the CPU, for a test, which starts it as a process of its own.

torch cannot take a device away again.
"""

import json
import sys
from collections.abc import Callable
from dataclasses import asdict

import torch
from torch import Tensor, nn

from benchmarks.device import compare_devices
from cnnviz.device import compute_on
from cnnviz.images.image import CheckedImage, from_array
from cnnviz.images.samples import load_image
from cnnviz.networks.load import _move_network, predict
from tests.home_made import make_model
from tests.simulated_device import add_device

# What is compared of each network; empty for everything.
KINDS: dict[str, tuple[str, ...]] = {
    "mobilenet64": (),
    "lenet5": ("predictions", "activations of all layers", "Grad-CAM", "PGD"),
    "resnet64": ("predictions", "blocks left out"),
}


class Shifted(nn.Module):
    """Adds a tensor that it makes on the CPU, wherever its input is."""

    def __init__(self) -> None:
        super().__init__()
        self.layer = nn.Linear(4, 2)

    def forward(self, x: Tensor) -> Tensor:
        """From (N, 1, 2, 2) to (N, 2)."""
        shifted: Tensor = self.layer(x.flatten(1)) + torch.arange(2.0)
        return shifted


def list_refusals(device: torch.device) -> list[str]:
    """What a graphics card refuses, and the simulated device too: the sentences."""
    there, here = torch.ones(3, device=device), torch.ones(3)
    tries: list[Callable[[], object]] = [
        lambda: there + here,
        lambda: nn.Linear(3, 2)(there),
        there.numpy,
        lambda: nn.init.normal_(there, generator=torch.Generator()),
    ]
    said = []
    for each in tries:
        try:
            each()
            said.append("")
        except RuntimeError as error:
            said.append(str(error))
    return said


def keep_on_cpu() -> list[float]:
    """A network that cannot compute elsewhere, before and after it was tried."""
    model, x = make_model(Shifted(), shape=(1, 2, 2)), torch.ones(1, 1, 2, 2)
    before = predict(model, x).logits
    _move_network(model, torch.device("simulated"))
    return (predict(model, x).logits - before).tolist()


def main() -> None:
    """Print what was found, in JSON."""
    torch.set_num_threads(1)
    device = add_device()
    found = {
        name: [asdict(row) for row in compare_devices(name, _show(name), device, kinds=kinds)]
        for name, kinds in KINDS.items()
    }
    compute_on(device)
    told = {"rows": found, "refusals": list_refusals(device), "kept": keep_on_cpu()}
    sys.stdout.write(json.dumps(told))


def _show(network: str) -> CheckedImage:
    """A digit, or a photograph so small that it is soon decoded."""
    if network == "lenet5":
        return load_image("digit-3")
    return from_array(load_image("astronaut").pixels[::4, ::4].copy(), name="astronaut")


if __name__ == "__main__":
    main()

"""A models file as a teacher would write it: nested modules, functional ReLUs, grey input."""

from pathlib import Path
from typing import Any

import torch

GREY_NETWORK = """
import torch.nn.functional as F
from torch import nn
from cnnviz.networks.user_networks import network


class Block(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.narrow = nn.Sequential(nn.Conv2d(width, width, 1), nn.BatchNorm2d(width))
        self.wide = nn.Conv2d(width, width, 3, padding=1)

    def forward(self, x):
        return F.relu(x + self.wide(F.relu(self.narrow(x))))


class Shapes(nn.Module):
    def __init__(self):
        super().__init__()
        self.stem = nn.Conv2d(1, 8, 5)
        self.stages = nn.ModuleList([Block(8), Block(8)])
        self.head = nn.Linear(8, 3)

    def forward(self, pixels):
        maps = F.max_pool2d(F.relu(self.stem(pixels)), 2)
        for stage in self.stages:
            maps = stage(maps)
        return self.head(maps.mean(dim=(2, 3)))


@network(shape=(1, 28, 28), classes=("circle", "square", "star"), title="Shapes", mean=0.2, std=0.4)
def shapes():
    return Shapes()
"""


def make_state(path: Path) -> dict[str, torch.Tensor]:
    """Weights for the network of such a file, as its author's training would leave them."""
    classes: dict[str, Any] = {}
    text = path.read_text(encoding="utf-8").partition("@network")[0]
    exec(compile(text, str(path), "exec"), classes)  # noqa: S102  (written by this test)
    torch.manual_seed(11)
    state: dict[str, torch.Tensor] = classes["Shapes"]().state_dict()
    return state

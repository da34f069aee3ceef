"""Small networks made for the tests, with everything in them that a real one may have."""

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import torch
import torch.nn.functional as F  # noqa: N812  (the usual name)
from torch import Tensor, nn

from cnnviz.networks.graph.layers import trace_network
from cnnviz.networks.load import LoadedModel
from cnnviz.networks.weights.files import ModelCard
from cnnviz.networks.zoo.registry import NetworkSpec, Preprocessing

CLASSES = ("ant", "bee", "cat", "dog", "eel")


class Branchy(nn.Module):
    """Colour in, two branches joined, a residual sum, functional ReLU: (N, 3, 48, 48) to (N, 5)."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Conv2d(3, 8, kernel_size=5, stride=2, padding=2)
        self.norm = nn.BatchNorm2d(8)
        self.relu = nn.ReLU(inplace=True)
        self.narrow = nn.Conv2d(8, 6, kernel_size=1)
        self.wide = nn.Conv2d(8, 10, kernel_size=3, padding=2, dilation=2)
        self.first = nn.Conv2d(16, 16, kernel_size=3, padding=1, groups=4)
        self.second = nn.Conv2d(16, 16, kernel_size=3, padding=1, bias=False)
        self.pool = nn.MaxPool2d(kernel_size=3, stride=2, padding=1)
        self.average = nn.AdaptiveAvgPool2d(1)
        self.drop = nn.Dropout()
        self.head = nn.Linear(16, len(CLASSES))

    def forward(self, x: Tensor) -> Tensor:
        x = self.relu(self.norm(self.stem(x)))  # (N, 8, 24, 24)
        x = torch.cat([self.narrow(x), self.wide(x)], dim=1)  # (N, 16, 24, 24)
        y = self.second(F.relu(self.first(x)))
        y += x
        y = self.pool(F.relu_(y))  # (N, 16, 12, 12)
        y = self.drop(torch.flatten(self.average(y), 1))  # (N, 16)
        logits: Tensor = self.head(y)
        return logits


class Deep(nn.Module):
    """A residual network of many layers, (N, 3, 32, 32) to (N, 5)."""

    def __init__(self, blocks: int = 40) -> None:
        super().__init__()
        self.stem = nn.Conv2d(3, 8, kernel_size=3, padding=1)
        self.blocks = nn.ModuleList(
            nn.Sequential(nn.Conv2d(8, 8, 3, padding=1), nn.BatchNorm2d(8), nn.ReLU(inplace=True))
            for _ in range(blocks)
        )
        self.pool = nn.AdaptiveAvgPool2d(1)
        self.head = nn.Linear(8, len(CLASSES))

    def forward(self, x: Tensor) -> Tensor:
        x = self.stem(x)
        for block in self.blocks:
            x = x + block(x)
        logits: Tensor = self.head(torch.flatten(self.pool(x), 1))
        return logits


def prepare_rgb(pixels: npt.NDArray[np.uint8], side: int) -> Tensor:
    """The middle of a picture as a square, its corners cut to `side`, scaled to −1..1."""
    rows = np.linspace(0, pixels.shape[0] - 1, side).round().astype(int)
    columns = np.linspace(0, pixels.shape[1] - 1, side).round().astype(int)
    values = pixels[rows][:, columns].astype(np.float32) / 127.5 - 1
    return torch.from_numpy(values).permute(2, 0, 1)[None].contiguous()  # (1, 3, side, side)


def make_spec(
    name: str, build: Callable[[], nn.Module], *, shape: tuple[int, int, int]
) -> NetworkSpec:
    """A row for the registry; its pictures are in colour."""
    return NetworkSpec(
        name=name,
        title=name.title(),
        year=2026,
        paper="made for the tests",
        idea="Everything at once.",
        changes="None.",
        build=build,
        preprocessing=Preprocessing(
            shape=shape,
            prepare=lambda pixels: prepare_rgb(pixels, shape[1]),
            view=lambda x: ((x[0].permute(1, 2, 0) + 1) * 127.5).round().to(torch.uint8).numpy(),
            description=f"Scaled to {shape[1]}×{shape[2]}.",
        ),
        classes=CLASSES,
        layer_titles={},
    )


def make_model(
    module: nn.Module, *, shape: tuple[int, int, int], name: str = "home made"
) -> LoadedModel:
    """A network in evaluation mode as the backend holds it."""
    module = module.eval().requires_grad_(requires_grad=False)
    return LoadedModel(
        spec=make_spec(name, lambda: module, shape=shape),
        module=module,
        graph=trace_network(module, input_shape=shape, titles={}),
        card=ModelCard(name=name, sha256="0" * 64, facts={}),
    )


def randomize(module: nn.Module, *, seed: int) -> nn.Module:
    """Fill every parameter and running statistic with seeded numbers, variances positive."""
    generator = torch.Generator().manual_seed(seed)
    for name, value in module.state_dict().items():
        if value.is_floating_point():
            numbers = torch.randn(value.shape, generator=generator) * 0.3
            value.copy_(numbers.abs() + 0.5 if name.endswith("running_var") else numbers)
    return module


def chain(*parts: nn.Module, shape: tuple[int, int, int]) -> LoadedModel:
    """Layers one after the other, named layer_0, layer_1, ..."""
    names = {f"layer_{index}": part for index, part in enumerate(parts)}
    network = nn.Sequential()
    for name, part in names.items():
        network.add_module(name, part)
    return make_model(randomize(network, seed=3), shape=shape)

"""Convolutions with batch normalisation, chained and side by side, as the later Inceptions have."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn


@dataclass(frozen=True, slots=True)
class Conv:
    """A convolution without bias, its batch normalisation and its ReLU.

    Attributes:
        width: Output channels.
        kernel: Its size, or (rows, columns).
        stride: Cells from one window to the next.
        padded: Whether a stride of 1 keeps the map's size; else only whole windows are read.
    """

    width: int
    kernel: int | tuple[int, int] = 1
    stride: int = 1
    padded: bool = True


def chain(inputs: int, *layers: Conv) -> nn.Sequential:
    """Make layers one after the other, named conv1, bn1, relu1, conv2, ..."""
    stack = nn.Sequential()
    for number, layer in enumerate(layers, start=1):
        square = layer.kernel if isinstance(layer.kernel, int) else 0
        kernel = (square, square) if isinstance(layer.kernel, int) else layer.kernel
        padding = (kernel[0] // 2, kernel[1] // 2) if layer.padded else (0, 0)
        convolution = nn.Conv2d(inputs, layer.width, kernel, layer.stride, padding, bias=False)
        stack.add_module(f"conv{number}", convolution)
        stack.add_module(f"bn{number}", nn.BatchNorm2d(layer.width))
        stack.add_module(f"relu{number}", nn.ReLU())
        inputs = layer.width
    return stack


class Branches(nn.Module):
    """Branches side by side that read the same maps; their outputs are joined."""

    def __init__(self, branches: Sequence[nn.Module]) -> None:
        super().__init__()
        self._names = [f"branch{number}" for number in range(1, len(branches) + 1)]
        for name, branch in zip(self._names, branches, strict=True):
            self.add_module(name, branch)

    def forward(self, x: Tensor) -> Tensor:
        """Join the branches along the channels."""
        return torch.cat([self.get_submodule(name)(x) for name in self._names], dim=1)


class ScaledResidual(nn.Module):
    """Branches, a 1×1 layer back to as many channels as came in, and the sum with these.

    The 1×1 layer has a bias and no normalisation; what it yields is scaled down before the sum,
    without which the widest networks died in training.

    Source: Szegedy, Ioffe, Vanhoucke and Alemi 2017, section 3.3.
    """

    def __init__(
        self, inputs: int, branches: Branches, *, joined: int, scale: float, last: bool = False
    ) -> None:
        super().__init__()
        self.branches = branches
        self.up = nn.Conv2d(joined, inputs, 1)
        self.scale = scale
        self.relu: nn.Module = nn.Identity() if last else nn.ReLU()

    def forward(self, x: Tensor) -> Tensor:
        """Add what the branches learn to what came in."""
        out: Tensor = self.relu(x + self.up(self.branches(x)) * self.scale)
        return out

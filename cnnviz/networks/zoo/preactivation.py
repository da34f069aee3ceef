"""Residual networks with the normalisation and ReLU before each convolution.

Nothing is left on the way of the sum: a shortcut runs from the first block to the last.

Source: He, Zhang, Ren and Sun 2016, "Identity mappings in deep residual networks", figure 1 and
the appendix.
"""

import torch
from torch import Tensor, nn

_IMAGENET_WIDTHS = (64, 128, 256, 512)
_IMAGENET_BLOCKS = {200: (3, 24, 36, 3)}
_CIFAR_WIDTHS = (16, 32, 64)


class PreactivationBottleneck(nn.Module):
    """Three times normalisation, ReLU and convolution; where the shape changes, a 1×1 shortcut.

    That shortcut reads what the first normalisation and ReLU have made, and the stride is in the
    first 1×1 layer, as in the authors' code.
    """

    def __init__(self, inputs: int, width: int, *, stride: int) -> None:
        super().__init__()
        self.bn1 = nn.BatchNorm2d(inputs)
        self.relu1 = nn.ReLU()
        self.conv1 = nn.Conv2d(inputs, width, 1, stride, bias=False)
        self.bn2 = nn.BatchNorm2d(width)
        self.relu2 = nn.ReLU()
        self.conv2 = nn.Conv2d(width, width, 3, 1, 1, bias=False)
        self.bn3 = nn.BatchNorm2d(width)
        self.relu3 = nn.ReLU()
        self.conv3 = nn.Conv2d(width, 4 * width, 1, bias=False)
        self.shortcut: nn.Module | None = None
        if stride != 1 or inputs != 4 * width:
            self.shortcut = nn.Conv2d(inputs, 4 * width, 1, stride, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        """Add what three layers learn to what came in, which nothing else touches."""
        ready = self.relu1(self.bn1(x))
        y = self.relu2(self.bn2(self.conv1(ready)))
        y = self.conv3(self.relu3(self.bn3(self.conv2(y))))
        out: Tensor = y + (x if self.shortcut is None else self.shortcut(ready))
        return out


class PreactivationResNet(nn.Module):
    """A stem, stages of pre-activation blocks, a last normalisation and ReLU, and the head."""

    def __init__(
        self,
        stem: nn.Sequential,
        *,
        channels: int,
        widths: tuple[int, ...],
        blocks: tuple[int, ...],
        classes: int,
    ) -> None:
        super().__init__()
        self.stem = stem
        self.stages = nn.Sequential()
        for stage, (width, count) in enumerate(zip(widths, blocks, strict=True), start=1):
            layers = nn.Sequential()
            for number in range(count):
                stride = 2 if stage > 1 and number == 0 else 1
                block = PreactivationBottleneck(channels, width, stride=stride)
                layers.add_module(f"block{number + 1}", block)
                channels = 4 * width
            self.stages.add_module(f"stage{stage}", layers)
        self.bn = nn.BatchNorm2d(channels)
        self.relu = nn.ReLU()
        self.avgpool = nn.AdaptiveAvgPool2d(1)
        self.fc = nn.Linear(channels, classes)

    def forward(self, x: Tensor) -> Tensor:
        """Compute the logits."""
        x = self.relu(self.bn(self.stages(self.stem(x))))
        logits: Tensor = self.fc(torch.flatten(self.avgpool(x), 1))
        return logits


def preactivation_imagenet(_size: int, *, depth: int) -> nn.Module:
    """Build the pre-activation ResNet-200: (N, 3, 224, 224) to (N, 1000)."""
    stem = nn.Sequential()
    stem.add_module("conv1", nn.Conv2d(3, 64, 7, 2, 3, bias=False))
    stem.add_module("bn1", nn.BatchNorm2d(64))
    stem.add_module("relu1", nn.ReLU())
    stem.add_module("maxpool", nn.MaxPool2d(3, 2, 1))
    return PreactivationResNet(
        stem,
        channels=64,
        widths=_IMAGENET_WIDTHS,
        blocks=_IMAGENET_BLOCKS[depth],
        classes=1000,
    )


def preactivation_cifar(_size: int, *, depth: int) -> nn.Module:
    """Build a pre-activation ResNet for CIFAR-10: (N, 3, 32, 32) to (N, 10).

    Args:
        _size: Height and width of the input; average pooling takes any.
        depth: 9n + 2 layers, n blocks in each of three stages: 164, 1001.
    """
    stem = nn.Sequential()
    stem.add_module("conv1", nn.Conv2d(3, 16, 3, 1, 1, bias=False))
    blocks = (depth - 2) // 9
    return PreactivationResNet(
        stem, channels=16, widths=_CIFAR_WIDTHS, blocks=(blocks,) * 3, classes=10
    )

"""Squeeze-and-excitation networks: every channel weighed by what the whole image says.

Source: Hu, Shen and Sun 2018, "Squeeze-and-excitation networks", table 1; SENet-154 as the paper's
appendix describes it.
"""

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from cnnviz.networks.zoo.stacks import named_stack

_CLASSES = 1000
_REDUCTION = 16
_WIDTHS = (64, 128, 256, 512)


class SqueezeExcitation(nn.Module):
    """Average each map, two small layers, and one factor from 0 to 1 for each map."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        # 1×1 convolutions on maps of one cell: the paper's fully connected layers, weight by
        # weight, without a change of shape between.
        self.squeeze = nn.AdaptiveAvgPool2d(1)
        self.fc1 = nn.Conv2d(channels, channels // _REDUCTION, 1)
        self.relu = nn.ReLU()
        self.fc2 = nn.Conv2d(channels // _REDUCTION, channels, 1)
        self.sigmoid = nn.Sigmoid()

    def forward(self, x: Tensor) -> Tensor:
        """Weigh the maps (N, C, H, W)."""
        weight: Tensor = self.sigmoid(self.fc2(self.relu(self.fc1(self.squeeze(x)))))
        return x * weight


@dataclass(frozen=True, slots=True)
class _Design:
    """What the blocks of a network are like.

    Attributes:
        blocks: How many in each stage.
        down: Width of the first 1×1 layer, as a multiple of the stage's width.
        middle: Width of the 3×3 layer, as a multiple of the stage's width.
        groups: Groups of the 3×3 layer.
        stride_first: Whether the first 1×1 layer has the stride; else the 3×3 layer.
        large: Whether SENet-154's stem of three 3×3 layers, its 3×3 shortcuts and its dropout.
    """

    blocks: tuple[int, int, int, int]
    down: int = 1
    middle: int = 1
    groups: int = 1
    stride_first: bool = True
    large: bool = False


_DESIGNS = {
    "se_resnet50": _Design(blocks=(3, 4, 6, 3)),
    "se_resnet101": _Design(blocks=(3, 4, 23, 3)),
    "se_resnet152": _Design(blocks=(3, 8, 36, 3)),
    "se_resnext50": _Design(blocks=(3, 4, 6, 3), down=2, middle=2, groups=32, stride_first=False),
    "senet154": _Design(
        blocks=(3, 8, 36, 3), down=2, middle=4, groups=64, stride_first=False, large=True
    ),
}


class ExcitedBottleneck(nn.Module):
    """1×1, 3×3, 1×1, squeeze-and-excitation, and the sum with what came in."""

    def __init__(self, inputs: int, width: int, *, stride: int, design: _Design) -> None:
        super().__init__()
        outputs, middle = 4 * width, design.middle * width
        first, second = (stride, 1) if design.stride_first else (1, stride)
        self.conv1 = nn.Conv2d(inputs, design.down * width, 1, first, bias=False)
        self.bn1 = nn.BatchNorm2d(design.down * width)
        self.relu1 = nn.ReLU()
        self.conv2 = nn.Conv2d(
            design.down * width, middle, 3, second, 1, groups=design.groups, bias=False
        )
        self.bn2 = nn.BatchNorm2d(middle)
        self.relu2 = nn.ReLU()
        self.conv3 = nn.Conv2d(middle, outputs, 1, bias=False)
        self.bn3 = nn.BatchNorm2d(outputs)
        self.se = SqueezeExcitation(outputs)
        self.shortcut: nn.Module = nn.Identity()
        if stride != 1 or inputs != outputs:
            kernel = 3 if design.large and stride != 1 else 1
            layer = nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2, bias=False)
            self.shortcut = named_stack([("conv", layer), ("bn", nn.BatchNorm2d(outputs))])
        self.relu3 = nn.ReLU()

    def forward(self, x: Tensor) -> Tensor:
        """Add what the block learns, channel by channel as strongly as the image asks."""
        y = self.relu2(self.bn2(self.conv2(self.relu1(self.bn1(self.conv1(x))))))
        y = self.se(self.bn3(self.conv3(y)))
        out: Tensor = self.relu3(self.shortcut(x) + y)
        return out


class SENet(nn.Module):
    """A residual network with squeeze-and-excitation: (N, 3, 224, 224) to (N, 1000)."""

    def __init__(self, design: _Design) -> None:
        super().__init__()
        self.stem = _large_stem() if design.large else _plain_stem()
        channels = 128 if design.large else 64
        self.stages = nn.Sequential()
        for stage, (blocks, width) in enumerate(zip(design.blocks, _WIDTHS, strict=True), start=2):
            layers = nn.Sequential()
            for number in range(1, blocks + 1):
                stride = 2 if stage > 2 and number == 1 else 1
                block = ExcitedBottleneck(channels, width, stride=stride, design=design)
                layers.add_module(f"block{number}", block)
                channels = 4 * width
            self.stages.add_module(f"conv{stage}_x", layers)
        self.avgpool = nn.AdaptiveAvgPool2d(1)
        self.dropout: nn.Module = nn.Dropout(0.2) if design.large else nn.Identity()
        self.fc = nn.Linear(channels, _CLASSES)

    def forward(self, x: Tensor) -> Tensor:
        """Compute the logits."""
        x = torch.flatten(self.avgpool(self.stages(self.stem(x))), 1)
        logits: Tensor = self.fc(self.dropout(x))
        return logits


def excited_bottleneck(inputs: int, *, design: str) -> nn.Module:
    """Make a block that keeps its input's shape.

    Args:
        inputs: Maps read and made; four times the stage's width.
        design: As in `senet`.
    """
    return ExcitedBottleneck(inputs, inputs // 4, stride=1, design=_DESIGNS[design])


def _plain_stem() -> nn.Sequential:
    return named_stack(
        [
            ("conv1", nn.Conv2d(3, 64, 7, 2, 3, bias=False)),
            ("bn1", nn.BatchNorm2d(64)),
            ("relu1", nn.ReLU()),
            ("maxpool", nn.MaxPool2d(3, 2, 1)),
        ]
    )


def _large_stem() -> nn.Sequential:
    stem = nn.Sequential()
    channels = 3
    for number, width in enumerate((64, 64, 128), start=1):
        stride = 2 if number == 1 else 1
        stem.add_module(f"conv{number}", nn.Conv2d(channels, width, 3, stride, 1, bias=False))
        stem.add_module(f"bn{number}", nn.BatchNorm2d(width))
        stem.add_module(f"relu{number}", nn.ReLU())
        channels = width
    stem.add_module("maxpool", nn.MaxPool2d(3, 2, 1))
    return stem


def senet(_size: int, *, design: str) -> nn.Module:
    """Build a squeeze-and-excitation network.

    Args:
        _size: Height and width of the input; average pooling takes any.
        design: se_resnet50, se_resnet101, se_resnet152, se_resnext50 or senet154.
    """
    return SENet(_DESIGNS[design])

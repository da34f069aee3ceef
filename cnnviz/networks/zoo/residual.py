"""The paper's residual networks, stride in the first 1×1 layer, and their plain twins.

Source: He, Zhang, Ren and Sun 2016, "Deep residual learning for image recognition", table 1.
"""

import torch
from torch import Tensor, nn

_CLASSES = 1000
_STAGES = {
    18: (2, 2, 2, 2),
    34: (3, 4, 6, 3),
    50: (3, 4, 6, 3),
    101: (3, 4, 23, 3),
    152: (3, 8, 36, 3),
}
_BOTTLENECK_FROM = 50
_WIDTHS = (64, 128, 256, 512)


class BasicBlock(nn.Module):
    """Two 3×3 layers and, unless plain, a shortcut."""

    expansion = 1

    def __init__(self, inputs: int, width: int, *, stride: int, plain: bool = False) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(inputs, width, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(width)
        self.relu1 = nn.ReLU()
        self.conv2 = nn.Conv2d(width, width, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(width)
        self.shortcut: nn.Module | None = None if plain else _shortcut(inputs, width, stride=stride)
        self.relu2 = nn.ReLU()

    def forward(self, x: Tensor) -> Tensor:
        """Add what two layers learn to what came in; a plain block adds nothing."""
        y = self.bn2(self.conv2(self.relu1(self.bn1(self.conv1(x)))))
        if self.shortcut is not None:
            y = y + self.shortcut(x)
        out: Tensor = self.relu2(y)
        return out


class PaperBottleneck(nn.Module):
    """1×1 down, 3×3, 1×1 up to four times the width; the stride is in the first 1×1."""

    expansion = 4

    def __init__(self, inputs: int, width: int, *, stride: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(inputs, width, 1, stride, bias=False)
        self.bn1 = nn.BatchNorm2d(width)
        self.relu1 = nn.ReLU()
        self.conv2 = nn.Conv2d(width, width, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(width)
        self.relu2 = nn.ReLU()
        self.conv3 = nn.Conv2d(width, 4 * width, 1, bias=False)
        self.bn3 = nn.BatchNorm2d(4 * width)
        self.shortcut = _shortcut(inputs, 4 * width, stride=stride)
        self.relu3 = nn.ReLU()

    def forward(self, x: Tensor) -> Tensor:
        """Add what three layers learn to what came in."""
        y = self.relu1(self.bn1(self.conv1(x)))
        y = self.bn3(self.conv3(self.relu2(self.bn2(self.conv2(y)))))
        out: Tensor = self.relu3(y + self.shortcut(x))
        return out


def _shortcut(inputs: int, outputs: int, *, stride: int) -> nn.Module:
    """Hand on what came in; where the shape changes, through a 1×1 layer (the paper's option B)."""
    if stride == 1 and inputs == outputs:
        return nn.Identity()
    layer = nn.Conv2d(inputs, outputs, 1, stride, bias=False)
    return nn.Sequential(layer, nn.BatchNorm2d(outputs))


class PaperResNet(nn.Module):
    """A residual network of the paper, or a plain one: (N, 3, 224, 224) to (N, 1000)."""

    def __init__(self, depth: int, *, plain: bool) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(3, 64, 7, 2, 3, bias=False)
        self.bn1 = nn.BatchNorm2d(64)
        self.relu = nn.ReLU()
        self.maxpool = nn.MaxPool2d(3, 2, 1)
        channels = 64
        for stage, (blocks, width) in enumerate(zip(_STAGES[depth], _WIDTHS, strict=True), start=2):
            layers: list[nn.Module] = []
            for block in range(blocks):
                stride = 2 if stage > 2 and block == 0 else 1
                layers.append(_make_block(depth, channels, width, stride=stride, plain=plain))
                channels = width * (4 if depth >= _BOTTLENECK_FROM else 1)
            self.add_module(f"conv{stage}_x", nn.Sequential(*layers))
        self.avgpool = nn.AdaptiveAvgPool2d(1)
        self.fc = nn.Linear(channels, _CLASSES)

    def forward(self, x: Tensor) -> Tensor:
        """Compute the logits."""
        x = self.maxpool(self.relu(self.bn1(self.conv1(x))))  # (N, 64, 56, 56)
        for stage in range(2, 6):
            x = self.get_submodule(f"conv{stage}_x")(x)
        logits: Tensor = self.fc(torch.flatten(self.avgpool(x), 1))
        return logits


def _make_block(depth: int, inputs: int, width: int, *, stride: int, plain: bool) -> nn.Module:
    if depth >= _BOTTLENECK_FROM:
        return PaperBottleneck(inputs, width, stride=stride)
    return BasicBlock(inputs, width, stride=stride, plain=plain)


def paper_resnet(_size: int, *, depth: int, plain: bool = False) -> nn.Module:
    """Build a residual network as published, or the plain network of the same layers.

    Args:
        _size: Height and width of the input; average pooling takes any.
        depth: 18, 34, 50, 101 or 152.
        plain: Without shortcuts; the paper has 18 and 34 layers of it.
    """
    return PaperResNet(depth, plain=plain)

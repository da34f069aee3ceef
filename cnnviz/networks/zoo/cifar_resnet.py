"""The residual and plain networks of CIFAR-10, and what stochastic depth makes of one of them.

Source: He, Zhang, Ren and Sun 2016, "Deep residual learning for image recognition", section 4.2;
Huang, Sun, Liu, Sedra and Weinberger 2016, "Deep networks with stochastic depth".
"""

import torch
from torch import Tensor, nn

from cnnviz.networks.zoo.stacks import named_stack

_CLASSES = 10
_WIDTHS = (16, 32, 64)
LAST_SURVIVAL = 0.5


class CifarBlock(nn.Module):
    """Two 3×3 layers and a shortcut without parameters (the paper's option A).

    Where the stage halves the map, the shortcut skips every second cell and fills the new channels
    with zeros. A plain block has no shortcut.
    """

    def __init__(self, inputs: int, width: int, *, stride: int, is_plain: bool = False) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(inputs, width, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(width)
        self.relu1 = nn.ReLU()
        self.conv2 = nn.Conv2d(width, width, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(width)
        self.shortcut: nn.Module | None = None if is_plain else nn.Identity()
        if stride != 1 and not is_plain:
            skip = nn.AvgPool2d(1, stride)
            zeros = nn.ConstantPad3d((0, 0, 0, 0, 0, width - inputs), 0.0)
            self.shortcut = named_stack([("skip", skip), ("zeros", zeros)])
        self.relu2 = nn.ReLU()

    def forward(self, x: Tensor) -> Tensor:
        """Add what two layers learn to what came in."""
        y = self.bn2(self.conv2(self.relu1(self.bn1(self.conv1(x)))))
        out: Tensor = self.relu2(y if self.shortcut is None else self.shortcut(x) + y)
        return out


class CifarResNet(nn.Module):
    """A network for (N, 3, 32, 32) of 6n + 2 layers, residual or plain."""

    def __init__(self, depth: int, *, classes: int = _CLASSES, is_plain: bool = False) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(3, _WIDTHS[0], 3, 1, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(_WIDTHS[0])
        self.relu = nn.ReLU()
        self.stages = nn.Sequential()
        channels = _WIDTHS[0]
        for stage, width in enumerate(_WIDTHS, start=1):
            blocks = nn.Sequential()
            for number in range(1, (depth - 2) // 6 + 1):
                stride = 2 if stage > 1 and number == 1 else 1
                block = CifarBlock(channels, width, stride=stride, is_plain=is_plain)
                blocks.add_module(f"block{number}", block)
                channels = width
            self.stages.add_module(f"stage{stage}", blocks)
        self.avgpool = nn.AdaptiveAvgPool2d(1)
        self.fc = nn.Linear(channels, classes)

    def forward(self, x: Tensor) -> Tensor:
        """Compute the logits."""
        x = self.stages(self.relu(self.bn1(self.conv1(x))))
        logits: Tensor = self.fc(torch.flatten(self.avgpool(x), 1))
        return logits


def cifar_resnet(_size: int, *, depth: int) -> nn.Module:
    """Build a residual network for CIFAR-10.

    Args:
        _size: Height and width of the input; average pooling takes any.
        depth: 6n + 2 layers, n blocks in each of three stages: 20, 32, 44, 56, 110, 1202.
    """
    return CifarResNet(depth)


def survival_probabilities(blocks: int) -> tuple[float, ...]:
    """Return each block's chance to be used in one step of training with stochastic depth.

    It falls in a straight line from the input, 1, to the last block, 1/2: 1 − l / 2L.

    Args:
        blocks: Number of residual blocks, L.

    Source: Huang and others 2016, equation 4.
    """
    fall = 1 - LAST_SURVIVAL
    return tuple(1 - place / blocks * fall for place in range(1, blocks + 1))

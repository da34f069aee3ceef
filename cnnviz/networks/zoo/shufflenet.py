"""ShuffleNet-v1: 1×1 layers in groups, and a shuffle so that the groups hear of each other.

Source: Zhang, Zhou, Lin and Sun 2018, "ShuffleNet: an extremely efficient convolutional neural
network for mobile devices", table 1 and figure 2.
"""

import torch
from torch import Tensor, nn

from cnnviz.networks.zoo.stacks import Named, named_stack

_CLASSES = 1000
# Output channels of stage 2 by groups; each further stage doubles them. Table 1.
_STAGE2 = {1: 144, 2: 200, 3: 240, 4: 272, 8: 384}
_UNITS = (4, 8, 4)
# Channels of the first layer by scale, as in the authors' code.
_STEMS = {0.5: 12, 1.0: 24, 1.5: 24, 2.0: 48}


class ShuffleUnit(nn.Module):
    """1×1 in groups, shuffle, depthwise 3×3, 1×1 in groups, and a shortcut.

    A unit of stride 2 joins its shortcut, an average pooling, instead of adding it.
    """

    def __init__(
        self, inputs: int, outputs: int, *, groups: int, first_groups: int, stride: int
    ) -> None:
        super().__init__()
        middle = outputs // 4
        grown = outputs - inputs if stride == 2 else outputs
        self.conv1 = nn.Conv2d(inputs, middle, 1, groups=first_groups, bias=False)
        self.bn1 = nn.BatchNorm2d(middle)
        self.relu1 = nn.ReLU()
        self.shuffle: nn.Module = nn.ChannelShuffle(groups)
        self.depthwise = nn.Conv2d(middle, middle, 3, stride, 1, groups=middle, bias=False)
        self.bn2 = nn.BatchNorm2d(middle)
        self.conv3 = nn.Conv2d(middle, grown, 1, groups=groups, bias=False)
        self.bn3 = nn.BatchNorm2d(grown)
        self.shortcut: nn.Module | None = nn.AvgPool2d(3, 2, 1) if stride == 2 else None
        self.relu2 = nn.ReLU()

    def forward(self, x: Tensor) -> Tensor:
        """Compute (N, outputs, H / stride, W / stride)."""
        y = self.shuffle(self.relu1(self.bn1(self.conv1(x))))
        y = self.bn3(self.conv3(self.bn2(self.depthwise(y))))
        joined = x + y if self.shortcut is None else torch.cat([self.shortcut(x), y], dim=1)
        out: Tensor = self.relu2(joined)
        return out


def shufflenet_v1(_size: int, *, groups: int, scale: float = 1.0) -> nn.Module:
    """Build ShuffleNet-v1: (N, 3, 224, 224) to (N, 1000).

    Args:
        _size: Height and width of the input; average pooling takes any.
        groups: Groups of the 1×1 layers: 1, 2, 3, 4 or 8.
        scale: Factor on the channels, 1, 1.5 or 2, and for three groups 0.5.
    """
    channels = _STEMS[scale]
    layers: Named = [
        ("conv1", nn.Conv2d(3, channels, 3, 2, 1, bias=False)),
        ("bn1", nn.BatchNorm2d(channels)),
        ("relu1", nn.ReLU()),
        ("maxpool", nn.MaxPool2d(3, 2, 1)),
    ]
    for stage, units in enumerate(_UNITS, start=2):
        outputs = int(_STAGE2[groups] * scale) * 2 ** (stage - 2)
        for number in range(1, units + 1):
            # The very first unit reads too few channels for groups.
            first_groups = 1 if stage == 2 and number == 1 else groups
            unit = ShuffleUnit(
                channels,
                outputs,
                groups=groups,
                first_groups=first_groups,
                stride=2 if number == 1 else 1,
            )
            layers.append((f"stage{stage}_{number}", unit))
            channels = outputs
    layers += [
        ("avgpool", nn.AdaptiveAvgPool2d(1)),
        ("flatten", nn.Flatten()),
        ("fc", nn.Linear(channels, _CLASSES)),
    ]
    return named_stack(layers)

"""GoogLeNet, SqueezeNet and DenseNet at 64 pixels: networks whose maps are joined."""

import torch
from torch import Tensor, nn

from cnnviz.networks.zoo.googlenet import MODULES
from cnnviz.networks.zoo.lineage.blocks import (
    average_and_classify,
    initialize,
    normalized_convolution,
)
from cnnviz.networks.zoo.lineage.classes import CLASS_NAMES
from cnnviz.networks.zoo.stacks import Named, named_stack

# Half of every number of the published table.
INCEPTIONS = {name: tuple(size // 2 for size in sizes) for name, sizes in MODULES.items()}


class Inception(nn.Module):
    """Four branches side by side: 1×1, 3×3, 5×5 and pooling, each with its 1×1 reduction."""

    def __init__(self, sizes: tuple[int, ...]) -> None:
        super().__init__()
        inputs, one, reduce3, three, reduce5, five, project = sizes
        self.branch1 = named_stack(normalized_convolution("1x1", inputs, one, kernel=1))
        self.branch3 = named_stack(
            [
                *normalized_convolution("_reduce", inputs, reduce3, kernel=1),
                *normalized_convolution("3x3", reduce3, three, kernel=3),
            ]
        )
        self.branch5 = named_stack(
            [
                *normalized_convolution("_reduce", inputs, reduce5, kernel=1),
                *normalized_convolution("5x5", reduce5, five, kernel=5),
            ]
        )
        self.branch_pool = named_stack(
            [
                ("pool", nn.MaxPool2d(3, 1, 1)),
                *normalized_convolution("_project", inputs, project, kernel=1),
            ]
        )

    def forward(self, x: Tensor) -> Tensor:
        """Join the branches along the channels."""
        branches = [self.branch1(x), self.branch3(x), self.branch5(x), self.branch_pool(x)]
        return torch.cat(branches, dim=1)  # (N, sum of the branches, H, W)


def googlenet64() -> nn.Module:
    """Build GoogLeNet's nine inception modules, (N, 3, 64, 64) in."""
    layers: Named = [
        *normalized_convolution("1", 3, 32, kernel=7, stride=2),  # 32×32
        *normalized_convolution("2", 32, 32, kernel=1),
        *normalized_convolution("3", 32, 96, kernel=3),
        ("pool2", nn.MaxPool2d(3, 2, 1)),  # 16×16
    ]
    for name, sizes in INCEPTIONS.items():
        if name.endswith("a") and not name.startswith("inception3"):
            layers.append((f"pool{int(name[-2]) - 1}", nn.MaxPool2d(3, 2, 1)))  # 8×8, then 4×4
        layers.append((name, Inception(sizes)))
    return average_and_classify(layers, channels=512)


# Inputs; squeezed maps; expanded maps by 1×1 and as many by 3×3.
FIRES: dict[str, tuple[int, int, int]] = {
    "fire2": (64, 16, 64),
    "fire3": (128, 16, 64),
    "fire4": (128, 32, 128),
    "fire5": (256, 32, 128),
    "fire6": (256, 48, 192),
    "fire7": (384, 48, 192),
    "fire8": (384, 64, 256),
    "fire9": (512, 64, 256),
}


class Fire(nn.Module):
    """Squeeze by 1×1, then expand by 1×1 and 3×3 side by side."""

    def __init__(self, sizes: tuple[int, int, int]) -> None:
        super().__init__()
        inputs, squeezed, expanded = sizes
        self.squeeze = named_stack(normalized_convolution("", inputs, squeezed, kernel=1))
        self.expand1 = named_stack(normalized_convolution("1x1", squeezed, expanded, kernel=1))
        self.expand3 = named_stack(normalized_convolution("3x3", squeezed, expanded, kernel=3))

    def forward(self, x: Tensor) -> Tensor:
        """Join the two expansions along the channels."""
        x = self.squeeze(x)
        return torch.cat([self.expand1(x), self.expand3(x)], dim=1)  # (N, 2 × expanded, H, W)


def squeezenet64() -> nn.Module:
    """Build SqueezeNet's eight fire modules, (N, 3, 64, 64) in."""
    layers: Named = [
        *normalized_convolution("1", 3, 64, kernel=3, stride=2),  # 32×32
        ("pool1", nn.MaxPool2d(3, 2, 1)),  # 16×16
    ]
    for name, sizes in FIRES.items():
        if name in ("fire4", "fire6"):
            layers.append((f"pool{int(name[-1]) - 1}", nn.MaxPool2d(3, 2, 1)))  # 8×8, then 4×4
        layers.append((name, Fire(sizes)))
    head: Named = [
        ("drop9", nn.Dropout(0.5)),
        ("conv10", nn.Conv2d(512, len(CLASS_NAMES), 1)),
        ("mean", nn.AdaptiveAvgPool2d(1)),
        ("flatten", nn.Flatten()),
    ]
    return initialize(named_stack([*layers, *head]))


_GROWTH = 16
DENSE_BLOCKS = (6, 12, 16)
_DENSE_STEM = 32


class DenseLayer(nn.Module):
    """Reads all maps so far and adds sixteen: normalised first, through a 1×1 bottleneck."""

    def __init__(self, inputs: int) -> None:
        super().__init__()
        self.norm1 = nn.BatchNorm2d(inputs)
        self.relu1 = nn.ReLU()
        self.conv1 = nn.Conv2d(inputs, 4 * _GROWTH, 1, bias=False)
        self.norm2 = nn.BatchNorm2d(4 * _GROWTH)
        self.relu2 = nn.ReLU()
        self.conv2 = nn.Conv2d(4 * _GROWTH, _GROWTH, 3, padding=1, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        """Join what came in, (N, C, H, W), and sixteen new maps."""
        y = self.conv1(self.relu1(self.norm1(x)))
        y = self.conv2(self.relu2(self.norm2(y)))
        return torch.cat([x, y], dim=1)  # (N, C + 16, H, W)


def densenet64() -> nn.Module:
    """Build three dense blocks with transitions that halve, (N, 3, 64, 64) in."""
    layers: Named = [
        *normalized_convolution("1", 3, _DENSE_STEM, kernel=3, stride=2),  # 32×32
        ("pool1", nn.MaxPool2d(3, 2, 1)),  # 16×16
    ]
    channels = _DENSE_STEM
    for block, count in enumerate(DENSE_BLOCKS, start=1):
        for number in range(1, count + 1):
            layers.append((f"dense{block}_{number}", DenseLayer(channels)))
            channels += _GROWTH
        layers += [
            (f"norm_after{block}", nn.BatchNorm2d(channels)),
            (f"relu_after{block}", nn.ReLU()),
        ]
        if block < len(DENSE_BLOCKS):
            half = channels // 2
            layers += [
                (f"transition{block}", nn.Conv2d(channels, half, 1, bias=False)),
                (f"halve{block}", nn.AvgPool2d(2)),  # 8×8, then 4×4
            ]
            channels = half
    return average_and_classify(layers, channels=channels)

"""GoogLeNet as published: 5×5 branches, no batch normalisation, two auxiliary classifiers.

Source: Szegedy, Liu, Jia and others 2015, "Going deeper with convolutions", table 1.
"""

import torch
from torch import Tensor, nn

from cnnviz.networks.zoo.stacks import convolution, named_stack

# Of each auxiliary head's loss in the sum that is trained on; section 5 of the paper.
AUXILIARY_LOSS_WEIGHT = 0.3
_CLASSES = 1000
# Inputs; 1×1; reduction and 3×3; reduction and 5×5; projection after pooling. Table 1.
MODULES: dict[str, tuple[int, int, int, int, int, int, int]] = {
    "inception3a": (192, 64, 96, 128, 16, 32, 32),
    "inception3b": (256, 128, 128, 192, 32, 96, 64),
    "inception4a": (480, 192, 96, 208, 16, 48, 64),
    "inception4b": (512, 160, 112, 224, 24, 64, 64),
    "inception4c": (512, 128, 128, 256, 24, 64, 64),
    "inception4d": (512, 112, 144, 288, 32, 64, 64),
    "inception4e": (528, 256, 160, 320, 32, 128, 128),
    "inception5a": (832, 256, 160, 320, 32, 128, 128),
    "inception5b": (832, 384, 192, 384, 48, 128, 128),
}


class Inception(nn.Module):
    """Four branches side by side: 1×1, 3×3, 5×5 and pooling, each with its 1×1 reduction."""

    def __init__(self, sizes: tuple[int, int, int, int, int, int, int]) -> None:
        super().__init__()
        inputs, one, reduce3, three, reduce5, five, project = sizes
        self.branch1 = named_stack(convolution("conv1x1", inputs, one, kernel=1))
        self.branch3 = named_stack(
            [
                *convolution("conv_reduce", inputs, reduce3, kernel=1),
                *convolution("conv3x3", reduce3, three, kernel=3, padding=1),
            ]
        )
        self.branch5 = named_stack(
            [
                *convolution("conv_reduce", inputs, reduce5, kernel=1),
                *convolution("conv5x5", reduce5, five, kernel=5, padding=2),
            ]
        )
        self.pool = named_stack(
            [
                ("maxpool", nn.MaxPool2d(3, 1, 1)),
                *convolution("conv_project", inputs, project, kernel=1),
            ]
        )

    def forward(self, x: Tensor) -> Tensor:
        """Join the branches along the channels."""
        branches = [self.branch1(x), self.branch3(x), self.branch5(x), self.pool(x)]
        return torch.cat(branches, dim=1)  # (N, sum of the branches, H, W)


class NaiveInception(nn.Module):
    """An inception module without reductions; pooling hands on all its inputs."""

    def __init__(self, inputs: int, *, one: int, three: int, five: int) -> None:
        super().__init__()
        self.conv1x1 = nn.Conv2d(inputs, one, 1)
        self.conv3x3 = nn.Conv2d(inputs, three, 3, padding=1)
        self.conv5x5 = nn.Conv2d(inputs, five, 5, padding=2)
        self.pool = nn.MaxPool2d(3, 1, 1)

    def forward(self, x: Tensor) -> Tensor:
        """Join the branches along the channels."""
        return torch.cat([self.conv1x1(x), self.conv3x3(x), self.conv5x5(x), self.pool(x)], dim=1)


class GoogLeNet2014(nn.Module):
    """GoogLeNet: (N, 3, 224, 224) to logits (N, 1000); the auxiliary heads only train."""

    def __init__(self) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(3, 64, 7, stride=2, padding=3)
        self.relu1 = nn.ReLU()
        self.pool1 = nn.MaxPool2d(3, 2, ceil_mode=True)
        self.norm1 = nn.LocalResponseNorm(5)
        self.conv2 = nn.Conv2d(64, 64, 1)
        self.relu2 = nn.ReLU()
        self.conv3 = nn.Conv2d(64, 192, 3, padding=1)
        self.relu3 = nn.ReLU()
        self.norm2 = nn.LocalResponseNorm(5)
        self.pool2 = nn.MaxPool2d(3, 2, ceil_mode=True)
        for name, sizes in MODULES.items():
            self.add_module(name, Inception(sizes))
        self.pool3 = nn.MaxPool2d(3, 2, ceil_mode=True)
        self.pool4 = nn.MaxPool2d(3, 2, ceil_mode=True)
        self.avgpool = nn.AdaptiveAvgPool2d(1)
        self.dropout = nn.Dropout(0.4)
        self.fc = nn.Linear(1024, _CLASSES)
        # Their only use is a second and third loss in training: AUXILIARY_LOSS_WEIGHT.
        self.aux1 = _auxiliary_head(512)
        self.aux2 = _auxiliary_head(528)

    def forward(self, x: Tensor) -> Tensor:
        """Compute the logits of the main classifier."""
        x = self.norm1(self.pool1(self.relu1(self.conv1(x))))  # (N, 64, 56, 56)
        x = self.relu3(self.conv3(self.relu2(self.conv2(x))))  # (N, 192, 56, 56)
        x = self.pool2(self.norm2(x))  # (N, 192, 28, 28)
        for name in MODULES:
            if name == "inception4a":
                x = self.pool3(x)  # (N, 480, 14, 14)
            if name == "inception5a":
                x = self.pool4(x)  # (N, 832, 7, 7)
            x = self.get_submodule(name)(x)
        x = torch.flatten(self.avgpool(x), 1)  # (N, 1024)
        logits: Tensor = self.fc(self.dropout(x))
        return logits


def _auxiliary_head(channels: int) -> nn.Sequential:
    """The classifier beside inception4a or 4d, on a 4×4 average of its 14×14 map."""
    return named_stack(
        [
            ("avgpool", nn.AvgPool2d(5, 3)),
            *convolution("conv", channels, 128, kernel=1),
            ("flatten", nn.Flatten()),
            ("fc1", nn.Linear(128 * 4 * 4, 1024)),
            ("relu1", nn.ReLU()),
            ("dropout", nn.Dropout(0.7)),
            ("fc2", nn.Linear(1024, _CLASSES)),
        ]
    )


def googlenet_2014(_size: int) -> nn.Module:
    """Build GoogLeNet; average pooling makes it take any size that the poolings leave."""
    return GoogLeNet2014()

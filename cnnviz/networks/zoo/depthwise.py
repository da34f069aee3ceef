"""Xception and MobileNet-v1: convolutions split into one map at a time and one place at a time.

Source: Chollet 2017, "Xception: deep learning with depthwise separable convolutions", figure 5;
Howard and others 2017, "MobileNets: efficient convolutional neural networks for mobile vision
applications", table 1.
"""

from itertools import pairwise

from torch import Tensor, nn

from cnnviz.networks.zoo.stacks import Named, named_stack

_CLASSES = 1000


def _separable(inputs: int, outputs: int, *, number: int) -> Named:
    """Xception's pair, with one normalisation behind both and no ReLU between."""
    return [
        (
            f"depthwise{number}",
            nn.Conv2d(inputs, inputs, 3, padding=1, groups=inputs, bias=False),
        ),
        (f"pointwise{number}", nn.Conv2d(inputs, outputs, 1, bias=False)),
        (f"bn{number}", nn.BatchNorm2d(outputs)),
    ]


class XceptionBlock(nn.Module):
    """Separable convolutions with a shortcut; a block that shrinks pools at its end."""

    def __init__(self, widths: tuple[int, ...], *, shrink: bool, relu_first: bool = True) -> None:
        super().__init__()
        layers: Named = []
        for number, (inputs, outputs) in enumerate(pairwise(widths), start=1):
            if relu_first or number > 1:
                layers.append((f"relu{number}", nn.ReLU()))
            layers += _separable(inputs, outputs, number=number)
        self.shortcut: nn.Module = nn.Identity()
        if shrink:
            layers.append(("pool", nn.MaxPool2d(3, 2, 1)))
            layer = nn.Conv2d(widths[0], widths[-1], 1, 2, bias=False)
            self.shortcut = named_stack([("conv", layer), ("bn", nn.BatchNorm2d(widths[-1]))])
        self.layers = named_stack(layers)

    def forward(self, x: Tensor) -> Tensor:
        """Add what the layers learn to what came in."""
        out: Tensor = self.layers(x) + self.shortcut(x)
        return out


def xception(_size: int) -> nn.Module:
    """Build Xception: (N, 3, 299, 299) to (N, 1000)."""
    layers: Named = [
        ("conv1", nn.Conv2d(3, 32, 3, 2, bias=False)),
        ("bn1", nn.BatchNorm2d(32)),
        ("relu1", nn.ReLU()),
        ("conv2", nn.Conv2d(32, 64, 3, bias=False)),
        ("bn2", nn.BatchNorm2d(64)),
        ("relu2", nn.ReLU()),
        ("entry1", XceptionBlock((64, 128, 128), shrink=True, relu_first=False)),
        ("entry2", XceptionBlock((128, 256, 256), shrink=True)),
        ("entry3", XceptionBlock((256, 728, 728), shrink=True)),
    ]
    layers += [
        (f"middle{number}", XceptionBlock((728,) * 4, shrink=False)) for number in range(1, 9)
    ]
    layers.append(("exit1", XceptionBlock((728, 728, 1024), shrink=True)))
    for number, (inputs, outputs) in enumerate(((1024, 1536), (1536, 2048)), start=1):
        pair = [*_separable(inputs, outputs, number=1), ("relu1", nn.ReLU())]
        layers.append((f"exit{number + 1}", named_stack(pair)))
    return named_stack([*layers, *_head(2048)])


def _head(channels: int) -> Named:
    return [
        ("avgpool", nn.AdaptiveAvgPool2d(1)),
        ("flatten", nn.Flatten()),
        ("fc", nn.Linear(channels, _CLASSES)),
    ]


# Output channels and stride of each depthwise pair, table 1.
_MOBILE_PAIRS = (
    (64, 1),
    (128, 2),
    (128, 1),
    (256, 2),
    (256, 1),
    (512, 2),
    *((512, 1),) * 5,
    (1024, 2),
    (1024, 1),
)


def mobilenet_v1(_size: int, *, width: float = 1.0) -> nn.Module:
    """Build MobileNet-v1: (N, 3, 224, 224) to (N, 1000).

    Args:
        _size: Height and width of the input; average pooling takes any.
        width: The width multiplier, 1, 0.75, 0.5 or 0.25 of all channels.
    """
    channels = int(32 * width)
    layers: Named = [
        ("conv1", nn.Conv2d(3, channels, 3, 2, 1, bias=False)),
        ("bn1", nn.BatchNorm2d(channels)),
        ("relu1", nn.ReLU()),
    ]
    for number, (outputs, stride) in enumerate(_MOBILE_PAIRS, start=2):
        scaled = int(outputs * width)
        layers.append((f"pair{number}", mobile_pair(channels, scaled, stride=stride)))
        channels = scaled
    return named_stack([*layers, *_head(channels)])


def mobile_pair(inputs: int, outputs: int, *, stride: int) -> nn.Sequential:
    """Make a depthwise 3×3 and a 1×1 layer, each with its normalisation and ReLU."""
    depthwise = nn.Conv2d(inputs, inputs, 3, stride, 1, groups=inputs, bias=False)
    return named_stack(
        [
            ("depthwise", depthwise),
            ("bn1", nn.BatchNorm2d(inputs)),
            ("relu1", nn.ReLU()),
            ("pointwise", nn.Conv2d(inputs, outputs, 1, bias=False)),
            ("bn2", nn.BatchNorm2d(outputs)),
            ("relu2", nn.ReLU()),
        ]
    )

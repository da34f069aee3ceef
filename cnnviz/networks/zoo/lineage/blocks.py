"""What the lineage's definitions share: a normalised convolution, and how weights begin."""

from torch import nn

from cnnviz.networks.zoo.lineage.classes import CLASS_NAMES
from cnnviz.networks.zoo.stacks import Named, named_stack


def normalized_convolution(
    number: str,
    channels_in: int,
    channels_out: int,
    *,
    kernel: int,
    stride: int = 1,
    padding: int | None = None,
) -> Named:
    """Make a convolution, its batch normalisation and its ReLU: convN, normN, reluN.

    Args:
        number: What follows the three names.
        channels_in: Maps read.
        channels_out: Maps made.
        kernel: Height and width of the kernel.
        stride: Cells between neighbouring windows.
        padding: Rows and columns of zeros around the maps; None keeps the size at stride 1.
    """
    around = kernel // 2 if padding is None else padding
    return [
        # The normalisation has an offset of its own, so the convolution needs none.
        (f"conv{number}", nn.Conv2d(channels_in, channels_out, kernel, stride, around, bias=False)),
        (f"norm{number}", nn.BatchNorm2d(channels_out)),
        (f"relu{number}", nn.ReLU()),
    ]


def initialize(module: nn.Module) -> nn.Module:
    """Draw every convolution's weights so that deep stacks of ReLUs neither fade nor explode.

    Source: He, Zhang, Ren and Sun 2015, "Delving deep into rectifiers", equation 14.
    """
    for layer in module.modules():
        if isinstance(layer, nn.Conv2d):
            nn.init.kaiming_normal_(layer.weight, mode="fan_out", nonlinearity="relu")
    return module


def average_and_classify(layers: Named, *, channels: int) -> nn.Module:
    """Chain layers, average each of their last maps, and add one linear layer.

    Args:
        layers: From an image to maps.
        channels: How many maps those are.
    """
    head: Named = [
        ("mean", nn.AdaptiveAvgPool2d(1)),
        ("flatten", nn.Flatten()),
        ("output", nn.Linear(channels, len(CLASS_NAMES))),
    ]
    return initialize(named_stack([*layers, *head]))

"""AlexNet, ZFNet, VGG, NiN and MobileNet at 64 pixels: chains of convolutions."""

from torch import nn

from cnnviz.networks.zoo.lineage.blocks import (
    average_and_classify,
    initialize,
    normalized_convolution,
)
from cnnviz.networks.zoo.lineage.classes import CLASS_NAMES
from cnnviz.networks.zoo.stacks import Named, classifier_head, named_stack

_SIDE = 64
_HIDDEN = 1024
VGG_STAGES = ((32,), (64,), (128, 128), (256, 256), (256, 256))
# Maps and stride: to 16×16, 8×8 and 4×4.
MOBILE_LAYERS = (
    (48, 1),
    (96, 2),
    (96, 1),
    (192, 2),
    (192, 1),
    (384, 2),
    *((384, 1),) * 5,
    (768, 1),
    (768, 1),
)


def alexnet64() -> nn.Module:
    """Build AlexNet's five convolutions and three fully connected layers, (N, 3, 64, 64) in."""
    features = [
        *normalized_convolution("1", 3, 48, kernel=11, stride=4),  # 16×16
        ("pool1", nn.MaxPool2d(3, 2, 1)),  # 8×8
        *_after_first(48),
    ]
    return _with_head(features)


def zfnet64() -> nn.Module:
    """Build ZFNet: alexnet64 with a smaller, denser first layer, (N, 3, 64, 64) in."""
    features = [
        *normalized_convolution("1", 3, 48, kernel=7, stride=2),  # 32×32
        ("pool1", nn.MaxPool2d(3, 2, 1)),  # 16×16
        *_after_first(48, stride=2),
    ]
    return _with_head(features)


def _after_first(channels: int, *, stride: int = 1) -> Named:
    """From the pooled maps of the first layer to 4×4 maps; `stride` leads to 8×8."""
    return [
        *normalized_convolution("2", channels, 128, kernel=5, stride=stride),  # 8×8
        *normalized_convolution("3", 128, 192, kernel=3),
        *normalized_convolution("4", 192, 192, kernel=3),
        *normalized_convolution("5", 192, 128, kernel=3),
        ("pool5", nn.MaxPool2d(3, 2, 1)),  # 4×4
    ]


def vgg64() -> nn.Module:
    """Build VGG-A's five stages of 3×3 layers, (N, 3, 64, 64) in."""
    layers: Named = []
    channels = 3
    for stage, widths in enumerate(VGG_STAGES, start=1):
        for number, width in enumerate(widths, start=1):
            layers += normalized_convolution(f"{stage}_{number}", channels, width, kernel=3)
            channels = width
        layers.append((f"pool{stage}", nn.MaxPool2d(2)))  # 32, 16, 8, 4, 2
    return _with_head(layers)


def _with_head(features: Named) -> nn.Module:
    widths = (_HIDDEN, _HIDDEN, len(CLASS_NAMES))
    head = classifier_head(features, size=_SIDE, widths=widths)
    return initialize(named_stack(head))


def nin64() -> nn.Module:
    """Build NiN's four small networks, each slid over the maps, (N, 3, 64, 64) in."""
    layers: Named = [
        *_mlpconv("1", (3, 48, 48, 48), kernel=5, stride=2),  # 32×32
        ("pool1", nn.MaxPool2d(3, 2, 1)),  # 16×16
        *_mlpconv("2", (48, 128, 128, 128), kernel=5),
        ("pool2", nn.MaxPool2d(3, 2, 1)),  # 8×8
        *_mlpconv("3", (128, 192, 192, 192), kernel=3),
        ("pool3", nn.MaxPool2d(3, 2, 1)),  # 4×4
        ("drop3", nn.Dropout(0.5)),
        *_mlpconv("4", (192, 512, 512, len(CLASS_NAMES)), kernel=3),
        ("mean", nn.AdaptiveAvgPool2d(1)),
        ("flatten", nn.Flatten()),
    ]
    # The last maps are the classes' scores: nothing but the average follows.
    kept = [entry for entry in layers if entry[0] not in ("norm4_3", "relu4_3")]
    return initialize(named_stack(kept))


def _mlpconv(
    stage: str, widths: tuple[int, int, int, int], *, kernel: int, stride: int = 1
) -> Named:
    """A convolution and two 1×1 layers after it: a small network in place of one layer."""
    inputs, first, second, third = widths
    return [
        *normalized_convolution(f"{stage}_1", inputs, first, kernel=kernel, stride=stride),
        *normalized_convolution(f"{stage}_2", first, second, kernel=1),
        *normalized_convolution(f"{stage}_3", second, third, kernel=1),
    ]


def mobilenet64() -> nn.Module:
    """Build MobileNet's depthwise and 1×1 layers in turn, (N, 3, 64, 64) in."""
    layers = normalized_convolution("1", 3, 24, kernel=3, stride=2)  # 32×32
    channels = 24
    for number, (width, stride) in enumerate(MOBILE_LAYERS, start=2):
        layers += [
            (
                f"depthwise{number}",
                nn.Conv2d(channels, channels, 3, stride, 1, groups=channels, bias=False),
            ),
            (f"depthnorm{number}", nn.BatchNorm2d(channels)),
            (f"depthrelu{number}", nn.ReLU()),
            *normalized_convolution(str(number), channels, width, kernel=1),
        ]
        channels = width
    return average_and_classify(layers, channels=channels)

"""The blocks of the networks since 2016."""

from typing import Any

from torch import nn

from cnnviz.networks.zoo.block import EIGHTHS, QUARTERS, Block, take_part
from cnnviz.networks.zoo.cifar_resnet import CifarBlock
from cnnviz.networks.zoo.depthwise import XceptionBlock, mobile_pair
from cnnviz.networks.zoo.fractal import FractalBlock
from cnnviz.networks.zoo.senet import excited_bottleneck
from cnnviz.networks.zoo.shufflenet import ShuffleUnit
from cnnviz.networks.zoo.torchvision_import import import_torchvision


def _torchvision(part: str, name: str) -> Any:
    return getattr(import_torchvision(f"models.{part}"), name)


def fire(channels: int) -> nn.Module:
    """Make SqueezeNet's module: an eighth of the maps, then as many again as came in."""
    make = _torchvision("squeezenet", "Fire")
    module: nn.Module = make(channels, channels // 8, channels // 2, channels // 2)
    return module


def _dense(channels: int) -> nn.Module:
    make = _torchvision("densenet", "_DenseBlock")
    module: nn.Module = make(3, channels, 4, channels // 2, 0.0)
    return module


def wide_bottleneck(channels: int, *, groups: int, base_width: int) -> nn.Module:
    """Make torchvision's bottleneck, its middle widened or in groups."""
    make = _torchvision("resnet", "Bottleneck")
    module: nn.Module = make(channels, channels // 4, groups=groups, base_width=base_width)
    return module


def inverted_residual(channels: int) -> nn.Module:
    """Make MobileNet-v2's block, sixfold in its middle."""
    module: nn.Module = _torchvision("mobilenetv2", "InvertedResidual")(channels, channels, 1, 6)
    return module


def _convnext(channels: int) -> nn.Module:
    module: nn.Module = _torchvision("convnext", "CNBlock")(channels, 1e-6, 0.0)
    return module


BLOCKS_LATER: tuple[Block, ...] = (
    Block(
        name="fire",
        title="fire module",
        label="SqueezeNet",
        architecture="squeezenet1_0",
        place="features.4",
        look=(
            "Squeeze, then expand: 1×1 makes an eighth of the maps, and on these few a 1×1 and a "
            "3×3 layer work side by side and are joined."
        ),
        build=fire,
        channels=128,
        size=54,
        pair="fire",
        choices=EIGHTHS,
    ),
    Block(
        name="dense",
        title="dense block",
        label="DenseNet-121",
        architecture="densenet121",
        place="features.denseblock1.denselayer1:denselayer3",
        look=(
            "A layer adds half as many maps as came into the block: watch the channels of the "
            "joins grow. The network’s first block has six layers; its first three are drawn."
        ),
        build=_dense,
        channels=64,
        size=56,
        pair="reduce",
        choices=(16, 32, 64, 128),
    ),
    Block(
        name="wide",
        title="wide bottleneck",
        label="Wide ResNet-50-2",
        architecture="wide_resnet50_2",
        place="layer1.1",
        look="ResNet’s bottleneck with twice the channels in the middle, where the 3×3 works.",
        build=lambda channels: wide_bottleneck(channels, groups=1, base_width=128),
        channels=256,
        size=56,
        pair="bottleneck",
        choices=QUARTERS,
    ),
    Block(
        name="resnext",
        title="grouped bottleneck",
        label="ResNeXt-50",
        architecture="resnext50_32x4d",
        place="layer1.1",
        look=(
            "Thirty-two narrow paths side by side, written as one 3×3 convolution in 32 groups: "
            "each filter reads a thirty-second of the maps."
        ),
        build=lambda channels: wide_bottleneck(channels, groups=32, base_width=4),
        channels=256,
        size=56,
        pair="grouped",
        choices=(64, 128, 256, 512, 1024),
    ),
    Block(
        name="inception4",
        title="kernels taken apart",
        label="Inception-v4",
        architecture="inception_v4",
        place="inception_b1",
        look=(
            "7×7 as 1×7 and 7×1, twice over in the longest branch: fourteen weights do what "
            "forty-nine did."
        ),
        build=lambda _channels: take_part("inception_v4", "inception_b1"),
        channels=1024,
        size=17,
        pair="inception",
    ),
    Block(
        name="inception_resnet",
        title="inception with a shortcut",
        label="Inception-ResNet-v2",
        architecture="inception_resnet_v2",
        place="block_a1",
        look=(
            "Branches, joined, brought back to as many maps as came in, scaled down, and added: "
            "GoogLeNet’s idea and ResNet’s in one block."
        ),
        build=lambda _channels: take_part("inception_resnet_v2", "block_a1"),
        channels=384,
        size=35,
        pair="inception",
    ),
    Block(
        name="fractal",
        title="fractal of three columns",
        label="FractalNet",
        architecture="fractalnet20_cifar",
        place="block2",
        look=(
            "One layer beside two beside four, by one rule used again. Where columns end together "
            "they are averaged; there is no shortcut past the layers."
        ),
        build=lambda channels: FractalBlock(channels, 2 * channels, columns=3),
        channels=64,
        size=16,
        pair="two_small",
        choices=EIGHTHS,
    ),
    Block(
        name="stochastic",
        title="a block that may be left out",
        label="Stochastic depth",
        architecture="stochastic_depth110_cifar",
        place="stages.stage1.block1",
        look=(
            "An ordinary residual block. In training it is left out at random and only the "
            "shortcut stays; in use, as drawn here, it is always there."
        ),
        build=lambda channels: CifarBlock(channels, channels, stride=1),
        channels=16,
        size=32,
        pair="plain",
        choices=EIGHTHS,
    ),
    Block(
        name="xception",
        title="separable convolutions",
        label="Xception",
        architecture="xception",
        place="middle1",
        look=(
            "Three pairs: a 3×3 for each map alone, then a 1×1 across all maps. The 1×1 layers do "
            "nearly all the work."
        ),
        build=lambda channels: XceptionBlock((channels,) * 4, shrink=False),
        channels=728,
        size=19,
        pair="separable",
        choices=(64, 128, 256, 512, 728, 1024),
    ),
    Block(
        name="se",
        title="squeeze and excitation",
        label="SENet",
        architecture="se_resnet50",
        place="stages.conv2_x.block2",
        look=(
            "Beside the maps runs a branch of one number a map: average, two small layers, a "
            "factor from 0 to 1. It costs nearly no work and decides which maps are heard."
        ),
        build=lambda channels: excited_bottleneck(channels, design="se_resnet50"),
        channels=256,
        size=56,
        pair="excited",
        choices=QUARTERS,
    ),
    Block(
        name="mobilenet",
        title="depthwise separable pair",
        label="MobileNet-v1",
        architecture="mobilenet_v1",
        place="pair4",
        look=(
            "One 3×3 filter for each map, which sees that map only; then 1×1 mixes the maps. "
            "Compare the multiply-adds of the two boxes."
        ),
        build=lambda channels: mobile_pair(channels, channels, stride=1),
        channels=128,
        size=56,
        pair="separable",
        choices=EIGHTHS,
    ),
    Block(
        name="shuffle",
        title="shuffle unit",
        label="ShuffleNet-v1",
        architecture="shufflenet_v1_g3",
        place="stage2_2",
        look=(
            "Even the 1×1 layers are in groups, which would never hear of each other; the shuffle "
            "between them deals the maps out anew, at no cost."
        ),
        build=lambda channels: ShuffleUnit(channels, channels, groups=3, first_groups=3, stride=1),
        channels=240,
        size=28,
        pair="grouped",
        choices=(48, 96, 120, 240, 480),
    ),
    Block(
        name="inverted",
        title="inverted residual",
        label="MobileNet-v2",
        architecture="mobilenet_v2",
        place="features.3",
        look=(
            "A bottleneck turned round: 1×1 widens sixfold, the cheap depthwise 3×3 works in the "
            "wide middle, 1×1 narrows without a ReLU, and the narrow ends are added."
        ),
        build=inverted_residual,
        channels=24,
        size=56,
        pair="inverted",
        choices=(16, 24, 32, 64, 96, 160),
    ),
    Block(
        name="mbconv",
        title="MBConv",
        label="EfficientNet-B0",
        architecture="efficientnet_b0",
        place="features.3.1",
        look=(
            "MobileNet-v2’s inverted block with a squeeze-and-excitation branch in its wide "
            "middle, and 5×5 kernels where a search chose them."
        ),
        build=lambda _channels: take_part("efficientnet_b0", "features.3.1"),
        channels=40,
        size=28,
        pair="inverted",
    ),
    Block(
        name="convnext",
        title="ConvNeXt block",
        label="ConvNeXt-T",
        architecture="convnext_tiny",
        place="features.1.0",
        look=(
            "A depthwise 7×7, one normalization, one GELU: a transformer’s block in which a "
            "convolution stands where attention was."
        ),
        build=_convnext,
        channels=96,
        size=56,
        pair="separable",
        choices=(48, 96, 192, 384, 768),
    ),
)

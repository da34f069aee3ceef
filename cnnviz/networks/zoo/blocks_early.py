"""The blocks of the networks from LeNet-5 to the residual networks."""

from torch import nn

from cnnviz.networks.zoo.block import EIGHTHS, QUARTERS, Block, take_part
from cnnviz.networks.zoo.classic import alexnet_second_stage, mlp_convolution, vgg_stage
from cnnviz.networks.zoo.googlenet import Inception
from cnnviz.networks.zoo.preactivation import PreactivationBottleneck
from cnnviz.networks.zoo.residual import BasicBlock, PaperBottleneck
from cnnviz.networks.zoo.stacks import named_stack


def _inception(channels: int) -> nn.Module:
    # Shares of inception3b's 256 inputs.
    shares = (128, 128, 192, 32, 96, 64)
    one, reduce3, three, reduce5, five, project = (share * channels // 256 for share in shares)
    return Inception((channels, one, reduce3, three, reduce5, five, project))


BLOCKS_EARLY: tuple[Block, ...] = (
    Block(
        name="lenet",
        title="convolution and subsampling",
        label="LeNet-5",
        architecture="lenet5",
        place="c3:s4",
        look=(
            "Each map reads all maps below through one small kernel, slid over the image. "
            "Subsampling halves height and width: it has no weights."
        ),
        build=lambda _channels: take_part("lenet5", "c3:s4"),
        channels=6,
        size=14,
        pair="two_small",
    ),
    Block(
        name="alexnet",
        title="a stage in two groups",
        label="AlexNet",
        architecture="alexnet_2012",
        place="conv2:norm2",
        look=(
            "Two groups: each graphics card filters its own half of the maps, which halves weights "
            "and work. Response normalization has no weights and was soon given up."
        ),
        build=lambda channels: named_stack(
            alexnet_second_stage(channels, channels * 8 // 3, groups=2)
        ),
        channels=96,
        size=27,
        pair="two_small",
        choices=(24, 48, 96, 192),
    ),
    Block(
        name="zfnet",
        title="a gentler first layer",
        label="ZFNet",
        architecture="zfnet",
        place="conv1:norm1",
        look=(
            "The first layer of AlexNet, mended: 7×7 with stride 2 where 11×11 had jumped by 4. "
            "It costs more work and keeps the fine detail."
        ),
        build=lambda _channels: take_part("zfnet", "conv1:norm1"),
        channels=3,
        size=224,
        pair="three_small",
    ),
    Block(
        name="nin",
        title="mlpconv",
        label="NiN",
        architecture="nin_imagenet",
        place="conv3:relu3_1x1b",
        look=(
            "Behind the 3×3 convolution stand two 1×1 layers: a small fully connected network "
            "that looks at one place of all maps, and slides with it."
        ),
        build=lambda channels: named_stack(
            mlp_convolution(3, channels, (channels * 3 // 2,) * 3, 3, 1, 1)
        ),
        channels=256,
        size=13,
        pair="reduce",
        choices=EIGHTHS,
    ),
    Block(
        name="vgg",
        title="a stage of 3×3",
        label="VGG",
        architecture="vgg16_d",
        place="conv3_1:pool3",
        look=(
            "Nothing but 3×3. Three of them see 7×7 between them; the pooling halves the maps, "
            "and the next stage doubles their number."
        ),
        build=lambda channels: named_stack(vgg_stage(3, channels, 2 * channels, kernels=(3, 3, 3))),
        channels=128,
        size=56,
        pair="three_small",
        choices=EIGHTHS,
    ),
    Block(
        name="inception",
        title="inception module",
        label="GoogLeNet",
        architecture="googlenet_2014",
        place="inception3b",
        look=(
            "Four branches read the same maps and are joined. Before the 3×3 and 5×5, and behind "
            "the pooling, a 1×1 layer makes the maps fewer: that is where the work is saved."
        ),
        build=_inception,
        channels=256,
        size=28,
        pair="inception",
        choices=EIGHTHS,
    ),
    Block(
        name="residual",
        title="residual block",
        label="ResNet-34",
        architecture="resnet34_paper",
        place="conv3_x.1",
        look=(
            "What came in goes round the two layers and is added at the end: they learn only what "
            "to change. The line at the side costs no weight."
        ),
        build=lambda channels: BasicBlock(channels, channels, stride=1),
        channels=128,
        size=28,
        pair="bottleneck",
        choices=EIGHTHS,
    ),
    Block(
        name="bottleneck",
        title="bottleneck block",
        label="ResNet-152",
        architecture="resnet152_paper",
        place="conv2_x.1",
        look=(
            "A 1×1 layer narrows to a quarter, the 3×3 works there, a 1×1 layer widens again: "
            "four times the channels at the price of a basic block."
        ),
        build=lambda channels: PaperBottleneck(channels, channels // 4, stride=1),
        channels=256,
        size=56,
        pair="bottleneck",
        choices=QUARTERS,
    ),
    Block(
        name="preactivation",
        title="pre-activation block",
        label="ResNet-200",
        architecture="preact_resnet200",
        place="stages.stage1.block2",
        look=(
            "Normalization and ReLU stand before each convolution, and nothing stands behind the "
            "sum: from the first block to the last the shortcut is one clear line."
        ),
        build=lambda channels: PreactivationBottleneck(channels, channels // 4, stride=1),
        channels=256,
        size=56,
        pair="bottleneck",
        choices=QUARTERS,
    ),
)

"""The lineage's rows: what each network kept of its original, what was scaled, and why."""

from collections.abc import Callable

from torch import nn

from cnnviz.networks.zoo.lineage import branches, early, residual
from cnnviz.networks.zoo.lineage.classes import CLASS_NAMES
from cnnviz.networks.zoo.lineage.photographs import PHOTOGRAPHS
from cnnviz.networks.zoo.lineage.titles import (
    Titles,
    title_average,
    title_blocks,
    title_convolutions,
    title_dense_blocks,
    title_depthwise,
    title_fires,
    title_fully_connected,
    title_inceptions,
    title_pools,
)
from cnnviz.networks.zoo.registry import NetworkSpec


def _row(
    build: Callable[[], nn.Module],
    *,
    title: str,
    year: int,
    paper: str,
    idea: str,
    changes: str,
    layer_titles: Titles,
) -> NetworkSpec:
    return NetworkSpec(
        name=build.__name__,
        title=title,
        year=year,
        paper=paper,
        idea=idea,
        changes=changes,
        build=build,
        preprocessing=PHOTOGRAPHS,
        classes=CLASS_NAMES,
        layer_titles=layer_titles,
    )


ALEXNET64 = _row(
    early.alexnet64,
    title="AlexNet",
    year=2012,
    paper=(
        "A. Krizhevsky, I. Sutskever, G. Hinton: ImageNet classification with deep convolutional "
        "neural networks. NIPS 2012"
    ),
    idea=(
        "LeNet's plan grown large, with ReLU and dropout and trained on graphics cards: large "
        "strided kernels first, five convolutions, three fully connected layers."
    ),
    changes=(
        "Kept: 11×11 kernels at stride 4 first, then 5×5 and 3×3, overlapping pooling (3×3 at "
        "stride 2), five convolutions, three fully connected layers that hold most parameters, "
        "dropout. Scaled: half the maps, 1,024 units for 4,096; 64 pixels leave room for two of "
        "the three poolings. Changed: batch normalization for local response normalization, which "
        "trains in a fraction of the time, and no split over two graphics cards."
    ),
    layer_titles={
        **title_convolutions("12345"),
        **title_pools((1, 5)),
        **title_fully_connected(),
    },
)

ZFNET64 = _row(
    early.zfnet64,
    title="ZFNet",
    year=2013,
    paper="M. Zeiler, R. Fergus: Visualizing and understanding convolutional networks. ECCV 2014",
    idea=(
        "AlexNet looked into, and mended where it looked wrong: smaller first kernels at a smaller "
        "stride, so that fine detail is not skipped."
    ),
    changes=(
        "Kept: what the paper changed in AlexNet, 7×7 kernels at stride 2 first and stride 2 in "
        "the second layer. Everything else is alexnet64, so the two differ in this alone; what was "
        "scaled and changed there holds here."
    ),
    layer_titles={
        **title_convolutions("12345"),
        **title_pools((1, 5)),
        **title_fully_connected(),
    },
)

NIN64 = _row(
    early.nin64,
    title="Network in network",
    year=2013,
    paper="M. Lin, Q. Chen, S. Yan: Network in network. ICLR 2014 (arXiv 2013)",
    idea=(
        "A small network slides over the image in place of a linear kernel, written as 1×1 "
        "convolutions; the mean of each class's map replaces fully connected layers."
    ),
    changes=(
        "Kept: four stages of one convolution and two 1×1 layers, pooling between them, dropout "
        "before the last, one map a class and its mean as the score. Scaled: half the maps, 5×5 at "
        "stride 2 for 11×11 at stride 4 in the first stage, 100 classes. Changed: batch "
        "normalization, so that it trains in a fraction of the time."
    ),
    layer_titles={
        **title_convolutions(f"{stage}_{number}" for stage in "1234" for number in "123"),
        **title_pools((1, 2, 3)),
        "drop3": "Pool3 after dropout",
        "conv4_3": "Conv4-3, one map a class",
        **title_average(output=False),
    },
)

VGG64 = _row(
    early.vgg64,
    title="VGG",
    year=2014,
    paper=(
        "K. Simonyan, A. Zisserman: Very deep convolutional networks for large-scale image "
        "recognition. ICLR 2015 (arXiv 2014)"
    ),
    idea="Nothing but 3×3 kernels, stacked: two see as far as one 5×5, with fewer parameters.",
    changes=(
        "Kept: the layers of the paper's network A, eight 3×3 convolutions at stride 1 in five "
        "stages with 2×2 pooling after each, then three fully connected layers with dropout. "
        "Scaled: half the maps, 1,024 units for 4,096, 100 classes. Changed: batch normalization, "
        "without which the paper trained deep networks only from shallower ones."
    ),
    layer_titles={
        **title_convolutions(
            f"{stage}_{number}"
            for stage, widths in enumerate(early.VGG_STAGES, start=1)
            for number in range(1, len(widths) + 1)
        ),
        **title_pools(range(1, 6)),
        **title_fully_connected(),
    },
)

GOOGLENET64 = _row(
    branches.googlenet64,
    title="GoogLeNet",
    year=2014,
    paper="C. Szegedy and others: Going deeper with convolutions. CVPR 2015 (arXiv 2014)",
    idea=(
        "Branches of several kernel sizes side by side, each made cheap by a 1×1 layer before it, "
        "and the mean of each map in place of fully connected layers."
    ),
    changes=(
        "Kept: nine inception modules in the paper's three groups, all four branches, 7×7 at "
        "stride 2 first, the mean of each map before one linear layer. Scaled: half the maps; "
        "the first of the four poolings is left out, 64 pixels being too few for it. Changed: "
        "batch normalization (as its authors did a year later) in place of local response "
        "normalization and of the two auxiliary classifiers, which it makes needless."
    ),
    layer_titles={
        **title_convolutions("123"),
        **title_pools((2, 3, 4)),
        **title_inceptions(branches.INCEPTIONS),
        **title_average(),
    },
)

_RESIDUAL_PAPER = (
    "K. He, X. Zhang, S. Ren, J. Sun: Deep residual learning for image recognition. CVPR 2016 "
    "(arXiv 2015)"
)

RESNET64 = _row(
    residual.resnet64,
    title="ResNet-34",
    year=2015,
    paper=_RESIDUAL_PAPER,
    idea="Two layers learn what to add to what came in, so that depth no longer hurts.",
    changes=(
        "Kept: the paper's 34 layers (3, 4, 6 and 3 blocks of two 3×3 layers), batch "
        "normalization, maps that double where the size halves, 1×1 layers on the shortcuts there, "
        "the mean of each map before one linear layer. Scaled: half the maps (32 to 256), "
        "and 3×3 at stride 2 for 7×7 at stride 2 with pooling, which would leave 16×16 maps."
    ),
    layer_titles={
        **title_convolutions("1"),
        **title_blocks(residual.BLOCKS_34),
        **title_average(),
    },
)

PLAIN64 = _row(
    residual.plain64,
    title="Plain-34",
    year=2015,
    paper=_RESIDUAL_PAPER,
    idea="The paper's counterexample: as deep as ResNet-34, and worse for want of its shortcuts.",
    changes=(
        "resnet64 without its shortcuts, the 1×1 layers on them included, and trained by the same "
        "recipe: what differs between the two comes from the shortcuts."
    ),
    layer_titles={
        **title_convolutions("1"),
        **title_blocks(residual.BLOCKS_34, plain=True),
        **title_average(),
    },
)

SQUEEZENET64 = _row(
    branches.squeezenet64,
    title="SqueezeNet",
    year=2016,
    paper=(
        "F. Iandola and others: SqueezeNet: AlexNet-level accuracy with 50× fewer parameters and "
        "< 0.5 MB model size. arXiv 2016"
    ),
    idea="Fire modules: squeeze by 1×1, then expand by 1×1 and 3×3 side by side.",
    changes=(
        "Kept: version 1.1's eight fire modules with all their maps, its four halvings of the "
        "size, dropout, one map a class and its mean as the score. Scaled: only the input, and 100 "
        "classes. Changed: padding, so that sizes halve exactly, and batch normalization, so that "
        "it trains in a fraction of the time."
    ),
    layer_titles={
        **title_convolutions("1"),
        **title_pools((1, 3, 5)),
        **title_fires(branches.FIRES),
        "drop9": "Fire 9 after dropout",
        "conv10": "Conv10, one map a class",
        **title_average(output=False),
    },
)

DENSENET64 = _row(
    branches.densenet64,
    title="DenseNet",
    year=2016,
    paper=(
        "G. Huang, Z. Liu, L. van der Maaten, K. Weinberger: Densely connected convolutional "
        "networks. CVPR 2017 (arXiv 2016)"
    ),
    idea="Every layer reads the maps of all layers before it in its block.",
    changes=(
        "Kept: normalization and ReLU before each convolution, 1×1 bottlenecks of four times the "
        "growth, transitions that halve maps and size, the mean of each map before one linear "
        "layer. Scaled: three blocks of 6, 12 and 16 layers for four, and a growth of 16 maps a "
        "layer for 32; 3×3 at stride 2 for 7×7 first."
    ),
    layer_titles={
        **title_convolutions("1"),
        **title_pools((1,)),
        **title_dense_blocks(branches.DENSE_BLOCKS),
        **title_average(),
    },
)

SENET64 = _row(
    residual.senet64,
    title="SENet",
    year=2017,
    paper="J. Hu, L. Shen, G. Sun: Squeeze-and-excitation networks. CVPR 2018 (arXiv 2017)",
    idea=(
        "Each block weighs its maps by what the whole image shows: their means, through two "
        "small layers, become one factor for each map."
    ),
    changes=(
        "Kept: squeeze and excitation after the second layer of each residual block, before the "
        "sum, with a sixteenth of the maps in between (at least 8). Scaled: the paper's ResNet-18 "
        "for its ResNet-50, with resnet64's maps and first layer."
    ),
    layer_titles={
        **title_convolutions("1"),
        **title_blocks(residual.BLOCKS_18, excited=True),
        **title_average(),
    },
)

MOBILENET64 = _row(
    early.mobilenet64,
    title="MobileNet",
    year=2017,
    paper=(
        "A. Howard and others: MobileNets: efficient convolutional neural networks for mobile "
        "vision applications. arXiv 2017"
    ),
    idea=(
        "A convolution in two cheap steps: 3×3 within each map, then 1×1 across maps; a ninth of "
        "the multiply-adds."
    ),
    changes=(
        "Kept: all layers of the paper's table 1, a depthwise 3×3 and a 1×1 in turn, each "
        "normalized, thirteen pairs after one full convolution, the mean of each map before one "
        "linear layer. Scaled: three quarters of the maps (the paper's width multiplier 0.75); "
        "the last halving is left out, for 64 pixels give 4×4 maps before it."
    ),
    layer_titles={
        **title_convolutions("1"),
        **title_depthwise(range(2, 2 + len(early.MOBILE_LAYERS))),
        **title_average(),
    },
)

MEMBERS = (
    ALEXNET64,
    ZFNET64,
    NIN64,
    VGG64,
    GOOGLENET64,
    RESNET64,
    PLAIN64,
    SQUEEZENET64,
    DENSENET64,
    SENET64,
    MOBILENET64,
)

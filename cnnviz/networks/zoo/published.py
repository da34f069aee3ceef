"""Architectures as published, defined here: what torchvision lacks or builds differently."""

from functools import partial

from cnnviz.networks.zoo import lecture_slips
from cnnviz.networks.zoo.architecture import Architecture
from cnnviz.networks.zoo.classic import (
    alexnet_2012,
    alexnet_one_gpu,
    all_cnn,
    nin_cifar,
    nin_imagenet,
    vgg,
    zfnet,
)
from cnnviz.networks.zoo.googlenet import AUXILIARY_LOSS_WEIGHT, googlenet_2014
from cnnviz.networks.zoo.lenet import LENET5
from cnnviz.networks.zoo.residual import paper_resnet

_ALEXNET = (
    "A. Krizhevsky, I. Sutskever, G. Hinton: ImageNet classification with deep convolutional "
    "neural networks. NeurIPS 2012"
)
_ZFNET = (
    "M. Zeiler, R. Fergus: Visualizing and understanding convolutional networks. ECCV 2014 "
    "(arXiv 2013)"
)
_VGG = (
    "K. Simonyan, A. Zisserman: Very deep convolutional networks for large-scale image "
    "recognition. ICLR 2015 (arXiv 2014)"
)
_NIN = "M. Lin, Q. Chen, S. Yan: Network in network. ICLR 2014 (arXiv 2013)"
_ALL_CNN = (
    "J. Springenberg, A. Dosovitskiy, T. Brox, M. Riedmiller: Striving for simplicity: the all "
    "convolutional net. ICLR 2015 workshop (arXiv 2014)"
)
_GOOGLENET = "C. Szegedy and others: Going deeper with convolutions. CVPR 2015 (arXiv 2014)"
_RESNET = (
    "K. He, X. Zhang, S. Ren, J. Sun: Deep residual learning for image recognition. CVPR 2016 "
    "(arXiv 2015)"
)

_WHICH_ALEXNET = (
    "Which AlexNet is this? The network of 2012 has 96 filters in conv1, local response "
    "normalization, and conv2, conv4 and conv5 split in two groups, one for each graphics card. "
    "The one that torchvision ships is Krizhevsky's one-card version of 2014 with 64 filters."
)
_INPUT_227 = (
    "The paper states an input of 224, but 11×11 with stride 4 gives its 55×55 from 227: "
    "(227 − 11) / 4 + 1 = 55, while (224 − 11) / 4 + 1 = 54.25."
)
_FIXED_INPUT = (
    "The first fully connected layer has one weight for each value of the last map, so another "
    "input size makes another fc6: weights trained at one size do not fit the other."
)


def _alexnets() -> list[Architecture]:
    idea = (
        "Eight layers, ReLU, dropout and two graphics cards: the first deep convolutional network "
        "to win ILSVRC, by ten percentage points."
    )
    return [
        Architecture(
            name="alexnet_2012",
            title="AlexNet (2012, two groups)",
            family="AlexNet",
            year=2012,
            paper=_ALEXNET,
            idea=idea,
            build=alexnet_2012,
            input_size=227,
            notes=(_WHICH_ALEXNET, _INPUT_227, _FIXED_INPUT),
            slips=lecture_slips.ALEXNET_2012,
        ),
        Architecture(
            name="alexnet_2012_ungrouped",
            title="AlexNet (2012, no groups)",
            family="AlexNet",
            year=2012,
            paper=_ALEXNET,
            idea=idea,
            build=partial(alexnet_2012, grouped=False),
            input_size=227,
            notes=(
                _WHICH_ALEXNET,
                (
                    "Without groups every filter sees all maps below. The often quoted 62,378,344 "
                    "parameters are of this version; the two groups save 1,413,120 of them and "
                    "36 % of the multiply-adds."
                ),
                _INPUT_227,
                _FIXED_INPUT,
            ),
            slips=(lecture_slips.FC6,),
        ),
        Architecture(
            name="alexnet_one_gpu",
            title="AlexNet (one GPU, at 227)",
            family="AlexNet",
            year=2014,
            paper=(
                "A. Krizhevsky: One weird trick for parallelizing convolutional neural networks. "
                "arXiv 2014"
            ),
            idea="AlexNet in one tower with 64 filters and without response normalization.",
            build=alexnet_one_gpu,
            input_size=227,
            notes=(_WHICH_ALEXNET, _FIXED_INPUT),
            slips=lecture_slips.ALEXNET_ONE_GPU,
        ),
    ]


def _zfnets() -> list[Architecture]:
    idea = (
        "AlexNet looked into with a deconvnet and mended: a first layer of 7×7 with stride 2 keeps "
        "what 11×11 with stride 4 skipped."
    )
    return [
        Architecture(
            name="zfnet",
            title="ZFNet",
            family="ZFNet",
            year=2013,
            paper=_ZFNET,
            idea=idea,
            build=zfnet,
            input_size=224,
            notes=(
                (
                    "Filters of conv3 to conv5 as in the paper's figure 3: 384, 384, 256. The "
                    "poolings round up, which gives the figure's 55, 13 and 6."
                ),
                _FIXED_INPUT,
            ),
        ),
        Architecture(
            name="zfnet_wide",
            title="ZFNet (512, 1024, 512)",
            family="ZFNet",
            year=2013,
            paper=_ZFNET,
            idea=idea,
            build=partial(zfnet, filters=(512, 1024, 512)),
            input_size=224,
            notes=(
                (
                    "The paper's table 3 also tries 512, 1024 and 512 filters in conv3 to conv5; "
                    "lectures often give these as ZFNet's."
                ),
                _FIXED_INPUT,
            ),
        ),
    ]


_VGG_COLUMNS = (
    ("A", "vgg11_a", "VGG-11 (A)"),
    ("B", "vgg13_b", "VGG-13 (B)"),
    ("C", "vgg16_c", "VGG-16 (C, with 1×1)"),
    ("D", "vgg16_d", "VGG-16 (D)"),
    ("E", "vgg19_e", "VGG-19 (E)"),
)


def _vggs() -> list[Architecture]:
    idea = "Only 3×3 kernels, stacked: two see 5×5 and three see 7×7, with fewer weights."
    entries = [
        Architecture(
            name=name,
            title=title,
            family="VGG",
            year=2014,
            paper=_VGG,
            idea=idea,
            build=partial(vgg, column=column),
            input_size=224,
            notes=(
                f"Column {column} of the paper's table 1, under the paper's layer names.",
                _FIXED_INPUT,
            ),
            slips=lecture_slips.VGG16 if column == "D" else (),
        )
        for column, name, title in _VGG_COLUMNS
    ]
    normalized = Architecture(
        name="vgg11_a_lrn",
        title="VGG-11 (A-LRN)",
        family="VGG",
        year=2014,
        paper=_VGG,
        idea=idea,
        build=partial(vgg, column="A", normalized=True),
        input_size=224,
        notes=(
            (
                "Column A with AlexNet's response normalization after the first layer. It did not "
                "help, so the paper's deeper columns leave it out."
            ),
        ),
    )
    return [entries[0], normalized, *entries[1:]]


def _all_cnns() -> list[Architecture]:
    titles = {
        "base": "Model {}",
        "strided": "Strided-CNN-{}",
        "convpool": "ConvPool-CNN-{}",
        "all": "All-CNN-{}",
    }
    return [
        Architecture(
            name=f"all_cnn_{base.lower()}_{variant}",
            title=title.format(base),
            family="All-CNN",
            year=2014,
            paper=_ALL_CNN,
            idea="Pooling replaced by a convolution of stride 2: convolutions alone are enough.",
            build=partial(all_cnn, base=base, variant=variant),
            input_size=32,
            notes=("For CIFAR-10: 32×32, ten classes.",),
            slips=lecture_slips.ALL_CNN_C if base == "C" and variant in ("base", "strided") else (),
        )
        for base in "ABC"
        for variant, title in titles.items()
    ]


_WHICH_GOOGLENET = (
    "Which GoogLeNet is this? The published one: 5×5 kernels in the third branch, no batch "
    "normalization, biases everywhere. torchvision's has 3×3 there, batch normalization and no "
    "biases."
)


def _resnets() -> list[Architecture]:
    idea = "Layers learn what to add to their input, so that 152 of them still train."
    residual = [
        Architecture(
            name=f"resnet{depth}_paper",
            title=f"ResNet-{depth} (paper)",
            family="ResNet",
            year=2015,
            paper=_RESNET,
            idea=idea,
            build=partial(paper_resnet, depth=depth),
            input_size=224,
            notes=(_describe_resnet(depth),),
            slips=lecture_slips.BOTTLENECK_RESNETS if depth >= 50 else (),
        )
        for depth in (18, 34, 50, 101, 152)
    ]
    plain = [
        Architecture(
            name=f"plain{depth}",
            title=f"Plain-{depth}",
            family="ResNet",
            year=2015,
            paper=_RESNET,
            idea="The residual network's twin without shortcuts: deeper is worse.",
            build=partial(paper_resnet, depth=depth, plain=True),
            input_size=224,
            notes=(
                (
                    f"ResNet-{depth} without its shortcuts, so also without the 1×1 layers in "
                    "three of them."
                ),
            ),
        )
        for depth in (18, 34)
    ]
    return [*plain, *residual]


def _describe_resnet(depth: int) -> str:
    if depth < 50:
        return "Which ResNet is this? With basic blocks the paper's and torchvision's are one."
    return (
        "Which ResNet is this? The paper's, with the stride in the first 1×1 layer of a stage. "
        "torchvision's (“v1.5”) has it in the 3×3 layer: the same parameters, more multiply-adds, "
        "because that 1×1 layer then works on the larger map."
    )


PUBLISHED: tuple[Architecture, ...] = (
    Architecture(
        name="lenet5",
        title=LENET5.title,
        family="LeNet",
        year=LENET5.year,
        paper=LENET5.paper,
        idea=LENET5.idea,
        build=lambda _size: LENET5.build(),
        input_size=32,
        channels=1,
        notes=(LENET5.changes,),
    ),
    *_alexnets(),
    *_zfnets(),
    Architecture(
        name="nin_imagenet",
        title="NiN (ImageNet)",
        family="NiN",
        year=2013,
        paper=_NIN,
        idea="1×1 layers after each convolution, and the average of each map as its class's score.",
        build=nin_imagenet,
        input_size=224,
        notes=("The paper gives no sizes for ImageNet; these are of the authors' own model.",),
    ),
    Architecture(
        name="nin_cifar",
        title="NiN (CIFAR-10)",
        family="NiN",
        year=2013,
        paper=_NIN,
        idea="1×1 layers after each convolution, and the average of each map as its class's score.",
        build=nin_cifar,
        input_size=32,
        notes=("For CIFAR-10: 32×32, ten classes.",),
    ),
    *_vggs(),
    Architecture(
        name="googlenet_2014",
        title="GoogLeNet (2014)",
        family="GoogLeNet",
        year=2014,
        paper=_GOOGLENET,
        idea=(
            "Inception: 1×1, 3×3, 5×5 and pooling side by side, made cheap by 1×1 reductions, and "
            "no large fully connected layers."
        ),
        build=googlenet_2014,
        input_size=224,
        notes=(
            _WHICH_GOOGLENET,
            (
                "The two auxiliary heads hold 6,379,728 parameters and run in training only; "
                "without them there are 6,998,552."
            ),
            (
                "In training each head’s loss is added to the network’s with a weight of "
                f"{AUXILIARY_LOSS_WEIGHT}: L = L_main + {AUXILIARY_LOSS_WEIGHT}·(L_aux1 + L_aux2), "
                "so that the layers in the middle get a gradient from near by (section 5 of the "
                "paper)."
            ),
        ),
        slips=lecture_slips.GOOGLENET,
    ),
    *_all_cnns(),
    *_resnets(),
)

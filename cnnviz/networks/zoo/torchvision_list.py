"""torchvision's classifiers by name, year and paper, without importing torchvision.

What torchvision itself reports of them (parameters, multiply-adds, accuracy) is read from its own
metadata, on request.
"""

from dataclasses import dataclass
from functools import lru_cache, partial
from typing import Any

from torch import nn

from cnnviz.networks.zoo.architecture import Architecture
from cnnviz.networks.zoo.reported import Reported
from cnnviz.networks.zoo.torchvision_import import import_torchvision


@dataclass(frozen=True, slots=True)
class _Family:
    title: str
    year: int
    paper: str
    idea: str
    # torchvision's name, title, and input size where it is not 224.
    members: tuple[tuple[str, str, int], ...]
    note: str = ""


def _sizes(*members: tuple[str, str], size: int = 224) -> tuple[tuple[str, str, int], ...]:
    return tuple((name, title, size) for name, title in members)


_RESNET_NOTE = (
    "Which ResNet is this? torchvision puts a stage's stride into the 3×3 layer (“v1.5”); the "
    "paper puts it into the 1×1 layer before."
)

_FAMILIES: tuple[_Family, ...] = (
    _Family(
        title="AlexNet",
        year=2014,
        paper=(
            "A. Krizhevsky: One weird trick for parallelizing convolutional neural networks. "
            "arXiv 2014"
        ),
        idea="AlexNet in one tower with 64 filters and without response normalization.",
        members=_sizes(("alexnet", "AlexNet")),
        note=(
            "Which AlexNet is this? Krizhevsky's one-card version of 2014, at 224. An average "
            "pooling to 6×6 before fc6 lets it take other sizes."
        ),
    ),
    _Family(
        title="VGG",
        year=2014,
        paper=(
            "K. Simonyan, A. Zisserman: Very deep convolutional networks for large-scale image "
            "recognition. ICLR 2015 (arXiv 2014)"
        ),
        idea="Only 3×3 kernels, stacked: two see 5×5 and three see 7×7, with fewer weights.",
        members=_sizes(
            ("vgg11", "VGG-11"),
            ("vgg11_bn", "VGG-11 with batch norm"),
            ("vgg13", "VGG-13"),
            ("vgg13_bn", "VGG-13 with batch norm"),
            ("vgg16", "VGG-16"),
            ("vgg16_bn", "VGG-16 with batch norm"),
            ("vgg19", "VGG-19"),
            ("vgg19_bn", "VGG-19 with batch norm"),
        ),
        note="An average pooling to 7×7 before the first linear layer lets it take other sizes.",
    ),
    _Family(
        title="GoogLeNet",
        year=2014,
        paper="C. Szegedy and others: Going deeper with convolutions. CVPR 2015 (arXiv 2014)",
        idea="Inception: branches of several kernel sizes side by side, made cheap by 1×1 layers.",
        members=_sizes(("googlenet", "GoogLeNet")),
        note=(
            "Which GoogLeNet is this? torchvision's has batch normalization and 3×3 kernels where "
            "the paper has 5×5."
        ),
    ),
    _Family(
        title="Inception",
        year=2015,
        paper=(
            "C. Szegedy and others: Rethinking the Inception architecture for computer vision. "
            "CVPR 2016 (arXiv 2015)"
        ),
        idea="5×5 as two 3×3, 7×7 as 1×7 and 7×1: kernels taken apart.",
        members=_sizes(("inception_v3", "Inception-v3"), size=299),
        note="torchvision counts the auxiliary head's 3,326,696 parameters; it only trains.",
    ),
    _Family(
        title="ResNet",
        year=2015,
        paper=(
            "K. He, X. Zhang, S. Ren, J. Sun: Deep residual learning for image recognition. CVPR "
            "2016 (arXiv 2015)"
        ),
        idea="Layers learn what to add to their input, so that 152 of them still train.",
        members=_sizes(
            *((f"resnet{depth}", f"ResNet-{depth}") for depth in (18, 34, 50, 101, 152))
        ),
        note=_RESNET_NOTE,
    ),
    _Family(
        title="Wide ResNet",
        year=2016,
        paper="S. Zagoruyko, N. Komodakis: Wide residual networks. BMVC 2016",
        idea="Twice the width inside the blocks does more than twice the depth.",
        members=_sizes(
            ("wide_resnet50_2", "Wide ResNet-50-2"), ("wide_resnet101_2", "Wide ResNet-101-2")
        ),
        note=_RESNET_NOTE,
    ),
    _Family(
        title="ResNeXt",
        year=2016,
        paper=(
            "S. Xie, R. Girshick, P. Dollár, Z. Tu, K. He: Aggregated residual transformations for "
            "deep neural networks. CVPR 2017 (arXiv 2016)"
        ),
        idea="Many narrow paths in a block, written as one grouped convolution.",
        members=_sizes(
            ("resnext50_32x4d", "ResNeXt-50 32×4d"),
            ("resnext101_32x8d", "ResNeXt-101 32×8d"),
            ("resnext101_64x4d", "ResNeXt-101 64×4d"),
        ),
    ),
    _Family(
        title="DenseNet",
        year=2016,
        paper=(
            "G. Huang, Z. Liu, L. van der Maaten, K. Weinberger: Densely connected convolutional "
            "networks. CVPR 2017 (arXiv 2016)"
        ),
        idea="Every layer reads the maps of all layers before it in its block.",
        members=_sizes(
            *((f"densenet{depth}", f"DenseNet-{depth}") for depth in (121, 161, 169, 201))
        ),
        note="The joined maps are counted as memory, as most programs make a copy of them.",
    ),
    _Family(
        title="SqueezeNet",
        year=2016,
        paper=(
            "F. Iandola and others: SqueezeNet: AlexNet-level accuracy with 50× fewer parameters "
            "and < 0.5 MB model size. arXiv 2016"
        ),
        idea="Fire modules: squeeze by 1×1, then expand by 1×1 and 3×3 side by side.",
        members=_sizes(("squeezenet1_0", "SqueezeNet 1.0"), ("squeezenet1_1", "SqueezeNet 1.1")),
    ),
    _Family(
        title="MobileNet",
        year=2018,
        paper=(
            "M. Sandler, A. Howard, M. Zhu, A. Zhmoginov, L.-C. Chen: MobileNetV2: inverted "
            "residuals and linear bottlenecks. CVPR 2018"
        ),
        idea="Depthwise convolutions between a 1×1 that widens and a 1×1 that narrows.",
        members=_sizes(("mobilenet_v2", "MobileNet-v2")),
    ),
    _Family(
        title="ShuffleNet",
        year=2018,
        paper=(
            "N. Ma, X. Zhang, H.-T. Zheng, J. Sun: ShuffleNet V2: practical guidelines for "
            "efficient CNN architecture design. ECCV 2018"
        ),
        idea="Half of the channels pass by untouched, then all are shuffled.",
        members=_sizes(
            ("shufflenet_v2_x0_5", "ShuffleNet-v2 ×0.5"),
            ("shufflenet_v2_x1_0", "ShuffleNet-v2 ×1.0"),
            ("shufflenet_v2_x1_5", "ShuffleNet-v2 ×1.5"),
            ("shufflenet_v2_x2_0", "ShuffleNet-v2 ×2.0"),
        ),
    ),
    _Family(
        title="MNASNet",
        year=2018,
        paper=(
            "M. Tan and others: MnasNet: platform-aware neural architecture search for mobile. "
            "CVPR 2019 (arXiv 2018)"
        ),
        idea="Blocks found by a search that measured the time on a telephone.",
        members=_sizes(
            ("mnasnet0_5", "MNASNet 0.5"),
            ("mnasnet0_75", "MNASNet 0.75"),
            ("mnasnet1_0", "MNASNet 1.0"),
            ("mnasnet1_3", "MNASNet 1.3"),
        ),
    ),
    _Family(
        title="MobileNet",
        year=2019,
        paper="A. Howard and others: Searching for MobileNetV3. ICCV 2019",
        idea="MobileNet-v2's block with squeeze-and-excitation and hard-swish, tuned by search.",
        members=_sizes(
            ("mobilenet_v3_small", "MobileNet-v3 small"),
            ("mobilenet_v3_large", "MobileNet-v3 large"),
        ),
    ),
    _Family(
        title="EfficientNet",
        year=2019,
        paper=(
            "M. Tan, Q. Le: EfficientNet: rethinking model scaling for convolutional neural "
            "networks. ICML 2019"
        ),
        idea="Depth, width and input size grow together, by one factor.",
        members=tuple(
            (f"efficientnet_b{number}", f"EfficientNet-B{number}", size)
            for number, size in enumerate((224, 240, 288, 300, 380, 456, 528, 600))
        ),
    ),
    _Family(
        title="RegNet",
        year=2020,
        paper=(
            "I. Radosavovic, R. Kosaraju, R. Girshick, K. He, P. Dollár: Designing network design "
            "spaces. CVPR 2020"
        ),
        idea="Widths and depths on a straight line: a whole space of networks designed at once.",
        members=_sizes(
            *(
                (f"regnet_{line}_{size}", f"RegNet-{line.upper()} {size.replace('_', '.').upper()}")
                for line, sizes in (
                    ("x", ("400mf", "800mf", "1_6gf", "3_2gf", "8gf", "16gf", "32gf")),
                    ("y", ("400mf", "800mf", "1_6gf", "3_2gf", "8gf", "16gf", "32gf", "128gf")),
                )
                for size in sizes
            )
        ),
    ),
    _Family(
        title="Vision Transformer",
        year=2020,
        paper=(
            "A. Dosovitskiy and others: An image is worth 16×16 words: transformers for image "
            "recognition at scale. ICLR 2021 (arXiv 2020)"
        ),
        idea="No convolution but the first: patches of the image attend to each other.",
        members=_sizes(
            ("vit_b_32", "ViT-B/32"),
            ("vit_b_16", "ViT-B/16"),
            ("vit_l_32", "ViT-L/32"),
            ("vit_l_16", "ViT-L/16"),
            ("vit_h_14", "ViT-H/14"),
        ),
        note="The input must be a multiple of the patch, the number at the end of the name.",
    ),
    _Family(
        title="EfficientNet",
        year=2021,
        paper="M. Tan, Q. Le: EfficientNetV2: smaller models and faster training. ICML 2021",
        idea="Plain 3×3 convolutions early, where depthwise ones are slow.",
        members=(
            ("efficientnet_v2_s", "EfficientNet-v2 S", 384),
            ("efficientnet_v2_m", "EfficientNet-v2 M", 480),
            ("efficientnet_v2_l", "EfficientNet-v2 L", 480),
        ),
    ),
    _Family(
        title="Swin Transformer",
        year=2021,
        paper=(
            "Z. Liu and others: Swin transformer: hierarchical vision transformer using shifted "
            "windows. ICCV 2021"
        ),
        idea="Attention in windows that shift from layer to layer, on maps that shrink.",
        members=_sizes(("swin_t", "Swin-T"), ("swin_s", "Swin-S"), ("swin_b", "Swin-B")),
    ),
    _Family(
        title="Swin Transformer",
        year=2022,
        paper=(
            "Z. Liu and others: Swin transformer V2: scaling up capacity and resolution. CVPR 2022 "
            "(arXiv 2021)"
        ),
        idea="Swin with attention by angle, which keeps larger networks stable.",
        members=_sizes(
            ("swin_v2_t", "Swin-v2 T"),
            ("swin_v2_s", "Swin-v2 S"),
            ("swin_v2_b", "Swin-v2 B"),
            size=256,
        ),
        note="A small network computes each attention's position biases; its work is counted.",
    ),
    _Family(
        title="ConvNeXt",
        year=2022,
        paper="Z. Liu and others: A ConvNet for the 2020s. CVPR 2022",
        idea="A ResNet modernised step by step, until it does what a Swin transformer does.",
        members=_sizes(
            *((f"convnext_{size}", f"ConvNeXt {size}") for size in ("tiny", "small", "base")),
            ("convnext_large", "ConvNeXt large"),
        ),
    ),
    _Family(
        title="MaxViT",
        year=2022,
        paper="Z. Tu and others: MaxViT: multi-axis vision transformer. ECCV 2022",
        idea="Convolution, attention in windows, and attention across a grid, in every block.",
        members=_sizes(("maxvit_t", "MaxViT-T")),
        note="The input must be a multiple of 224, so that every map divides into windows of 7.",
    ),
)


def list_torchvision() -> tuple[Architecture, ...]:
    """Return all of torchvision's classifiers."""
    return tuple(
        Architecture(
            name=name,
            title=f"{title} (torchvision)",
            family=family.title,
            year=family.year,
            paper=family.paper,
            idea=family.idea,
            build=partial(_build, name),
            input_size=size,
            notes=(family.note,) if family.note else (),
            torchvision_name=name,
        )
        for family in _FAMILIES
        for name, title, size in family.members
    )


def _build(name: str, size: int) -> nn.Module:
    options: dict[str, Any] = {}
    if name == "googlenet":
        # As torchvision hands it out with weights.
        options = {"aux_logits": False, "init_weights": False}
    elif name == "inception_v3":
        options = {"init_weights": False}
    elif name.startswith("vit_"):
        options = {"image_size": size}
    elif name.startswith("maxvit"):
        options = {"input_size": (size, size)}
    module: nn.Module = import_torchvision("models").get_model(name, weights=None, **options)
    return module


@lru_cache(maxsize=128)
def read_reported(name: str) -> tuple[Reported, ...]:
    """Read torchvision's metadata of a classifier, one entry for each set of weights.

    Args:
        name: torchvision's name.
    """
    weights = import_torchvision("models").get_model_weights(name)
    return tuple(_read_entry(entry) for entry in weights)


def _read_entry(entry: Any) -> Reported:
    metrics = entry.meta["_metrics"]["ImageNet-1K"]
    return Reported(
        weights=entry.name,
        parameters=entry.meta["num_params"],
        gmacs=entry.meta["_ops"],
        top1=metrics["acc@1"],
        top5=metrics["acc@5"],
        file_megabytes=entry.meta["_file_size"],
        input_size=entry.transforms().crop_size[0],
        url=entry.url,
    )

"""Later architectures as published, defined here: what torchvision lacks."""

from functools import partial

from cnnviz.networks.zoo.architecture import Architecture
from cnnviz.networks.zoo.cifar_resnet import cifar_resnet
from cnnviz.networks.zoo.depthwise import mobilenet_v1, xception
from cnnviz.networks.zoo.fractal import SLIM_WIDTHS, fractalnet
from cnnviz.networks.zoo.inception_resnet import inception_resnet_v1, inception_resnet_v2
from cnnviz.networks.zoo.inception_v4 import inception_v4
from cnnviz.networks.zoo.preactivation import preactivation_cifar, preactivation_imagenet
from cnnviz.networks.zoo.senet import senet
from cnnviz.networks.zoo.shufflenet import shufflenet_v1

_INCEPTION = (
    "C. Szegedy, S. Ioffe, V. Vanhoucke, A. Alemi: Inception-v4, Inception-ResNet and the impact "
    "of residual connections on learning. AAAI 2017 (arXiv 2016)"
)
_RESNET = (
    "K. He, X. Zhang, S. Ren, J. Sun: Deep residual learning for image recognition. CVPR 2016 "
    "(arXiv 2015)"
)
_PREACTIVATION = (
    "K. He, X. Zhang, S. Ren, J. Sun: Identity mappings in deep residual networks. ECCV 2016"
)
_STOCHASTIC = (
    "G. Huang, Y. Sun, Z. Liu, D. Sedra, K. Weinberger: Deep networks with stochastic depth. ECCV "
    "2016"
)
_FRACTAL = (
    "G. Larsson, M. Maire, G. Shakhnarovich: FractalNet: ultra-deep neural networks without "
    "residuals. ICLR 2017 (arXiv 2016)"
)
_XCEPTION = (
    "F. Chollet: Xception: deep learning with depthwise separable convolutions. CVPR 2017 (arXiv "
    "2016)"
)
_MOBILENET = (
    "A. Howard and others: MobileNets: efficient convolutional neural networks for mobile vision "
    "applications. arXiv 2017"
)
_SHUFFLENET = (
    "X. Zhang, X. Zhou, M. Lin, J. Sun: ShuffleNet: an extremely efficient convolutional neural "
    "network for mobile devices. CVPR 2018 (arXiv 2017)"
)
_SENET = "J. Hu, L. Shen, G. Sun: Squeeze-and-excitation networks. CVPR 2018 (arXiv 2017)"

_CIFAR = "For CIFAR-10: 32×32, ten classes."
_KERAS = (
    "Keras counts the running mean and variance of each batch normalization as parameters too, "
    "{kept:,} numbers that are measured, not learned, and so prints {printed:,}."
)


def _inceptions() -> list[Architecture]:
    residual = "Inception modules that add to what came in: shortcuts made them train faster."
    return [
        Architecture(
            name="inception_v4",
            title="Inception-v4",
            family="Inception",
            year=2016,
            paper=_INCEPTION,
            idea="Inception-v3's kernels taken apart, in more modules and one plan throughout.",
            build=inception_v4,
            input_size=299,
            notes=(
                (
                    "Figures 3 to 9 of the paper, with batch normalization behind each convolution "
                    "and no bias: 42,679,816 parameters. The paper itself prints no sum."
                ),
            ),
        ),
        Architecture(
            name="inception_resnet_v1",
            title="Inception-ResNet-v1",
            family="Inception",
            year=2016,
            paper=_INCEPTION,
            idea=residual,
            build=inception_resnet_v1,
            input_size=299,
            notes=("Figures 10 to 15 of the paper: it costs about what Inception-v3 does.",),
        ),
        Architecture(
            name="inception_resnet_v2",
            title="Inception-ResNet-v2 (paper)",
            family="Inception",
            year=2016,
            paper=_INCEPTION,
            idea=residual,
            build=partial(inception_resnet_v2, released=False),
            input_size=299,
            notes=(
                (
                    "Which Inception-ResNet-v2 is this? The one of the paper's figures 15 to 19, "
                    "with 5, 10 and 5 blocks behind Inception-v4's stem. Its figures print 1,154 "
                    "and 2,048 filters for the 1×1 layers before a sum; what they are added to "
                    "has 1,152 and 2,144. The released network is another one."
                ),
            ),
        ),
        Architecture(
            name="inception_resnet_v2_released",
            title="Inception-ResNet-v2 (released)",
            family="Inception",
            year=2016,
            paper=_INCEPTION,
            idea=residual,
            build=partial(inception_resnet_v2, released=True),
            input_size=299,
            notes=(
                (
                    "Which Inception-ResNet-v2 is this? The one whose weights the authors "
                    "released: Inception-v3's stem, 10, 20 and 10 blocks, and a 1×1 layer of "
                    "1,536 before the head. The paper's figures show another, half as deep."
                ),
                "Its normalizations learn a factor and a shift; the authors', and Keras's, learn "
                "the shift only, which are 30,272 parameters fewer: 55,813,192. "
                + _KERAS.format(kept=60_544, printed=55_873_736),
            ),
        ),
    ]


def _preactivations() -> list[Architecture]:
    idea = "Normalization and ReLU before the convolution: nothing is left on the shortcut's way."
    stride = "The stride is in a stage's first 1×1 layer, as in the authors' code."
    cifar = [
        Architecture(
            name=f"preact_resnet{depth}_cifar",
            title=f"Pre-activation ResNet-{depth} (CIFAR-10)",
            family="ResNet",
            year=2016,
            paper=_PREACTIVATION,
            idea=idea,
            build=partial(preactivation_cifar, depth=depth),
            input_size=32,
            notes=(f"{_CIFAR} {parameters}", stride),
        )
        for depth, parameters in (
            (164, "The paper prints 1.7 M parameters."),
            (
                1001,
                (
                    "The paper prints 10.2 M parameters, which are those of the convolutions and "
                    "the head; the normalizations have 149,216 more."
                ),
            ),
        )
    ]
    large = Architecture(
        name="preact_resnet200",
        title="Pre-activation ResNet-200",
        family="ResNet",
        year=2016,
        paper=_PREACTIVATION,
        idea=idea,
        build=partial(preactivation_imagenet, depth=200),
        input_size=224,
        notes=(f"{stride} The paper trains it on crops of 224 and tests it on 320.",),
    )
    return [*cifar, large]


def _cifar_resnets() -> list[Architecture]:
    plain = [
        Architecture(
            name=f"resnet{depth}_cifar",
            title=f"ResNet-{depth} (CIFAR-10)",
            family="ResNet",
            year=2015,
            paper=_RESNET,
            idea="Layers learn what to add to their input, so that 152 of them still train.",
            build=partial(cifar_resnet, depth=depth),
            input_size=32,
            notes=(
                (
                    f"{_CIFAR} The shortcuts have no parameters (option A): where a stage halves "
                    "the map they skip every second cell and fill the new channels with zeros."
                ),
            ),
        )
        for depth in (20, 32, 44, 56, 110)
    ]
    stochastic = Architecture(
        name="stochastic_depth110_cifar",
        title="Stochastic depth, 110 layers (CIFAR-10)",
        family="ResNet",
        year=2016,
        paper=_STOCHASTIC,
        idea="In training, blocks are left out at random: short while it learns, deep in use.",
        build=partial(cifar_resnet, depth=110),
        input_size=32,
        notes=(
            f"{_CIFAR} In use it is ResNet-110 and costs the same; all numbers here are of use.",
            (
                "In training, block l of 54 is used with probability 1 − l/108: the first nearly "
                "always, the last every second time. 40.25 of the 54 blocks are expected in a "
                "step, and 188,618,709 of the 252,887,680 multiply-adds of the forward pass."
            ),
        ),
    )
    return [*plain, stochastic]


def _fractals() -> list[Architecture]:
    idea = "Half of a block is twice the block before, the other half one layer: a fractal."
    wide = Architecture(
        name="fractalnet20_cifar",
        title="FractalNet-20 (CIFAR-10)",
        family="FractalNet",
        year=2016,
        paper=_FRACTAL,
        idea=idea,
        build=partial(fractalnet, columns=3),
        input_size=32,
        notes=(
            f"{_CIFAR} Five blocks of three columns, with 64, 128, 256, 512 and 512 filters.",
            (
                "The paper prints 38.6 M parameters for it. The layers that it describes, and that "
                "the authors' code makes, have 33.7 M; where the rest is, it does not say. The "
                "slim networks have as many as it prints."
            ),
        ),
    )
    slim = [
        Architecture(
            name=f"fractalnet{depth}_slim_cifar",
            title=f"FractalNet-{depth} (slim, CIFAR-100)",
            family="FractalNet",
            year=2016,
            paper=_FRACTAL,
            idea=idea,
            build=partial(fractalnet, columns=columns, widths=SLIM_WIDTHS, classes=100),
            input_size=32,
            notes=(
                (
                    f"For CIFAR-100: 32×32, a hundred classes. Five blocks of {columns} columns, "
                    "with 16, 32, 64, 128 and 128 filters, from the paper's comparison of depths."
                ),
            ),
        )
        for columns, depth in ((3, 20), (4, 40), (5, 80), (6, 160))
    ]
    return [wide, *slim]


def _senets() -> list[Architecture]:
    idea = "A block weighs its maps by what the whole image shows: squeeze, then excite."
    stride = "The stride is in a stage's first 1×1 layer, as in the paper's ResNets."
    members = (
        ("se_resnet50", "SE-ResNet-50", stride),
        ("se_resnet101", "SE-ResNet-101", stride),
        ("se_resnet152", "SE-ResNet-152", stride),
        ("se_resnext50", "SE-ResNeXt-50 32×4d", "ResNeXt's grouped 3×3 layer has the stride."),
        (
            "senet154",
            "SENet-154",
            (
                "The network that won ILSVRC in 2017: a ResNeXt-152 of 64 groups with a stem of "
                "three 3×3 layers, half as many filters in the first 1×1 layers, and 3×3 "
                "shortcuts where the map shrinks. 115,088,984 parameters."
            ),
        ),
    )
    return [
        Architecture(
            name=name,
            title=title,
            family="SENet",
            year=2017,
            paper=_SENET,
            idea=idea,
            build=partial(senet, design=name),
            input_size=224,
            notes=(
                note,
                (
                    "Behind the first squeeze every cell sees the whole image, so no receptive "
                    "field is given from there on."
                ),
            ),
        )
        for name, title, note in members
    ]


def _mobilenets() -> list[Architecture]:
    entries = []
    for width, suffix, printed, kept in (
        (1.0, "", 4_253_864, 21_888),
        (0.75, "_075", 2_601_976, 16_416),
        (0.5, "_050", 1_342_536, 10_944),
        (0.25, "_025", 475_544, 5_472),
    ):
        entries.append(
            Architecture(
                name=f"mobilenet_v1{suffix}",
                title=f"MobileNet-v1 ×{width:g}",
                family="MobileNet",
                year=2017,
                paper=_MOBILENET,
                idea="A 3×3 for each map alone, then 1×1 across maps: a ninth of the work.",
                build=partial(mobilenet_v1, width=width),
                input_size=224,
                notes=(
                    f"Every layer has {width:g} times the channels of the paper's table 1."
                    if width != 1
                    else "The paper's table 1: 4.2 M parameters and 569 M multiply-adds.",
                    _KERAS.format(kept=kept, printed=printed),
                ),
            )
        )
    return entries


def _shufflenets() -> list[Architecture]:
    designs = [(groups, 1.0, "") for groups in (1, 2, 3, 4, 8)]
    designs += [(3, 0.5, "_x0_5"), (3, 1.5, "_x1_5"), (3, 2.0, "_x2_0")]
    return [
        Architecture(
            name=f"shufflenet_v1_g{groups}{suffix}",
            title=f"ShuffleNet-v1 ×{scale:g} (g = {groups})",
            family="ShuffleNet",
            year=2017,
            paper=_SHUFFLENET,
            idea="1×1 layers in groups, and a shuffle so that the groups hear of each other.",
            build=partial(shufflenet_v1, groups=groups, scale=scale),
            input_size=224,
            notes=(
                (
                    f"{groups} {'group' if groups == 1 else 'groups'} in the 1×1 layers, but for "
                    "the very first, which reads too few channels."
                ),
                (
                    "The paper prints 143, 140, 137, 133 and 137 million for 1, 2, 3, 4 and 8 "
                    "groups. Its layers make 143.1, 140.8, 137.5, 134.3 and 138.4; the authors' "
                    "later list gives 138 for 8."
                ),
            ),
        )
        for groups, scale, suffix in designs
    ]


PUBLISHED_LATER: tuple[Architecture, ...] = (
    *_cifar_resnets(),
    *_inceptions(),
    *_preactivations(),
    *_fractals(),
    Architecture(
        name="xception",
        title="Xception",
        family="Xception",
        year=2016,
        paper=_XCEPTION,
        idea="Inception to its end: every map is filtered alone, then 1×1 mixes them.",
        build=xception,
        input_size=299,
        notes=(
            "Figure 5 of the paper: 22,855,952 parameters, printed as 22.9 M. "
            + _KERAS.format(kept=54_528, printed=22_910_480),
        ),
    ),
    *_senets(),
    *_mobilenets(),
    *_shufflenets(),
)

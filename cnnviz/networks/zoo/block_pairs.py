"""Two ways to do one job on the same input, to be compared by what they cost."""

from collections.abc import Callable
from dataclasses import dataclass

from torch import nn

from cnnviz.errors import NetworkError
from cnnviz.networks.zoo.block import EIGHTHS, QUARTERS
from cnnviz.networks.zoo.blocks_later import fire, inverted_residual, wide_bottleneck
from cnnviz.networks.zoo.depthwise import mobile_pair
from cnnviz.networks.zoo.googlenet import Inception, NaiveInception
from cnnviz.networks.zoo.residual import BasicBlock, PaperBottleneck
from cnnviz.networks.zoo.senet import excited_bottleneck
from cnnviz.networks.zoo.stacks import convolution, named_stack


@dataclass(frozen=True, slots=True, eq=False)
class Side:
    """One of the two.

    Attributes:
        title: Its name.
        build: From the number of input channels to the module.
    """

    title: str
    build: Callable[[int], nn.Module]


@dataclass(frozen=True, slots=True, eq=False)
class Pair:
    """Two modules for the same input.

    Attributes:
        name: Key in URLs.
        title: What is compared.
        note: What it shows, in one or two sentences.
        sides: The dearer one first.
        channels: Of the input, as in the lectures or papers.
        size: Height and width of the input there.
        choices: Input channels for which all widths are whole.
        slip: Where a lecture prints something else, true at `channels` and `size`; else empty.
    """

    name: str
    title: str
    note: str
    sides: tuple[Side, Side]
    channels: int
    size: int
    choices: tuple[int, ...]
    slip: str = ""


def _naive(channels: int) -> nn.Module:
    return NaiveInception(
        channels, one=channels // 2, three=channels * 3 // 4, five=channels * 3 // 8
    )


def _reduced(channels: int) -> nn.Module:
    quarter = channels // 4
    sizes = (channels // 2, quarter, channels * 3 // 4, quarter, channels * 3 // 8, quarter)
    return Inception((channels, *sizes))


def _direct(channels: int) -> nn.Module:
    return named_stack(convolution("conv5x5", channels, channels // 6, kernel=5, padding=2))


def _through(channels: int) -> nn.Module:
    narrow = channels // 12
    return named_stack(
        [
            *convolution("conv_reduce", channels, narrow, kernel=1),
            *convolution("conv5x5", narrow, channels // 6, kernel=5, padding=2),
        ]
    )


def _repeat(channels: int, *, kernel: int, times: int) -> nn.Module:
    return named_stack(
        [
            layer
            for number in range(1, times + 1)
            for layer in convolution(
                f"conv{number}", channels, channels, kernel=kernel, padding=kernel // 2
            )
        ]
    )


def _ordinary(channels: int) -> nn.Module:
    return named_stack(
        [
            ("conv", nn.Conv2d(channels, channels, 3, padding=1, bias=False)),
            ("bn", nn.BatchNorm2d(channels)),
            ("relu", nn.ReLU()),
        ]
    )


def _quartered(channels: int) -> nn.Module:
    return PaperBottleneck(channels, channels // 4, stride=1)


PAIRS: tuple[Pair, ...] = (
    Pair(
        name="inception",
        title="Naive or reduced inception",
        note=(
            "Without reductions every kernel reads all maps, and pooling hands on all of them. "
            "With 1×1 layers before the large kernels the module does a third of the work."
        ),
        sides=(Side("naive", _naive), Side("with 1×1 reductions", _reduced)),
        channels=256,
        size=28,
        choices=EIGHTHS,
        slip=(
            "A lecture prints 854 million multiply-adds against 358 million. The first is right. "
            "The branches of the second add up to 271,351,808: its 3×3 convolution’s 86,704,128 "
            "were added twice."
        ),
    ),
    Pair(
        name="reduce",
        title="5×5 directly or through 1×1",
        note=(
            "The same input and the same output; between them a twelfth of the maps. Lectures "
            "print 120 million against 12.4 million for 192 maps of 28×28."
        ),
        sides=(Side("5×5 on all maps", _direct), Side("1×1 first", _through)),
        channels=192,
        size=28,
        choices=(48, 96, 192, 384),
    ),
    Pair(
        name="bottleneck",
        title="Basic or bottleneck",
        note=(
            "Two 3×3 layers cost 18·C² weights. A bottleneck that narrows to C/4 costs 17·C²/16; "
            "with four times the channels it is still a little cheaper than the basic block."
        ),
        sides=(
            Side("basic block", lambda channels: BasicBlock(channels, channels, stride=1)),
            Side("bottleneck", _quartered),
        ),
        channels=256,
        size=56,
        choices=QUARTERS,
    ),
    Pair(
        name="plain",
        title="Plain or residual",
        note=(
            "The shortcut adds no weight and no multiply-add. What it changes is training: "
            "34 plain layers err more than 18, 34 residual layers err less."
        ),
        sides=(
            Side("plain", lambda channels: BasicBlock(channels, channels, stride=1, plain=True)),
            Side("residual", lambda channels: BasicBlock(channels, channels, stride=1)),
        ),
        channels=128,
        size=28,
        choices=EIGHTHS,
    ),
    Pair(
        name="separable",
        title="Standard or depthwise separable",
        note=(
            "A 3×3 for each map alone and a 1×1 across maps, in place of one 3×3 across all: "
            "1/C + 1/9 of the multiply-adds for as many maps out as in."
        ),
        sides=(
            Side("standard 3×3", _ordinary),
            Side("depthwise, then 1×1", lambda channels: mobile_pair(channels, channels, stride=1)),
        ),
        channels=128,
        size=56,
        choices=EIGHTHS,
    ),
    Pair(
        name="fire",
        title="Plain 3×3 or fire",
        note=(
            "As many maps out as in, by one 3×3 layer or by a fire module that squeezes to an "
            "eighth and expands by 1×1 and 3×3, half of the maps each."
        ),
        sides=(
            Side("3×3", lambda channels: _repeat(channels, kernel=3, times=1)),
            Side("fire", fire),
        ),
        channels=128,
        size=54,
        choices=EIGHTHS,
    ),
    Pair(
        name="two_small",
        title="One 5×5 or two 3×3",
        note="Both see 5×5 cells: 25·C² weights against 18·C², and a ReLU more.",
        sides=(
            Side("5×5", lambda channels: _repeat(channels, kernel=5, times=1)),
            Side("two 3×3", lambda channels: _repeat(channels, kernel=3, times=2)),
        ),
        channels=64,
        size=56,
        choices=EIGHTHS,
    ),
    Pair(
        name="three_small",
        title="One 7×7 or three 3×3",
        note="Both see 7×7 cells: 49·C² weights against 27·C², and two ReLUs more.",
        sides=(
            Side("7×7", lambda channels: _repeat(channels, kernel=7, times=1)),
            Side("three 3×3", lambda channels: _repeat(channels, kernel=3, times=3)),
        ),
        channels=64,
        size=56,
        choices=EIGHTHS,
    ),
    Pair(
        name="grouped",
        title="Bottleneck or grouped bottleneck",
        note=(
            "Twice as wide in the middle, in 32 groups: about the same weights and work, spent on "
            "more maps that each see fewer."
        ),
        sides=(
            Side(
                "ResNet’s",
                lambda channels: wide_bottleneck(channels, groups=1, base_width=64),
            ),
            Side(
                "ResNeXt’s",
                lambda channels: wide_bottleneck(channels, groups=32, base_width=4),
            ),
        ),
        channels=256,
        size=56,
        choices=(64, 128, 256, 512, 1024),
    ),
    Pair(
        name="excited",
        title="Without or with squeeze and excitation",
        note=(
            "Weighing the maps costs C²/8 weights, an eighth of the block’s, and next to no "
            "multiply-adds: its layers run on one number a map."
        ),
        sides=(
            Side("bottleneck", _quartered),
            Side(
                "with the branch",
                lambda channels: excited_bottleneck(channels, design="se_resnet50"),
            ),
        ),
        channels=256,
        size=56,
        choices=QUARTERS,
    ),
    Pair(
        name="inverted",
        title="Basic or inverted residual",
        note=(
            "Narrow at the ends and six times as wide in the middle, where the 3×3 is depthwise: "
            "fewer multiply-adds than two 3×3 layers, though it works on more maps."
        ),
        sides=(
            Side("basic block", lambda channels: BasicBlock(channels, channels, stride=1)),
            Side("inverted residual", inverted_residual),
        ),
        channels=32,
        size=56,
        choices=(16, 24, 32, 64, 96, 160),
    ),
)


def get_pair(name: str) -> Pair:
    """Return a comparison by name.

    Raises:
        NetworkError: There is none of this name.
    """
    for pair in PAIRS:
        if pair.name == name:
            return pair
    known = ", ".join(pair.name for pair in PAIRS)
    raise NetworkError(f"There is no comparison “{name}”; choose one of: {known}.")

"""Inception-ResNet-v1 and -v2 of the paper, and the -v2 whose weights the authors released.

The released network is not the paper's figure: it keeps Inception-v3's stem, has twice as many
blocks, and joins a 1×1 layer of 1,536 filters before the head.

Source: Szegedy, Ioffe, Vanhoucke and Alemi 2017, "Inception-v4, Inception-ResNet and the impact of
residual connections on learning", figures 10 to 19 and table 1; the released one as in the
authors' model collection (TF-Slim), which Keras ships too.
"""

from dataclasses import dataclass

from torch import nn

from cnnviz.networks.zoo.branches import Branches, Conv, ScaledResidual, chain
from cnnviz.networks.zoo.inception_v4 import STEM_CHANNELS, reduction_a, v4_stem
from cnnviz.networks.zoo.stacks import Named, named_stack

_CLASSES = 1000
_SCALES = (0.17, 0.1, 0.2)


@dataclass(frozen=True, slots=True)
class _Widths:
    """Widths of a network's branches, in the order of the paper's figures.

    Attributes:
        blocks: How many of the blocks A, B and C.
        a: 1×1; reduction and 3×3; reduction, 3×3 and 3×3.
        reduction: k, l, m and n of table 1.
        b: 1×1; reduction, 1×7 and 7×1.
        last: After the reductions: 3×3; 3×3; 3×3 and 3×3, all behind 1×1 of 256.
        c: 1×1; reduction, 1×3 and 3×1.
    """

    blocks: tuple[int, int, int]
    a: tuple[int, int, int, int, int, int]
    reduction: tuple[int, int, int, int]
    b: tuple[int, int, int, int]
    last: tuple[int, int, int, int]
    c: tuple[int, int, int, int]


_V1 = _Widths(
    blocks=(5, 10, 5),
    a=(32, 32, 32, 32, 32, 32),
    reduction=(192, 192, 256, 384),
    b=(128, 128, 128, 128),
    last=(384, 256, 256, 256),
    c=(192, 192, 192, 192),
)
_V2 = _Widths(
    blocks=(5, 10, 5),
    a=(32, 32, 32, 32, 48, 64),
    reduction=(256, 256, 384, 384),
    b=(192, 128, 160, 192),
    last=(384, 288, 288, 320),
    c=(192, 192, 224, 256),
)
_RELEASED_BLOCKS = (10, 20, 10)


def _block_a(inputs: int, widths: _Widths) -> ScaledResidual:
    one, reduce_once, once, reduce_twice, twice, last = widths.a
    branches = Branches(
        [
            chain(inputs, Conv(one)),
            chain(inputs, Conv(reduce_once), Conv(once, 3)),
            chain(inputs, Conv(reduce_twice), Conv(twice, 3), Conv(last, 3)),
        ]
    )
    return ScaledResidual(inputs, branches, joined=one + once + last, scale=_SCALES[0])


def _block_with_lines(
    inputs: int, widths: tuple[int, int, int, int], *, length: int, scale: float, last: bool = False
) -> ScaledResidual:
    """Blocks B and C: 1×1 beside a row and a column of this length."""
    one, reduce, row, column = widths
    branches = Branches(
        [
            chain(inputs, Conv(one)),
            chain(inputs, Conv(reduce), Conv(row, (1, length)), Conv(column, (length, 1))),
        ]
    )
    return ScaledResidual(inputs, branches, joined=one + column, scale=scale, last=last)


def _reduction_b(inputs: int, widths: _Widths) -> Branches:
    first, second, third, fourth = widths.last
    return Branches(
        [
            nn.MaxPool2d(3, 2),
            chain(inputs, Conv(256), Conv(first, 3, 2, padded=False)),
            chain(inputs, Conv(256), Conv(second, 3, 2, padded=False)),
            chain(inputs, Conv(256), Conv(third, 3), Conv(fourth, 3, 2, padded=False)),
        ]
    )


def _v1_stem() -> nn.Sequential:
    """The stem of figure 14: to (N, 256, 35, 35)."""
    first = chain(3, Conv(32, 3, 2, padded=False), Conv(32, 3, padded=False), Conv(64, 3))
    second = chain(64, Conv(80), Conv(192, 3, padded=False), Conv(256, 3, 2, padded=False))
    return named_stack([("first", first), ("pool", nn.MaxPool2d(3, 2)), ("second", second)])


def _released_stem() -> nn.Sequential:
    """Inception-v3's stem and one of its blocks: to (N, 320, 35, 35)."""
    first = chain(3, Conv(32, 3, 2, padded=False), Conv(32, 3, padded=False), Conv(64, 3))
    second = chain(64, Conv(80), Conv(192, 3, padded=False))
    pool = nn.AvgPool2d(3, 1, 1, count_include_pad=False)
    block = Branches(
        [
            chain(192, Conv(96)),
            chain(192, Conv(48), Conv(64, 5)),
            chain(192, Conv(64), Conv(96, 3), Conv(96, 3)),
            named_stack([("pool", pool), ("project", chain(192, Conv(64)))]),
        ]
    )
    layers: Named = [
        ("first", first),
        ("pool1", nn.MaxPool2d(3, 2)),
        ("second", second),
        ("pool2", nn.MaxPool2d(3, 2)),
        ("block", block),
    ]
    return named_stack(layers)


def _network(stem: nn.Module, inputs: int, widths: _Widths, *, released: bool) -> nn.Module:
    first, second, third = _RELEASED_BLOCKS if released else widths.blocks
    middle = inputs + widths.reduction[2] + widths.reduction[3]
    late = middle + widths.last[0] + widths.last[1] + widths.last[3]
    layers: Named = [("stem", stem)]
    layers += [(f"block_a{number}", _block_a(inputs, widths)) for number in range(1, first + 1)]
    layers.append(("reduction_a", reduction_a(inputs, widths=widths.reduction)))
    for number in range(1, second + 1):
        block = _block_with_lines(middle, widths.b, length=7, scale=_SCALES[1])
        layers.append((f"block_b{number}", block))
    layers.append(("reduction_b", _reduction_b(middle, widths)))
    for number in range(1, third + 1):
        # The released network's last block adds in full and has no ReLU behind the sum.
        last = released and number == third
        scale = 1.0 if last else _SCALES[2]
        block = _block_with_lines(late, widths.c, length=3, scale=scale, last=last)
        layers.append((f"block_c{number}", block))
    if released:
        layers.append(("last", chain(late, Conv(1536))))
        late = 1536
    layers += [
        ("avgpool", nn.AdaptiveAvgPool2d(1)),
        ("flatten", nn.Flatten()),
        ("dropout", nn.Dropout(0.2)),
        ("fc", nn.Linear(late, _CLASSES)),
    ]
    return named_stack(layers)


def inception_resnet_v1(_size: int) -> nn.Module:
    """Build Inception-ResNet-v1: (N, 3, 299, 299) to (N, 1000)."""
    return _network(_v1_stem(), 256, _V1, released=False)


def inception_resnet_v2(_size: int, *, released: bool) -> nn.Module:
    """Build Inception-ResNet-v2: (N, 3, 299, 299) to (N, 1000).

    Args:
        _size: Height and width of the input; average pooling takes any that the reductions leave.
        released: The network of the authors' released weights; else that of the paper's figures.
    """
    if released:
        return _network(_released_stem(), 320, _V2, released=True)
    return _network(v4_stem(), STEM_CHANNELS, _V2, released=False)

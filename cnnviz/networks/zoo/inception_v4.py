"""Inception-v4, and the stem that it shares with Inception-ResNet-v2.

Source: Szegedy, Ioffe, Vanhoucke and Alemi 2017, "Inception-v4, Inception-ResNet and the impact of
residual connections on learning", figures 3 to 9 and table 1.
"""

from torch import nn

from cnnviz.networks.zoo.branches import Branches, Conv, chain
from cnnviz.networks.zoo.stacks import Named, named_stack

_CLASSES = 1000
STEM_CHANNELS = 384


def v4_stem() -> nn.Sequential:
    """Make the stem of figure 3: (N, 3, 299, 299) to (N, 384, 35, 35)."""
    first = chain(3, Conv(32, 3, 2, padded=False), Conv(32, 3, padded=False), Conv(64, 3))
    halve = Branches([nn.MaxPool2d(3, 2), chain(64, Conv(96, 3, 2, padded=False))])
    widen = Branches(
        [
            chain(160, Conv(64), Conv(96, 3, padded=False)),
            chain(160, Conv(64), Conv(64, (7, 1)), Conv(64, (1, 7)), Conv(96, 3, padded=False)),
        ]
    )
    again = Branches([chain(192, Conv(192, 3, 2, padded=False)), nn.MaxPool2d(3, 2)])
    return named_stack([("first", first), ("halve", halve), ("widen", widen), ("again", again)])


def reduction_a(inputs: int, *, widths: tuple[int, int, int, int]) -> Branches:
    """Make the step from 35×35 to 17×17 of figure 7.

    Args:
        inputs: Channels that it reads.
        widths: k, l, m and n of table 1.
    """
    k, el, m, n = widths
    return Branches(
        [
            nn.MaxPool2d(3, 2),
            chain(inputs, Conv(n, 3, 2, padded=False)),
            chain(inputs, Conv(k), Conv(el, 3), Conv(m, 3, 2, padded=False)),
        ]
    )


def _averaged(inputs: int, width: int) -> nn.Sequential:
    # The border's zeros are left out of the average, as in the authors' code.
    pool = nn.AvgPool2d(3, 1, 1, count_include_pad=False)
    return named_stack([("pool", pool), ("project", chain(inputs, Conv(width)))])


def _block_a() -> Branches:
    return Branches(
        [
            _averaged(384, 96),
            chain(384, Conv(96)),
            chain(384, Conv(64), Conv(96, 3)),
            chain(384, Conv(64), Conv(96, 3), Conv(96, 3)),
        ]
    )


def _block_b() -> Branches:
    row, column = (1, 7), (7, 1)
    return Branches(
        [
            _averaged(1024, 128),
            chain(1024, Conv(384)),
            chain(1024, Conv(192), Conv(224, row), Conv(256, column)),
            chain(
                1024,
                Conv(192),
                Conv(192, row),
                Conv(224, column),
                Conv(224, row),
                Conv(256, column),
            ),
        ]
    )


def _reduction_b() -> Branches:
    return Branches(
        [
            nn.MaxPool2d(3, 2),
            chain(1024, Conv(192), Conv(192, 3, 2, padded=False)),
            chain(
                1024, Conv(256), Conv(256, (1, 7)), Conv(320, (7, 1)), Conv(320, 3, 2, padded=False)
            ),
        ]
    )


def _block_c() -> Branches:
    row, column = (1, 3), (3, 1)
    fork = Branches([chain(384, Conv(256, row)), chain(384, Conv(256, column))])
    late = Branches([chain(512, Conv(256, column)), chain(512, Conv(256, row))])
    return Branches(
        [
            _averaged(1536, 256),
            chain(1536, Conv(256)),
            named_stack([("reduce", chain(1536, Conv(384))), ("fork", fork)]),
            named_stack(
                [
                    ("reduce", chain(1536, Conv(384), Conv(448, row), Conv(512, column))),
                    ("fork", late),
                ]
            ),
        ]
    )


def inception_v4(_size: int) -> nn.Module:
    """Build Inception-v4: (N, 3, 299, 299) to (N, 1000); average pooling takes other sizes."""
    layers: Named = [
        ("stem", v4_stem()),
        *((f"inception_a{number}", _block_a()) for number in range(1, 5)),
        ("reduction_a", reduction_a(STEM_CHANNELS, widths=(192, 224, 256, 384))),
        *((f"inception_b{number}", _block_b()) for number in range(1, 8)),
        ("reduction_b", _reduction_b()),
        *((f"inception_c{number}", _block_c()) for number in range(1, 4)),
        ("avgpool", nn.AdaptiveAvgPool2d(1)),
        ("flatten", nn.Flatten()),
        ("dropout", nn.Dropout(0.2)),
        ("fc", nn.Linear(1536, _CLASSES)),
    ]
    return named_stack(layers)

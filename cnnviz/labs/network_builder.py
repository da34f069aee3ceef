"""A small network put together from layers: read from a short notation, checked, counted, built.

Layers are separated by commas, the one next to the image first:

    conv6k5          convolution of 6 filters 5×5; s2 sets the stride, p1 the padding
    max2, avg2       pooling of 2×2; its stride is its kernel if none is given
    gap              global average pooling
    bn               batch normalization
    relu, tanh, sigmoid, leaky, gelu, silu
    dropout50        half of the values
    flatten, fc84    fully connected, 84 units
"""

import math
import re
from collections import Counter, OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum

import torch
from torch import Tensor, nn

from cnnviz.costs.calculator import LayerSetting, LayerType, count_layer
from cnnviz.errors import ArithmeticInputError

MAX_LAYERS = 40
MAX_PARAMETERS = 500_000
MAX_MULTIPLY_ADDS = 20_000_000
Shape = tuple[int, ...]


class BuildingBlock(StrEnum):
    """What a layer does; the values are those of the notation."""

    CONVOLUTION = "conv"
    MAX_POOLING = "max"
    AVERAGE_POOLING = "avg"
    GLOBAL_POOLING = "gap"
    BATCH_NORMALIZATION = "bn"
    RELU = "relu"
    TANH = "tanh"
    SIGMOID = "sigmoid"
    LEAKY_RELU = "leaky"
    GELU = "gelu"
    SILU = "silu"
    DROPOUT = "dropout"
    FLATTEN = "flatten"
    LINEAR = "fc"


ACTIVATIONS: dict[BuildingBlock, Callable[[], nn.Module]] = {
    BuildingBlock.RELU: nn.ReLU,
    BuildingBlock.TANH: nn.Tanh,
    BuildingBlock.SIGMOID: nn.Sigmoid,
    BuildingBlock.LEAKY_RELU: nn.LeakyReLU,
    BuildingBlock.GELU: nn.GELU,
    BuildingBlock.SILU: nn.SiLU,
}
_COUNTED = {
    BuildingBlock.CONVOLUTION: LayerType.CONVOLUTION,
    BuildingBlock.MAX_POOLING: LayerType.MAX_POOLING,
    BuildingBlock.AVERAGE_POOLING: LayerType.AVERAGE_POOLING,
    BuildingBlock.GLOBAL_POOLING: LayerType.GLOBAL_POOLING,
    BuildingBlock.LINEAR: LayerType.LINEAR,
}
_POOLINGS = (BuildingBlock.MAX_POOLING, BuildingBlock.AVERAGE_POOLING)
_SIZED = (BuildingBlock.CONVOLUTION, BuildingBlock.DROPOUT, BuildingBlock.LINEAR, *_POOLINGS)
_WORD = re.compile(rf"({'|'.join(BuildingBlock)})(\d{{0,4}})((?:[ksp]\d{{1,2}})*)")
_OPTION = re.compile(r"([ksp])(\d{1,2})")


@dataclass(frozen=True, slots=True)
class BuilderLayer:
    """One layer of the list.

    Attributes:
        block: What it does.
        size: Filters, units, side of a pooling's window, or percent that dropout sets to 0.
        kernel: Side of a convolution's kernel.
        stride: From one window to the next.
        padding: Cells added on each side.
    """

    block: BuildingBlock
    size: int = 0
    kernel: int = 3
    stride: int = 1
    padding: int = 0


@dataclass(frozen=True, slots=True)
class BuilderRow:
    """A layer in its place.

    Attributes:
        layer: The layer.
        name: Of its module: "conv1".
        input: Shape of what it reads: (C, H, W) or (N,).
        output: Shape of what it gives.
        parameters: Weights and biases; of batch normalization γ and β.
        multiply_adds: Of one image; 0 for what only compares, adds or looks up.
    """

    layer: BuilderLayer
    name: str
    input: Shape
    output: Shape
    parameters: int
    multiply_adds: int


def parse_layers(text: str) -> tuple[BuilderLayer, ...]:
    """Read a list of layers.

    Raises:
        ArithmeticInputError: A word is no layer, or there are none or too many.
    """
    words = text.lower().replace(",", " ").split()
    if not 1 <= len(words) <= MAX_LAYERS:
        raise ArithmeticInputError(
            f"The network has {len(words)} layers; write 1 to {MAX_LAYERS}, such as flatten, fc10."
        )
    return tuple(_parse_layer(word) for word in words)


def _parse_layer(word: str) -> BuilderLayer:
    match = _WORD.fullmatch(word)
    block = BuildingBlock(match[1]) if match else None
    numbers = {letter: int(number) for letter, number in _OPTION.findall(match[3] if match else "")}
    allowed = {BuildingBlock.CONVOLUTION: "ksp"} | dict.fromkeys(_POOLINGS, "sp")
    is_sized = block in _SIZED
    if (
        match is None
        or block is None
        or bool(match[2]) != is_sized
        or not numbers.keys() <= set(allowed.get(block, ""))
    ):
        raise ArithmeticInputError(
            f"“{word[:20]}” is no layer; write one such as conv16k3p1, max2, bn, relu, dropout50, "
            "flatten or fc10."
        )
    size = int(match[2] or 0)
    return BuilderLayer(
        block=block,
        size=size,
        kernel=numbers.get("k", 3) if block is BuildingBlock.CONVOLUTION else size,
        stride=numbers.get("s", size if block in _POOLINGS else 1),
        padding=numbers.get("p", 0),
    )


def format_layers(layers: Sequence[BuilderLayer]) -> str:
    """Write a list of layers in the notation that `parse_layers` reads."""
    return ", ".join(_format_layer(layer) for layer in layers)


def _format_layer(layer: BuilderLayer) -> str:
    text = f"{layer.block}{layer.size}" if layer.block in _SIZED else str(layer.block)
    if layer.block is BuildingBlock.CONVOLUTION:
        text += f"k{layer.kernel}"
    if layer.block is BuildingBlock.CONVOLUTION or layer.block in _POOLINGS:
        usual = layer.size if layer.block in _POOLINGS else 1
        text += f"s{layer.stride}" if layer.stride != usual else ""
        text += f"p{layer.padding}" if layer.padding else ""
    return text


def lay_out(
    layers: Sequence[BuilderLayer], *, shape: Shape, classes: int
) -> tuple[tuple[BuilderRow, ...], ArithmeticInputError | None]:
    """Follow the shapes from the image upwards, as far as the layers fit.

    Args:
        layers: The one next to the image first.
        shape: Of an image, (C, H, W).
        classes: How many numbers the last layer has to give.

    Returns:
        The layers that fit, and what is wrong with the network; None where nothing is.
    """
    rows: list[BuilderRow] = []
    seen: Counter[BuildingBlock] = Counter()
    for number, layer in enumerate(layers, start=1):
        seen[layer.block] += 1
        below = rows[-1].output if rows else shape
        try:
            rows.append(_place(layer, below, name=f"{layer.block}{seen[layer.block]}"))
        except ArithmeticInputError as error:
            told = f"Layer {number} ({_format_layer(layer)}): {error}"
            return tuple(rows), ArithmeticInputError(told)
    return tuple(rows), _find_problem(rows, classes=classes)


def _find_problem(rows: Sequence[BuilderRow], *, classes: int) -> ArithmeticInputError | None:
    """What is wrong with a network whose layers all fit."""
    output = rows[-1].output
    parameters = sum(row.parameters for row in rows)
    multiply_adds = sum(row.multiply_adds for row in rows)
    if output != (classes,):
        shape = "×".join(map(str, output))
        return ArithmeticInputError(
            f"The last layer gives {shape} numbers; it must give {classes}, one for each class. "
            f"End with fc{classes}, or with conv{classes}k1, gap, flatten."
        )
    if not parameters:
        return ArithmeticInputError("The network has no weights to learn; add fc10 or a conv.")
    if parameters > MAX_PARAMETERS or multiply_adds > MAX_MULTIPLY_ADDS:
        return ArithmeticInputError(
            f"The network has {parameters:,} parameters and takes {multiply_adds:,} multiply-adds; "
            f"at most {MAX_PARAMETERS:,} and {MAX_MULTIPLY_ADDS:,} are trained here. Take fewer "
            "filters or units, or pool earlier."
        )
    return None


def _place(layer: BuilderLayer, below: Shape, *, name: str) -> BuilderRow:
    """Work one layer out on what it reads."""
    block, is_flat = layer.block, len(below) == 1
    parameters, multiply_adds, output = 0, 0, below
    if block is BuildingBlock.FLATTEN:
        output = (math.prod(below),)
    elif block is BuildingBlock.BATCH_NORMALIZATION:
        parameters = 2 * below[0]
    elif block is BuildingBlock.DROPOUT and not 1 <= layer.size <= 99:
        raise ArithmeticInputError(f"it sets {layer.size} % to zero; choose 1 to 99.")
    elif block is BuildingBlock.LINEAR and not is_flat:
        raise ArithmeticInputError("it reads a vector; put flatten before it.")
    elif block in _COUNTED and block is not BuildingBlock.LINEAR and is_flat:
        raise ArithmeticInputError("it reads maps, and flatten left a vector; put it before.")
    elif block in _COUNTED:
        count = count_layer(_set_layer(layer, below))
        output, parameters, multiply_adds = count.output, count.parameters, count.multiply_adds
    return BuilderRow(layer, name, below, output, parameters, multiply_adds)


def _set_layer(layer: BuilderLayer, below: Shape) -> LayerSetting:
    """The layer as the layer calculator takes it."""
    channels, *sizes = below
    return LayerSetting(
        type=_COUNTED[layer.block],
        channels=channels,
        sizes=tuple(sizes) or (1,),
        filters=layer.size,
        kernel=layer.kernel,
        stride=layer.stride,
        padding=layer.padding,
    )


class SeededDropout(nn.Dropout):
    """Dropout whose masks come from a generator of its own, so that equal seeds mask alike.

    It draws as torch's own dropout does from a generator of the same state.

    Source: Srivastava et al. 2014, "Dropout", with the scaling in training.
    """

    def __init__(self, p: float, dice: torch.Generator) -> None:
        super().__init__(p)
        self.dice = dice

    def forward(self, x: Tensor) -> Tensor:
        """Set a share p of the values to 0 and divide the others by 1 − p, in training."""
        if not self.training:
            return x
        kept = torch.empty_like(x).bernoulli_(1 - self.p, generator=self.dice)
        return x * kept / (1 - self.p)


def build_layers(rows: Sequence[BuilderRow], *, seed: int | None = None) -> nn.Sequential:
    """Build a network.

    Args:
        rows: All of its layers.
        seed: Of PyTorch's usual random weights and of dropout's masks, which are then drawn from a
            generator of its own; None for one that is to be filled.
    """
    dice = None if seed is None else torch.Generator().manual_seed(seed)
    modules = OrderedDict((row.name, _build(row, dice)) for row in rows)
    for module in modules.values() if dice else ():
        if isinstance(module, nn.Conv2d | nn.Linear):
            nn.init.kaiming_uniform_(module.weight, a=math.sqrt(5), generator=dice)
            bound = 1 / math.sqrt(module.weight[0].numel())
            nn.init.uniform_(module.get_parameter("bias"), -bound, bound, generator=dice)
    return nn.Sequential(modules)


def _build(row: BuilderRow, dice: torch.Generator | None) -> nn.Module:
    layer, channels = row.layer, row.input[0]
    size, stride, padding = layer.size, layer.stride, layer.padding
    match layer.block:
        case BuildingBlock.CONVOLUTION:
            return nn.Conv2d(channels, size, layer.kernel, stride=stride, padding=padding)
        case BuildingBlock.MAX_POOLING:
            return nn.MaxPool2d(size, stride=stride, padding=padding)
        case BuildingBlock.AVERAGE_POOLING:
            return nn.AvgPool2d(size, stride=stride, padding=padding)
        case BuildingBlock.GLOBAL_POOLING:
            return nn.AdaptiveAvgPool2d(1)
        case BuildingBlock.BATCH_NORMALIZATION:
            return nn.BatchNorm1d(channels) if len(row.input) == 1 else nn.BatchNorm2d(channels)
        case BuildingBlock.DROPOUT:
            return SeededDropout(size / 100, dice) if dice else nn.Dropout(size / 100)
        case BuildingBlock.FLATTEN:
            return nn.Flatten()
        case BuildingBlock.LINEAR:
            return nn.Linear(channels, size)
        case _:
            return ACTIVATIONS[layer.block]()

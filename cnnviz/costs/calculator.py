"""Any layer on any volume: its output, parameters, multiply-adds and memory, worked out.

Whole numbers only, no tensors. A multiply-add is one multiplication and one addition, counted as
one; adding the bias is not counted.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import StrEnum
from math import prod

from cnnviz.costs.arithmetic import (
    convolution_multiply_adds,
    convolution_parameters,
    linear_parameters,
    output_size,
)
from cnnviz.errors import ArithmeticInputError

FLOAT_BYTES = 4  # of one activation or weight
Sizes = tuple[int, ...]


class LayerType(StrEnum):
    """What a layer does; the values are those of the page's program."""

    CONVOLUTION = "convolution"
    SEPARABLE = "separable"
    TRANSPOSED = "transposed"
    MAX_POOLING = "max_pooling"
    AVERAGE_POOLING = "average_pooling"
    GLOBAL_POOLING = "global_pooling"
    LINEAR = "linear"


@dataclass(frozen=True, slots=True, kw_only=True)
class LayerSetting:
    """A layer and the volume it reads.

    Attributes:
        type: What it does.
        channels: Of the input, C.
        sizes: Of the input along each axis: (W,), (H, W) or (D, H, W).
        filters: Channels of the output; poolings keep those of the input.
        kernel: Side of the kernel, K, the same along each axis.
        stride: Cells from one window to the next, S; of a transposed convolution, from one written
            window to the next.
        padding: Cells added on each side, P; a transposed convolution cuts them off.
        dilation: Cells from one tap of the kernel to the next, D.
        groups: Into which the channels are divided.
        output_padding: Cells added at the far side of a transposed convolution's output.
        bias: Whether each filter has one.
    """

    type: LayerType = LayerType.CONVOLUTION
    channels: int = 3
    sizes: Sizes = (32, 32)
    filters: int = 10
    kernel: int = 5
    stride: int = 1
    padding: int = 2
    dilation: int = 1
    groups: int = 1
    output_padding: int = 0
    bias: bool = True


@dataclass(frozen=True, slots=True)
class LayerPart:
    """A part of a layer with weights.

    Attributes:
        title: Its name.
        weight: Shape of its weights as torch keeps them: (C_out, C_in / groups, K, ...).
        parameters: Weights and biases.
        multiply_adds: Of one image.
        places: How many times each weight is used for one image.
    """

    title: str
    weight: Sizes
    parameters: int
    multiply_adds: int
    places: int


@dataclass(frozen=True, slots=True)
class LayerCount:
    """A layer worked out.

    Attributes:
        setting: The layer and its input.
        output: Shape of its output: channels, then sizes; (N,) of a fully connected layer.
        parts: What has weights.
    """

    setting: LayerSetting
    output: Sizes
    parts: tuple[LayerPart, ...]

    @property
    def input(self) -> Sizes:
        """Shape of the input: channels, then sizes."""
        return (self.setting.channels, *self.setting.sizes)

    @property
    def parameters(self) -> int:
        """Weights and biases in all."""
        return sum(part.parameters for part in self.parts)

    @property
    def multiply_adds(self) -> int:
        """Of one image; 0 for poolings, which only compare or add."""
        return sum(part.multiply_adds for part in self.parts)

    @property
    def output_bytes(self) -> int:
        """Memory of one image's output in float32."""
        return FLOAT_BYTES * prod(self.output)

    @property
    def weight_bytes(self) -> int:
        """Memory of the parameters in float32."""
        return FLOAT_BYTES * self.parameters


def count_layer(setting: LayerSetting) -> LayerCount:
    """Work out a layer.

    Raises:
        ArithmeticInputError: A number is out of range, the kernel does not fit, the groups do not
            divide the channels, or torch would refuse the padding.

    Source: Dumoulin and Visin 2016, "A guide to convolution arithmetic for deep learning"; for
    depthwise separable convolutions Howard et al. 2017, "MobileNets", section 3.1.
    """
    if not 1 <= len(setting.sizes) <= 3:
        raise ArithmeticInputError(f"The input has {len(setting.sizes)} axes; give one to three.")
    return _COUNTS[setting.type](setting)


def list_alternatives(setting: LayerSetting) -> tuple[LayerCount, ...]:
    """Work out all types of layers on the same input; those that do not fit are left out."""
    found = []
    for kind in LayerType:
        try:
            found.append(count_layer(replace(setting, type=kind)))
        except ArithmeticInputError:
            continue
    return tuple(found)


def _slide(setting: LayerSetting) -> Sizes:
    return tuple(
        output_size(
            size,
            kernel=setting.kernel,
            stride=setting.stride,
            padding=setting.padding,
            dilation=setting.dilation,
        )
        for size in setting.sizes
    )


def _count_convolution(setting: LayerSetting) -> LayerCount:
    sizes = _slide(setting)
    part = _count_part(
        setting, "convolution", setting.channels, setting.kernel, sizes, setting.groups
    )
    return LayerCount(setting, (setting.filters, *sizes), (part,))


def _count_separable(setting: LayerSetting) -> LayerCount:
    sizes, channels = _slide(setting), setting.channels
    each = replace(setting, filters=channels)
    depthwise = _count_part(each, "depthwise", channels, setting.kernel, sizes, channels)
    pointwise = _count_part(setting, "pointwise, 1×1", channels, 1, sizes, 1)
    return LayerCount(setting, (setting.filters, *sizes), (depthwise, pointwise))


def _count_part(
    setting: LayerSetting, title: str, channels: int, kernel: int, sizes: Sizes, groups: int
) -> LayerPart:
    window = (kernel,) * len(sizes)
    parameters = convolution_parameters(
        channels, setting.filters, kernel=window, groups=groups, bias=setting.bias
    )
    done = convolution_multiply_adds(
        channels, setting.filters, kernel=window, output=sizes, groups=groups
    )
    weight = (setting.filters, channels // groups, *window)
    return LayerPart(title, weight, parameters, done, prod(sizes))


def _count_transposed(setting: LayerSetting) -> LayerCount:
    sizes = tuple(
        transposed_size(
            size,
            kernel=setting.kernel,
            stride=setting.stride,
            padding=setting.padding,
            dilation=setting.dilation,
            output_padding=setting.output_padding,
        )
        for size in setting.sizes
    )
    # Each cell of the input is used once with each weight of its window.
    part = _count_part(
        setting,
        "transposed convolution",
        setting.channels,
        setting.kernel,
        setting.sizes,
        setting.groups,
    )
    window = part.weight[2:]
    weight = (setting.channels, setting.filters // setting.groups, *window)
    return LayerCount(setting, (setting.filters, *sizes), (replace(part, weight=weight),))


def transposed_size(
    size: int, *, kernel: int, stride: int, padding: int, dilation: int, output_padding: int
) -> int:
    """Compute the output size of a transposed convolution along one axis.

    Args:
        size: Input size N, in cells.
        kernel: Kernel size K.
        stride: Cells from one written window to the next, S.
        padding: Cells cut off on each side, P.
        dilation: Cells from one tap of the kernel to the next, D.
        output_padding: Cells added at the far side, A.

    Returns:
        S·(N − 1) + D·(K − 1) + 1 − 2P + A.

    Raises:
        ArithmeticInputError: A number is out of range, or nothing is left.

    Source: Dumoulin and Visin 2016, section 4; torch.nn.ConvTranspose2d.
    """
    for name, value in (("N", size), ("K", kernel), ("S", stride), ("D", dilation)):
        if value < 1:
            raise ArithmeticInputError(f"{name} is {value}; it must be 1 or more.")
    if padding < 0:
        raise ArithmeticInputError(f"P is {padding}; it must be 0 or more.")
    if not 0 <= output_padding < max(stride, dilation):
        raise ArithmeticInputError(
            f"The output padding is {output_padding}; it must be less than the stride {stride} or "
            f"the dilation {dilation}."
        )
    found = stride * (size - 1) + dilation * (kernel - 1) + 1 - 2 * padding + output_padding
    if found < 1:
        raise ArithmeticInputError(
            f"S·(N − 1) + D·(K − 1) + 1 − 2·P + A is {found} for N = {size}: nothing is left; pad "
            "less."
        )
    return found


def _count_pooling(setting: LayerSetting) -> LayerCount:
    if setting.padding > setting.kernel // 2:
        raise ArithmeticInputError(
            f"The padding {setting.padding} of a pooling must be at most half of its kernel "
            f"{setting.kernel}."
        )
    pooled = setting
    if setting.type is LayerType.AVERAGE_POOLING:
        pooled = replace(setting, dilation=1)
    return LayerCount(pooled, (setting.channels, *_slide(pooled)), ())


def _count_global_pooling(setting: LayerSetting) -> LayerCount:
    _check_volume(setting)
    return LayerCount(setting, (setting.channels, *(1 for _ in setting.sizes)), ())


def _count_linear(setting: LayerSetting) -> LayerCount:
    _check_volume(setting)
    inputs = setting.channels * prod(setting.sizes)
    parameters = linear_parameters(inputs, setting.filters, bias=setting.bias)
    weight = (setting.filters, inputs)
    part = LayerPart("fully connected", weight, parameters, inputs * setting.filters, 1)
    return LayerCount(setting, (setting.filters,), (part,))


def _check_volume(setting: LayerSetting) -> None:
    if min(setting.channels, *setting.sizes) < 1:
        raise ArithmeticInputError("Every size of the input must be 1 or more.")


_COUNTS: dict[LayerType, Callable[[LayerSetting], LayerCount]] = {
    LayerType.CONVOLUTION: _count_convolution,
    LayerType.SEPARABLE: _count_separable,
    LayerType.TRANSPOSED: _count_transposed,
    LayerType.MAX_POOLING: _count_pooling,
    LayerType.AVERAGE_POOLING: _count_pooling,
    LayerType.GLOBAL_POOLING: _count_global_pooling,
    LayerType.LINEAR: _count_linear,
}

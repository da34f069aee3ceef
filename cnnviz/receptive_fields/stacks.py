"""Hand-built stacks of sliding windows: how the receptive field grows, and what it costs.

Along one axis layer l has kernel k, stride s, padding p and dilation d. From the layer below,

    field  r_l = r_(l−1) + (k − 1)·d·j_(l−1)        with r_0 = 1
    jump   j_l = j_(l−1)·s                          with j_0 = 1
    start  a_l = a_(l−1) − p·j_(l−1)                with a_0 = 0

and cell i of layer l sees the input pixels from a_l + i·j_l to a_l + i·j_l + r_l − 1.

Source: Araujo, Norris and Sim 2019, "Computing receptive fields of convolutional neural networks".
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import numpy.typing as npt

from cnnviz.costs.arithmetic import (
    convolution_multiply_adds,
    convolution_parameters,
    output_size,
    unread_cells,
)
from cnnviz.errors import ArithmeticInputError, CNNVizError
from cnnviz.receptive_fields.theoretical import Window

MAX_LAYERS = 20
MAX_SIZE = 512
MAX_CHANNELS = 4096
# Bounds of what is drawn: far beyond any published layer, small enough to answer at once.
MAX_NUMBER = 63
MAX_CELLS = 1024
MAX_JUMP = 4096


class StackKind(StrEnum):
    """What a layer of a stack does with its window."""

    CONVOLUTION = "conv"
    MAX_POOLING = "max pool"
    AVERAGE_POOLING = "avg pool"


@dataclass(frozen=True, slots=True)
class StackLayer:
    """A square window of a stack, the same along rows and columns."""

    kind: StackKind
    window: Window

    @property
    def title(self) -> str:
        """Name for people: “conv 3×3, stride 2”."""
        window = self.window
        parts = [f"{self.kind} {window.kernel}×{window.kernel}"]
        if window.stride != 1:
            parts.append(f"stride {window.stride}")
        if window.padding:
            parts.append(f"padding {window.padding}")
        if window.dilation != 1:
            parts.append(f"dilation {window.dilation}")
        return ", ".join(parts)


@dataclass(frozen=True, slots=True)
class StackRow:
    """One layer of a grown stack, along one axis.

    Attributes:
        layer: The layer.
        size_below: Cells of the layer below.
        size: Cells of this layer.
        field_below: Receptive field of a cell of the layer below, in input pixels.
        field: Receptive field of a cell of this layer.
        jump_below: Input pixels between neighbouring cells of the layer below.
        jump: Input pixels between neighbouring cells of this layer (its effective stride).
        start: First input index that cell 0 sees; below 0 on padding.
        unread: Cells at the far edge of the padded layer below that no window reaches.
        parameters: Weights without biases; 0 for a pooling.
        multiply_adds: Of the convolution over the whole layer; 0 for a pooling.
    """

    layer: StackLayer
    size_below: int
    size: int
    field_below: int
    field: int
    jump_below: int
    jump: int
    start: int
    unread: int
    parameters: int
    multiply_adds: int


_LETTERS = {
    "": StackKind.CONVOLUTION,
    "c": StackKind.CONVOLUTION,
    "m": StackKind.MAX_POOLING,
    "a": StackKind.AVERAGE_POOLING,
}
_LAYER = re.compile(r"([cma]?)(\d{1,3})((?:[spd]\d{1,3})*)")
_OPTION = re.compile(r"([spd])(\d{1,3})")


def parse_stack(text: str) -> tuple[StackLayer, ...]:
    """Read a stack from its short notation, the layer next to the input first.

    Layers are separated by commas or spaces. A layer is its kernel size, then s with the stride,
    p with the padding and d with the dilation where they are not the usual ones: “3p1, m2, 3d2” is
    a 3×3 convolution with padding 1, a 2×2 max pooling, and a 3×3 convolution with dilation 2. A
    pooling starts with m (maximum) or a (average); its stride is its kernel if none is given.

    Raises:
        ArithmeticInputError: The text is no stack, or it has no layers or too many.
    """
    words = text.lower().replace(",", " ").split()
    if not 1 <= len(words) <= MAX_LAYERS:
        raise ArithmeticInputError(
            f"The stack has {len(words)} layers; write 1 to {MAX_LAYERS}, such as “3, 3, 3”."
        )
    return tuple(_parse_layer(word) for word in words)


def _parse_layer(word: str) -> StackLayer:
    match = _LAYER.fullmatch(word)
    options = _OPTION.findall(match[3]) if match else []
    if match is None or len({letter for letter, _ in options}) < len(options):
        raise ArithmeticInputError(
            f"“{word[:20]}” is no layer; write the kernel, then s, p or d with a number, such as "
            "3s2p1 for a 3×3 convolution, m2 for a max pooling or a2 for an average pooling."
        )
    kind, kernel = _LETTERS[match[1]], int(match[2])
    numbers = {letter: int(number) for letter, number in options}
    usual_stride = 1 if kind is StackKind.CONVOLUTION else kernel
    window = Window(
        kernel=kernel,
        stride=numbers.get("s", usual_stride),
        padding=numbers.get("p", 0),
        dilation=numbers.get("d", 1),
    )
    return StackLayer(kind=kind, window=window)


def format_stack(layers: Sequence[StackLayer]) -> str:
    """Write a stack in the notation that `parse_stack` reads."""
    return ", ".join(_format_layer(layer) for layer in layers)


def _format_layer(layer: StackLayer) -> str:
    window = layer.window
    letter = {
        StackKind.CONVOLUTION: "",
        StackKind.MAX_POOLING: "m",
        StackKind.AVERAGE_POOLING: "a",
    }[layer.kind]
    usual_stride = 1 if layer.kind is StackKind.CONVOLUTION else window.kernel
    text = f"{letter}{window.kernel}"
    for sign, value, usual in (
        ("s", window.stride, usual_stride),
        ("p", window.padding, 0),
        ("d", window.dilation, 1),
    ):
        text += f"{sign}{value}" if value != usual else ""
    return text


def grow_stack(
    layers: Sequence[StackLayer], *, size: int, channels: int = 1
) -> tuple[StackRow, ...]:
    """Follow a stack upwards from the input: sizes, receptive fields and costs of every layer.

    Args:
        layers: The stack, the layer next to the input first.
        size: Side of the square input, in pixels.
        channels: Channels C of the input and of every layer.

    Raises:
        ArithmeticInputError: A number is out of range or a kernel does not fit; the message names
            the layer and puts its numbers into the formula.
    """
    _check_range("The input size", size, MAX_SIZE)
    _check_range("The number of channels", channels, MAX_CHANNELS)
    rows: list[StackRow] = []
    for number, layer in enumerate(layers, start=1):
        below = rows[-1] if rows else None
        try:
            rows.append(grow_layer(layer, below, size=size, channels=channels))
        except ArithmeticInputError as error:
            raise ArithmeticInputError(f"Layer {number} ({layer.title}): {error}") from error
    return tuple(rows)


def _check_range(name: str, value: int, largest: int) -> None:
    if not 1 <= value <= largest:
        raise ArithmeticInputError(f"{name} is {value}; choose 1 to {largest}.")


def grow_layer(
    layer: StackLayer, below: StackRow | None, *, size: int, channels: int = 1
) -> StackRow:
    """Work out one layer along one axis.

    Args:
        layer: The layer.
        below: The layer below it, None where it stands on the input.
        size: Side of the input, in pixels.
        channels: Channels C of the input and of every layer.

    Raises:
        ArithmeticInputError: A number is out of range or the kernel does not fit.
    """
    window = layer.window
    _check_window(layer)
    size_below = below.size if below else size
    size_here = output_size(
        size_below,
        kernel=window.kernel,
        stride=window.stride,
        padding=window.padding,
        dilation=window.dilation,
    )
    field, jump, start = (below.field, below.jump, below.start) if below else (1, 1, 0)
    if size_here > MAX_CELLS or jump > MAX_JUMP:
        raise ArithmeticInputError(
            f"it has {size_here} cells and stands on a jump of {jump}; at most {MAX_CELLS} cells "
            f"and a jump of {MAX_JUMP} are drawn, so pad less or take smaller strides."
        )
    parameters, multiply_adds = _count_cost(layer, size=size_here, channels=channels)
    return StackRow(
        layer=layer,
        size_below=size_below,
        size=size_here,
        field_below=field,
        field=field + (window.kernel - 1) * window.dilation * jump,
        jump_below=jump,
        jump=jump * window.stride,
        start=start - window.padding * jump,
        unread=unread_cells(
            size_below,
            kernel=window.kernel,
            stride=window.stride,
            padding=window.padding,
            dilation=window.dilation,
        ),
        parameters=parameters,
        multiply_adds=multiply_adds,
    )


def _check_window(layer: StackLayer) -> None:
    """Numbers are bounded; poolings take fewer of them than convolutions, as in torch.nn."""
    window = layer.window
    numbers = (window.kernel, window.stride, window.padding, window.dilation)
    for sign, number in zip("KSPD", numbers, strict=True):
        if number > MAX_NUMBER:
            raise ArithmeticInputError(
                f"{sign} = {number} is too large to draw; take {MAX_NUMBER} or less."
            )
    if layer.kind is StackKind.CONVOLUTION:
        return
    if layer.kind is StackKind.AVERAGE_POOLING and window.dilation != 1:
        raise ArithmeticInputError(
            f"D = {window.dilation}, but an average pooling has no dilation; set D = 1."
        )
    if window.padding > window.kernel // 2:
        raise ArithmeticInputError(
            f"P = {window.padding} is more than half of K = {window.kernel}, so a window could lie "
            f"on nothing but padding; set P to {window.kernel // 2} or less."
        )


def _count_cost(layer: StackLayer, *, size: int, channels: int) -> tuple[int, int]:
    """Weights and multiply-adds of a convolution from C to C channels."""
    if layer.kind is not StackKind.CONVOLUTION:
        return 0, 0
    kernel = (layer.window.kernel, layer.window.kernel)
    parameters = convolution_parameters(channels, channels, kernel=kernel, bias=False)
    multiply_adds = convolution_multiply_adds(
        channels, channels, kernel=kernel, output=(size, size)
    )
    return parameters, multiply_adds


def list_read_cells(rows: Sequence[StackRow]) -> tuple[frozenset[int], ...]:
    """Find what the top layer reads, along one axis: the input first, the top layer last.

    A cell that is in no set is dropped: whatever it holds, no output changes.
    """
    read = np.ones(rows[-1].size if rows else 0, dtype=np.bool_)
    levels = [read] if rows else []
    for row in reversed(rows):
        levels.append(_list_read_below(levels[-1], row))
    return tuple(frozenset(level.nonzero()[0].tolist()) for level in reversed(levels))


def _list_read_below(read: npt.NDArray[np.bool_], row: StackRow) -> npt.NDArray[np.bool_]:
    """Which cells of the layer below are read by those that are read of a layer."""
    window = row.layer.window
    below = np.zeros(row.size_below, dtype=np.bool_)
    cells = read.nonzero()[0] * window.stride - window.padding
    for tap in range(window.kernel):
        places = cells + tap * window.dilation
        below[places[(places >= 0) & (places < row.size_below)]] = True
    return below


def grow_fitting(
    layers: Sequence[StackLayer], *, size: int, channels: int
) -> tuple[tuple[StackRow, ...], CNNVizError | None]:
    """Grow the layers that fit, from the input upwards; return them with what the next lacks.

    Args:
        layers: From the input upwards.
        size: Side of the input, in pixels.
        channels: Channels of every layer.
    """
    problem: CNNVizError | None = None
    for count in range(len(layers), 0, -1):
        try:
            return grow_stack(layers[:count], size=size, channels=channels), problem
        except CNNVizError as error:
            problem = problem or error  # of the whole stack
    return (), problem

"""The sizes and costs of one layer: whole numbers only, no tensors.

A multiply-add is one multiplication and one addition, counted as one; adding the bias is not
counted. Papers and tools differ: some count two.
"""

from math import prod

from cnnviz.errors import ArithmeticInputError

FORMULA = "(N + 2·P − D·(K − 1) − 1) / S + 1"


def output_size(
    size: int,
    *,
    kernel: int,
    stride: int = 1,
    padding: int = 0,
    dilation: int = 1,
    ceil_mode: bool = False,
) -> int:
    """Compute a layer's output size along one axis.

    Args:
        size: Input size N, in cells.
        kernel: Kernel size K.
        stride: Cells from one window to the next, S.
        padding: Cells added on each side, P.
        dilation: Cells from one tap of the kernel to the next, D.
        ceil_mode: Round up instead of down, as some poolings do; a window that would start in the
            far padding is left out.

    Returns:
        (N + 2P − D(K − 1) − 1) / S + 1, rounded down.

    Raises:
        ArithmeticInputError: A number is out of range, or the kernel does not fit.

    Source: Dumoulin and Visin 2016, "A guide to convolution arithmetic for deep learning";
    the rounding as in torch.nn.MaxPool2d.
    """
    room = _room(size, kernel=kernel, stride=stride, padding=padding, dilation=dilation)
    if not ceil_mode:
        return room // stride + 1
    steps = -(-room // stride)
    return steps + 1 if steps * stride < size + padding else steps


def unread_cells(
    size: int, *, kernel: int, stride: int = 1, padding: int = 0, dilation: int = 1
) -> int:
    """Count the cells at the far edge that no window reaches: 0 where the stride fits exactly.

    Args:
        size: Input size N, in cells.
        kernel: Kernel size K.
        stride: Cells from one window to the next, S.
        padding: Cells added on each side, P.
        dilation: Cells from one tap of the kernel to the next, D.

    Raises:
        ArithmeticInputError: A number is out of range, or the kernel does not fit.
    """
    return _room(size, kernel=kernel, stride=stride, padding=padding, dilation=dilation) % stride


def convolution_parameters(
    channels_in: int,
    channels_out: int,
    *,
    kernel: tuple[int, ...],
    groups: int = 1,
    bias: bool = True,
) -> int:
    """Count the weights and biases of a convolution: C_out · (C_in / groups · ΠK + 1).

    Raises:
        ArithmeticInputError: A number is below 1, or the groups do not divide the channels.
    """
    per_output = _weights_per_output(channels_in, channels_out, kernel=kernel, groups=groups)
    return channels_out * (per_output + int(bias))


def convolution_multiply_adds(
    channels_in: int,
    channels_out: int,
    *,
    kernel: tuple[int, ...],
    output: tuple[int, ...],
    groups: int = 1,
) -> int:
    """Count a convolution's multiply-adds: C_out · ΠN_out · C_in / groups · ΠK.

    Raises:
        ArithmeticInputError: A number is below 1, or the groups do not divide the channels.
    """
    _check_at_least(1, size_out=min(output))
    per_output = _weights_per_output(channels_in, channels_out, kernel=kernel, groups=groups)
    return channels_out * prod(output) * per_output


def linear_parameters(features_in: int, features_out: int, *, bias: bool = True) -> int:
    """Count the weights and biases of a linear layer: N_out · (N_in + 1).

    Raises:
        ArithmeticInputError: A number is below 1.
    """
    _check_at_least(1, features_in=features_in, features_out=features_out)
    return features_out * (features_in + int(bias))


def _room(size: int, *, kernel: int, stride: int, padding: int, dilation: int) -> int:
    """How far the first window can slide: N + 2P − D(K − 1) − 1."""
    _check_at_least(1, N=size, K=kernel, S=stride, D=dilation)
    _check_at_least(0, P=padding)
    room = size + 2 * padding - dilation * (kernel - 1) - 1
    if room < 0:
        raise ArithmeticInputError(
            f"The kernel spans {dilation * (kernel - 1) + 1} cells and the padded input has "
            f"{size + 2 * padding}; pad more or take a smaller kernel ({FORMULA} has no answer for "
            f"N = {size}, P = {padding}, D = {dilation}, K = {kernel}, S = {stride})."
        )
    return room


def _weights_per_output(
    channels_in: int, channels_out: int, *, kernel: tuple[int, ...], groups: int
) -> int:
    _check_at_least(
        1,
        channels_in=channels_in,
        channels_out=channels_out,
        kernel=min(kernel),
        groups=groups,
    )
    if channels_in % groups or channels_out % groups:
        raise ArithmeticInputError(
            f"{groups} groups do not divide {channels_in} input and {channels_out} output "
            "channels; choose a divisor of both."
        )
    return channels_in // groups * prod(kernel)


def _check_at_least(least: int, **numbers: int) -> None:
    for name, value in numbers.items():
        if value < least:
            raise ArithmeticInputError(
                f"{name} = {value} cannot be put into {FORMULA}; it must be {least} or more."
                if name in ("N", "K", "S", "D", "P")
                else f"{name} is {value}; it must be {least} or more."
            )

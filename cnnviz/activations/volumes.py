"""Filters over several channels: a convolution, and a transposed one, cell by cell.

A filter has a kernel for each channel. With x of C channels and filter f,

    y[f, i, j] = Σ_c Σ x[c, i·S + a·D − P, j·S + b·D − P] · w[f, c, a, b] / d + bias

A transposed convolution goes the other way: each cell x[c, i, j] adds x · w[f, c] to the window of
map f that begins at (i·S − P, j·S − P).

Source: Dumoulin and Visin 2016, "A guide to convolution arithmetic for deep learning", sections 2
and 4.
"""

from dataclasses import dataclass

import numpy as np

from cnnviz.activations.sliding import (
    MAX_KERNEL,
    Grid,
    check_divisor,
    convolve,
    format_grid,
    parse_grid,
    read_grey,
)
from cnnviz.costs.calculator import LayerCount, LayerSetting, LayerType, count_layer
from cnnviz.errors import ArithmeticInputError
from cnnviz.images.image import Pixels

MAX_CHANNELS, MAX_FILTERS = 3, 4
_CHANNEL, _FILTER = ";", "/"


@dataclass(frozen=True, slots=True, eq=False)
class Volumes:
    """What filters made of an input.

    Attributes:
        inputs: (C, H, W).
        kernels: A kernel for each channel of each filter, (F, C, K, K).
        maps: (F, H_out, W_out).
        count: The layer's sizes and costs.
        divisor: What every sum is divided by.
        bias: Added to every cell of a map.
    """

    inputs: Grid
    kernels: Grid
    maps: Grid
    count: LayerCount
    divisor: int
    bias: float

    @property
    def is_transposed(self) -> bool:
        """Whether each cell of the input is spread."""
        return self.count.setting.type is LayerType.TRANSPOSED


def parse_channels(text: str, *, name: str, most: int) -> Grid:
    """Read tables of one size, separated by semicolons, (C, H, W); see `parse_grid`.

    Raises:
        ArithmeticInputError: They are no such tables.
    """
    parts = [part for part in text.split(_CHANNEL) if part.strip()]
    grids = [parse_grid(part, name=name, most=most) for part in parts]
    if len({grid.shape for grid in grids}) != 1:
        sizes = ", ".join(f"{len(grid)}×{len(grid[0])}" for grid in grids) or "no table"
        raise ArithmeticInputError(
            f"{name} has {sizes}; give each channel as many rows and columns as the first."
        )
    return np.stack(grids)


def choose_channels(inputs: Grid, count: int) -> Grid:
    """Return the first so many channels.

    Raises:
        ArithmeticInputError: There are fewer.
    """
    if len(inputs) < count:
        raise ArithmeticInputError(
            f"The input has {len(inputs)} channels; write {count}, separated by semicolons."
        )
    return inputs[:count]


def read_channels(pixels: Pixels, count: int) -> Grid:
    """Take an image (H, W, 3) as numbers: its grey levels, or its first colors, (C, H, W)."""
    if count == 1:
        return read_grey(pixels)[None]
    return pixels[..., :count].astype(np.float64).transpose(2, 0, 1)  # (H, W, C) -> (C, H, W)


def parse_filters(text: str, *, channels: int) -> Grid:
    """Read filters separated by slashes, each with a square kernel a channel, (F, C, K, K).

    Args:
        text: The kernels; those beyond `channels` are left out.
        channels: How many kernels a filter needs.

    Raises:
        ArithmeticInputError: A filter has too few kernels, or they are not square and of one size.
    """
    parts = [part for part in text.split(_FILTER) if part.strip()]
    filters = [parse_channels(part, name="A filter", most=MAX_KERNEL) for part in parts]
    for kernels in filters:
        count, height, width = kernels.shape
        if count < channels or height != width or kernels.shape[1:] != filters[0].shape[1:]:
            raise ArithmeticInputError(
                f"A filter has {count} kernels of {height}×{width}; give each filter {channels} "
                "square kernels of one size. Semicolons separate kernels, slashes separate filters."
            )
    if not filters:
        raise ArithmeticInputError("There is no filter; write kernels such as “1 0, 0 -1”.")
    return np.stack([kernels[:channels] for kernels in filters])


def format_filters(filters: Grid) -> str:
    """Write filters as `parse_filters` reads them."""
    return f" {_FILTER} ".join(
        f"{_CHANNEL} ".join(map(format_grid, kernels)) for kernels in filters
    )


def apply_filters(
    inputs: Grid,
    kernels: Grid,
    *,
    is_transposed: bool = False,
    stride: int = 1,
    padding: int = 0,
    dilation: int = 1,
    divisor: int = 1,
    bias: float = 0.0,
) -> Volumes:
    """Convolve an input with filters, or spread it by them.

    Args:
        inputs: (C, H, W).
        kernels: (F, C, K, K).
        is_transposed: Whether each cell of the input is spread over a window of each map.
        stride: Cells from one window to the next.
        padding: Zeros on each side; transposed, cells that are cut off there.
        dilation: Cells from one tap of a kernel to the next.
        divisor: What every sum is divided by.
        bias: Added to every cell.

    Raises:
        ArithmeticInputError: A number is out of range, or the kernels do not fit.
    """
    check_divisor(divisor)
    channels, *sizes = inputs.shape
    setting = LayerSetting(
        type=LayerType.TRANSPOSED if is_transposed else LayerType.CONVOLUTION,
        channels=channels,
        sizes=tuple(sizes),
        filters=len(kernels),
        kernel=kernels.shape[-1],
        stride=stride,
        padding=padding,
        dilation=dilation,
    )
    count = count_layer(setting)
    work = _spread if is_transposed else _sum_channels
    maps = work(inputs, kernels, count) / divisor + bias
    return Volumes(inputs, kernels, maps, count, divisor, bias)


def _sum_channels(inputs: Grid, kernels: Grid, count: LayerCount) -> Grid:
    """The convolution of each channel, summed, (F, H_out, W_out)."""
    setting = count.setting
    window = {"stride": setting.stride, "padding": setting.padding, "dilation": setting.dilation}
    summed: Grid = np.stack(
        [
            sum(
                convolve(grid, kernel, **window).values
                for grid, kernel in zip(inputs, filters, strict=True)
            )
            for filters in kernels
        ]
    )
    return summed


def _spread(inputs: Grid, kernels: Grid, count: LayerCount) -> Grid:
    """The windows of all cells, added, without what the padding cuts off, (F, H_out, W_out)."""
    setting, margin = count.setting, count.setting.padding
    height, width = (size + 2 * margin for size in count.output[1:])
    whole = np.zeros((len(kernels), height, width))
    reach = setting.dilation * (setting.kernel - 1) + 1
    for row, column in np.ndindex(*inputs.shape[1:]):
        top, left = row * setting.stride, column * setting.stride
        taps = np.s_[
            :, top : top + reach : setting.dilation, left : left + reach : setting.dilation
        ]
        whole[taps] += np.tensordot(kernels, inputs[:, row, column], axes=(1, 0))
    return whole[:, margin : height - margin, margin : width - margin]

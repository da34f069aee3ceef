"""Convolution and pooling: a kernel slides over a grid of numbers."""

# %% Everything is computed by the package cnnviz.
from cnnviz.activations.sliding import (
    convolve,
    format_grid,
    parse_grid,
    parse_kernel,
    pool,
    rectify,
)
from cnnviz.activations.volumes import apply_filters, parse_channels, parse_filters
from cnnviz.receptive_fields.stacks import StackKind

# %% Change these values and run the program again: separate rows with commas.
INPUT = "0 0 9 9 9, 0 0 9 9 9, 0 0 9 9 9, 0 0 9 9 9, 0 0 9 9 9"
KERNEL = "-1 0 1, -2 0 2, -1 0 1"
STRIDE = 1
PADDING = 0
DILATION = 1
DIVISOR = 1
BIAS = 0.0
RELU = True
POOLING: str | None = None  # "max pool" or "avg pool"
POOLING_KERNEL = 2
POOLING_STRIDE = 2
CHANNELS: str | None = None  # in place of INPUT, such as "1 2, 3 4; 5 6, 7 8" of two channels
FILTERS = "1 0, 0 1; 0 1, 1 0"  # a kernel a channel; slashes separate filters
TRANSPOSED = False  # spread each cell of the channels over a window

# %% The convolution: each output cell is the sum of the products of one window.
grid = parse_grid(INPUT, name="The input", most=32)
slide = convolve(
    grid,
    parse_kernel(KERNEL),
    stride=STRIDE,
    padding=PADDING,
    dilation=DILATION,
    divisor=DIVISOR,
    bias=BIAS,
)
print(f"{grid.shape[0]}×{grid.shape[1]} to {slide.rows.size}×{slide.columns.size}")
print(f"convolution: {format_grid(slide.values)}")

# %% What follows a convolution in a network: ReLU and pooling.
values = rectify(slide.values) if RELU else slide.values
print(f"ReLU: {format_grid(values)}")
if POOLING is not None:
    kind = StackKind(POOLING)
    pooled = pool(values, kind=kind, kernel=POOLING_KERNEL, stride=POOLING_STRIDE)
    print(f"{POOLING}: {format_grid(pooled.values)}")

# %% Filters over several channels, convolved or transposed: each gives a map.
if CHANNELS is not None:
    channels = parse_channels(CHANNELS, name="The input", most=32)
    volumes = apply_filters(
        channels,
        parse_filters(FILTERS, channels=len(channels)),
        is_transposed=TRANSPOSED,
        stride=STRIDE,
        padding=PADDING,
        dilation=DILATION,
        divisor=DIVISOR,
        bias=BIAS,
    )
    for number, values in enumerate(volumes.maps):
        print(f"map {number}: {format_grid(values)}")

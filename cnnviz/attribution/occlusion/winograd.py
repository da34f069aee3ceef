"""3×3 convolutions with a quarter of the multiplications, for maps of many channels.

A tile of 6×6 cells gives 4×4 cells of the output: taken to the values of polynomials at the points
0, ±1, ±2 and infinity, kernel and tile are multiplied point by point, 36 products in place of 144,
and taken back. Over all tiles each point is one product of matrices, (tiles, C)·(C, K).

Source: Lavin and Gray 2016, "Fast algorithms for convolutional neural networks", CVPR, section 4.3
(F(4×4, 3×3)).
"""

import torch
from torch import Tensor, nn
from torch.nn import functional

_STEP, _TILE, _KERNEL = 4, 6, 3
# With fewer channels the way to the points and back costs what the products save.
_MIN_CHANNELS = 128
_TO_POINTS = torch.tensor(
    [
        [4.0, 0, -5, 0, 1, 0],
        [0, -4, -4, 1, 1, 0],
        [0, 4, -4, -1, 1, 0],
        [0, -2, -1, 2, 1, 0],
        [0, 2, -1, -2, 1, 0],
        [0, 4, 0, -5, 0, 1],
    ]
)
_KERNEL_TO_POINTS = torch.tensor(
    [
        [1 / 4, 0, 0],
        [-1 / 6, -1 / 6, -1 / 6],
        [-1 / 6, 1 / 6, -1 / 6],
        [1 / 24, 1 / 12, 1 / 6],
        [1 / 24, -1 / 12, 1 / 6],
        [0, 0, 1],
    ]
)
_FROM_POINTS = torch.tensor(
    [[1.0, 1, 1, 1, 1, 0], [0, 1, -1, 2, -2, 0], [0, 1, 1, 4, 4, 0], [0, 1, -1, 8, -8, 1]]
)
# Both axes at once.
_TILE_MATRIX = torch.kron(_TO_POINTS, _TO_POINTS)  # (36, 36)
_KERNEL_MATRIX = torch.kron(_KERNEL_TO_POINTS, _KERNEL_TO_POINTS)  # (36, 9)
_OUTPUT_MATRIX = torch.kron(_FROM_POINTS, _FROM_POINTS)  # (16, 36)
# What stands at the point (1, 1) is added to every cell of the output.
_CONSTANT = _TILE + 1


def pays(module: nn.Conv2d) -> bool:
    """Say whether a convolution can be computed so, and is quicker then."""
    return (
        module.kernel_size == (_KERNEL, _KERNEL)
        and module.stride == (1, 1)
        and module.dilation == (1, 1)
        and module.groups == 1
        and min(module.in_channels, module.out_channels) >= _MIN_CHANNELS
        and module.weight.device.type == "cpu"  # others have kernels of their own for it
    )


def transform_kernels(weight: Tensor) -> Tensor:
    """Take kernels (K, C, 3, 3) to the points, (36, C, K)."""
    outputs, channels = weight.shape[:2]
    flat = weight.permute(2, 3, 1, 0).reshape(_KERNEL * _KERNEL, -1)  # (9, C·K)
    return (_KERNEL_MATRIX @ flat).reshape(-1, channels, outputs)


def convolve(x: Tensor, kernels: Tensor, bias: Tensor | None, *, padding: int = 0) -> Tensor:
    """Compute a 3×3 convolution of stride 1.

    Args:
        x: Maps, (B, C, H, W).
        kernels: What `transform_kernels` made of the weights, (36, C, K).
        bias: (K,), or None.
        padding: Zeros around the maps, in cells.

    Returns:
        (B, K, H + 2·padding − 2, W + 2·padding − 2), channels last; as the plain convolution but
        for rounding.
    """
    batch, channels = x.shape[:2]
    height, width = (size + 2 * padding - _KERNEL + 1 for size in x.shape[2:])
    down, across = -(-height // _STEP), -(-width // _STEP)  # tiles
    below, right = down * _STEP - height, across * _STEP - width
    x = functional.pad(x, (padding, padding + right, padding, padding + below))
    x = x.contiguous(memory_format=torch.channels_last)
    image, _, row, column = x.stride()
    tiles = x.as_strided(
        (_TILE, _TILE, batch, down, across, channels),
        (row, column, image, _STEP * row, _STEP * column, 1),
    )
    points = _TILE_MATRIX @ tiles.reshape(_TILE * _TILE, -1)  # (36, B·down·across·C)
    products = torch.bmm(points.view(_TILE * _TILE, -1, channels), kernels)  # (36, tiles, K)
    if bias is not None:
        products[_CONSTANT] += bias
    cells = _OUTPUT_MATRIX @ products.view(_TILE * _TILE, -1)  # (16, tiles·K)
    y = cells.view(_STEP, _STEP, batch, down, across, -1)
    y = y.permute(2, 3, 0, 4, 1, 5).reshape(batch, down * _STEP, across * _STEP, -1)
    return y.permute(0, 3, 1, 2)[:, :, :height, :width]

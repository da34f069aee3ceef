"""Questions on the arithmetic of convolution and pooling."""

from random import Random

import numpy as np
import torch

from cnnviz.activations.sliding import (
    KERNELS,
    Grid,
    convolve,
    format_grid,
    parse_kernel,
    pool,
    read_grey,
)
from cnnviz.costs.arithmetic import output_size as count_output
from cnnviz.costs.arithmetic import unread_cells
from cnnviz.costs.calculator import LayerSetting, LayerType
from cnnviz.figures.format import format_shape
from cnnviz.figures.receptive_field import fit_square
from cnnviz.figures.strip import Strip, pack_signed
from cnnviz.images.names import load_named
from cnnviz.quizzes.question import (
    LETTERS,
    Draft,
    Generate,
    Picture,
    draft_choice,
    draft_letter,
    draft_number,
    draft_several,
    write_matrix,
)
from cnnviz.quizzes.settings import POOLINGS, describe_layer, draw_setting
from cnnviz.receptive_fields.stacks import StackKind

_SIDE, _KERNEL = 4, 3
_PHOTO_SIDE = 56


def _draw_grid(dice: Random, side: int, low: int, high: int) -> Grid:
    return np.array([[float(dice.randint(low, high)) for _ in range(side)] for _ in range(side)])


def convolution_cell(dice: Random) -> Draft:
    """One cell of a convolution."""
    grid, kernel = _draw_grid(dice, _SIDE, 0, 5), _draw_grid(dice, _KERNEL, -2, 2)
    row, column = dice.randrange(2), dice.randrange(2)
    window = grid[row : row + _KERNEL, column : column + _KERNEL]
    terms = (
        f"{value:g} \\cdot ({weight:g})"
        for value, weight in zip(window.flat, kernel.flat, strict=True)
        if value and weight
    )
    values = {"source": "Numbers", "numbers": format_grid(grid), "kernel": format_grid(kernel)}
    return draft_number(
        float(convolve(grid, kernel).values[row, column]),
        page="convolution",
        values=values | {"cell": 2 * row + column, "padding": 0, "stride": 1, "dilation": 1},
        grid=write_matrix(grid),
        kernel=write_matrix(kernel),
        row=row + 1,
        column=column + 1,
        terms=" + ".join(terms) or "0",
    )


def pooling_cell(dice: Random) -> Draft:
    """One cell of a 2×2 pooling."""
    grid = _draw_grid(dice, _SIDE, 0, 9)
    kind, name = dice.choice(
        [(StackKind.MAX_POOLING, "max"), (StackKind.AVERAGE_POOLING, "average")]
    )
    row, column = dice.randrange(2), dice.randrange(2)
    window = grid[2 * row : 2 * row + 2, 2 * column : 2 * column + 2]
    listed = ", ".join(f"{value:g}" for value in window.flat)
    return draft_number(
        float(pool(grid, kind=kind).values[row, column]),
        page="convolution",
        values={"source": "Numbers", "numbers": format_grid(grid), "kernel": "1", "pool": 2},
        grid=write_matrix(grid),
        name=name,
        row=row + 1,
        column=column + 1,
        listed=listed,
    )


def output_size(dice: Random) -> Draft:
    """Side of a convolution's output."""
    count, words = describe_layer(draw_setting(dice))
    return draft_number(count.output[1], **words)


def same_padding(dice: Random) -> Draft:
    """The padding that keeps the size."""
    kernel, size, dilation = dice.choice((3, 5, 7, 9)), dice.choice((28, 32)), dice.choice((1, 2))
    padding = next(
        each
        for each in range(kernel // 2, size)
        if count_output(size, kernel=kernel, padding=each, dilation=dilation) == size
    )
    setting = LayerSetting(sizes=(size, size), kernel=kernel, padding=padding, dilation=dilation)
    _, words = describe_layer(setting)
    return draft_number(padding, unit="cells", **words)


def fitting_strides(dice: Random) -> Draft:
    """The strides that leave no cell unread."""
    kernel, padding = dice.choice((2, 3, 5)), dice.choice((0, 1))
    size = dice.randint(kernel + 4, 17)
    window = {"kernel": kernel, "padding": padding}
    choices = {
        str(stride): unread_cells(size, stride=stride, **window) == 0 for stride in range(1, 6)
    }
    return draft_several(
        dice,
        choices,
        page="convolution",
        values={"source": "Image", "image": "camera", "side": size, "padding": padding}
        | {"kernel": ", ".join([" ".join("1" * kernel)] * kernel), "divisor": kernel**2},
        size=size,
        room=size + 2 * padding - kernel,
        **window,
    )


def dilated_size(dice: Random) -> Draft:
    """Side of a dilated convolution's output."""
    setting = draw_setting(
        dice, size=dice.choice((20, 28, 32, 56)), dilation=dice.choice((2, 3)), kernel=3
    )
    count, words = describe_layer(setting)
    span = setting.dilation * (setting.kernel - 1) + 1
    return draft_number(count.output[1], span=span, **words)


def pooling_size(dice: Random) -> Draft:
    """Side of a pooling's output."""
    kernel, stride = dice.choice(((2, 2), (3, 2), (3, 3), (2, 1)))
    kind = dice.choice(list(POOLINGS))
    size = dice.choice((13, 14, 27, 28, 55, 56, 112))
    count, words = describe_layer(
        draw_setting(dice, type=kind, kernel=kernel, stride=stride, padding=0, size=size)
    )
    return draft_number(count.output[1], name=POOLINGS[kind], **words)


def transposed_size(dice: Random) -> Draft:
    """Side of a transposed convolution's output."""
    kernel = dice.choice((2, 3, 4))
    setting = draw_setting(
        dice,
        type=LayerType.TRANSPOSED,
        size=dice.choice((4, 7, 8, 14)),
        kernel=kernel,
        stride=2,
        padding=dice.randint(0, kernel // 2),
    )
    count, words = describe_layer(setting)
    return draft_number(count.output[1], **words)


def output_shape(dice: Random) -> Draft:
    """Shape of a convolution's output."""
    setting = draw_setting(dice, channels=dice.choice((3, 8, 16)), filters=dice.choice((6, 10, 32)))
    count, words = describe_layer(setting)
    filters, side, _ = count.output
    wrong = (
        (setting.channels, side, side),
        (filters * setting.channels, side, side),
        (filters, *setting.sizes),
        (filters, side + 1, side + 1),
    )
    return draft_choice(dice, format_shape(count.output), map(format_shape, wrong), **words)


_LOOKS = {
    "Sobel ↔": "Sobel, left to right",
    "Sobel ↕": "Sobel, top to bottom",
    "Gaussian blur": "Gaussian blur",
    "edge": "edge",
}


def kernel_map(dice: Random) -> Draft:
    """Which map a kernel made of a photograph."""
    image = dice.choice(("cat", "coffee", "rocket", "camera", "palace"))
    grey = read_grey(fit_square(load_named(image).pixels, size=_PHOTO_SIDE))
    names = dice.sample(list(_LOOKS), len(_LOOKS))
    place = dice.randrange(len(names))
    panels = [pack_signed(torch.from_numpy(grey - grey.mean())[None, None], title="image", note="")]
    for letter, name in zip(LETTERS, names, strict=False):
        text, divisor = KERNELS[name]
        values = convolve(grey, parse_kernel(text), divisor=divisor).values
        values = values - values.mean() if name == "Gaussian blur" else values
        panels.append(pack_signed(torch.from_numpy(values)[None, None], title=letter, note=""))
    kernel, divisor = KERNELS[names[place]]
    label = "A photograph and four maps, A to D."
    return draft_letter(
        place,
        len(names),
        picture=Picture(label, maps=Strip(panels, label=label, layout="panels")),
        page="convolution",
        values={"source": "Image", "image": image, "side": 28, "kernel": kernel}
        | {"divisor": divisor},
        kernel=write_matrix(parse_kernel(kernel)),
        divisor=f"\\frac{{1}}{{{divisor}}}" if divisor > 1 else "",
        name=_LOOKS[names[place]],
    )


GENERATORS: tuple[Generate, ...] = (
    convolution_cell,
    pooling_cell,
    output_size,
    same_padding,
    fitting_strides,
    dilated_size,
    pooling_size,
    transposed_size,
    output_shape,
    kernel_map,
)

"""A layer worked out: volumes drawn, formulas with their numbers, other layers beside it."""

from math import prod, sqrt

import plotly.graph_objects as go

from cnnviz.costs.arithmetic import unread_cells
from cnnviz.costs.calculator import LayerCount, LayerPart, LayerSetting, LayerType
from cnnviz.figures.format import format_bytes, format_count, format_shape
from cnnviz.figures.formulas import write_count, write_equation, write_size_formula
from cnnviz.figures.oblique import Point, add_cuboid, add_name, lay_out
from cnnviz.networks.graph.layer_facts import SizeTerms
from cnnviz.receptive_fields.theoretical import Window

TITLES = {
    LayerType.CONVOLUTION: "Convolution",
    LayerType.SEPARABLE: "Depthwise separable",
    LayerType.TRANSPOSED: "Transposed convolution",
    LayerType.MAX_POOLING: "Max pooling",
    LayerType.AVERAGE_POOLING: "Average pooling",
    LayerType.GLOBAL_POOLING: "Global average pooling",
    LayerType.LINEAR: "Fully connected",
}
_INPUT, _OUTPUT, _WINDOW = "rgba(54,116,185,0.25)", "rgba(128,128,128,0.18)", "#D96721"
_GAP, _HEIGHT = 0.9, 300
_AXES = {1: "W", 2: "HW", 3: "THW"}  # D is the dilation
_MIN_SHARE = 0.05  # share of the largest side that is still seen


def draw_volumes(count: LayerCount) -> go.Figure:
    """Draw the input with one window, and the output with the cell that is computed from it.

    Width across, height up, channels into the depth (of 3-D layers the depth); sides are drawn by
    their square roots, so that three channels can be seen beside 224 pixels.
    """
    read, made = count.input, count.output
    largest = sqrt(max(*read, *made))
    body, result = _find_size(read, largest), _find_size(made, largest)
    figure = go.Figure()
    add_cuboid(figure, (0, 0, 0), body, fill=_INPUT)
    window = _find_window(count, largest, body)
    add_cuboid(figure, (0, body[1] - window[1], 0), window, fill=_WINDOW)
    start = body[0] + 0.45 * body[2] + _GAP
    add_cuboid(figure, (start, 0, 0), result, fill=_OUTPUT)
    cell: Point = (
        min(_MIN_SHARE, result[0]),
        min(_MIN_SHARE, result[1]),
        min(_MIN_SHARE, result[2]),
    )
    add_cuboid(figure, (start, result[1] - cell[1], 0), cell, fill=_WINDOW)
    middle = max(body[1], result[1]) / 2
    left = body[0] + 0.45 * body[2] + 0.1
    figure.add_annotation(
        x=start - 0.1, y=middle, ax=left, ay=middle, axref="x", ayref="y", arrowhead=2, text=""
    )
    add_name(figure, (left + (_GAP - 0.2) / 2, middle + 0.12, 0), _name_work(count), size=15)
    for corner, size, shape in ((0.0, body, read), (start, result, made)):
        add_name(figure, (corner + size[0] / 2, -0.12, 0), f"<b>{write_volume(shape)}</b>", size=18)
    lay_out(figure, height=_HEIGHT)
    return figure


def _find_size(shape: tuple[int, ...], largest: float) -> Point:
    """Across, up and into the depth, of a volume of channels and sizes."""
    channels, *sizes = shape
    if not sizes:  # a vector stands upright
        return _MIN_SHARE, max(sqrt(channels) / largest, _MIN_SHARE), _MIN_SHARE
    across, up = sizes[-1], sizes[-2] if len(sizes) > 1 else 1
    deep = sizes[0] if len(sizes) > 2 else channels
    found = [max(sqrt(side) / largest, _MIN_SHARE) for side in (across, up, deep)]
    return found[0], found[1], found[2]


def _find_window(count: LayerCount, largest: float, body: Point) -> Point:
    """The part of the input that one cell of the output is computed from, as it is drawn."""
    setting = count.setting
    if setting.type in (LayerType.LINEAR, LayerType.GLOBAL_POOLING):
        sides = body if setting.type is LayerType.LINEAR else (body[0], body[1], _MIN_SHARE)
        return sides if len(setting.sizes) < 3 else body
    span = 1 if setting.type is LayerType.TRANSPOSED else _span(setting)
    side = max(sqrt(span) / largest, _MIN_SHARE)
    across, up = min(side, body[0]), min(side, body[1])
    if len(setting.sizes) > 2:
        return across, up, min(side, body[2])
    reads_all = setting.type in (LayerType.CONVOLUTION, LayerType.TRANSPOSED)
    channels = setting.channels // setting.groups if reads_all else 1
    deep = body[2] if channels == setting.channels else sqrt(channels) / largest
    return across, up if len(setting.sizes) > 1 else body[1], max(deep, _MIN_SHARE)


def _span(setting: LayerSetting) -> int:
    return setting.dilation * (setting.kernel - 1) + 1


def _name_work(count: LayerCount) -> str:
    """What stands at the arrow: the kernels, or the window of a pooling."""
    setting = count.setting
    if count.parts:
        return "<br>".join(
            f"{format_count(part.weight[0])} of {'×'.join(map(format_count, part.weight[1:]))}"
            for part in count.parts
        )
    if setting.type is LayerType.GLOBAL_POOLING:
        return "mean"
    window = format_shape((setting.kernel,) * len(setting.sizes))
    return f"{'max' if setting.type is LayerType.MAX_POOLING else 'mean'} of {window}"


def write_volume(shape: tuple[int, ...]) -> str:
    """Write a volume as the lectures do, sizes first: 32×32×3."""
    return format_shape((*shape[1:], shape[0]))


def write_sizes(count: LayerCount) -> list[str]:
    """Write the output sizes with their numbers as LaTeX, each once."""
    setting, found = count.setting, dict[tuple[int, int], str]()
    if setting.type in (LayerType.LINEAR, LayerType.GLOBAL_POOLING):
        return []
    names = "N" if len(set(setting.sizes)) == 1 else _AXES[len(setting.sizes)]
    for name, size, made in zip(names, setting.sizes, count.output[1:], strict=False):
        found.setdefault((size, made), _write_size(setting, name, size, made))
    return list(found.values())


def _write_size(setting: LayerSetting, name: str, size: int, made: int) -> str:
    if setting.type is LayerType.TRANSPOSED:
        general = rf"S({name} - 1) + D(K - 1) + 1 - 2P + A"
        numbers = (
            rf"{setting.stride}({size} - 1) + {setting.dilation}({setting.kernel} - 1) + 1"
            rf" - 2\cdot{setting.padding} + {setting.output_padding}"
        )
        lines = rf"{name}_\text{{out}} &= {general} \\ &= {numbers} = {made}"
        return rf"\begin{{aligned}} {lines} \end{{aligned}}"
    window = Window(setting.kernel, setting.stride, setting.padding, setting.dilation)
    unread = unread_cells(
        size,
        kernel=setting.kernel,
        stride=setting.stride,
        padding=setting.padding,
        dilation=setting.dilation,
    )
    return write_size_formula(SizeTerms(size, window, made, unread, rounds_up=False), name=name)


def write_costs(count: LayerCount, part: LayerPart) -> tuple[str, str]:
    """Write the parameters and the multiply-adds of a part with their numbers as LaTeX."""
    filters, *window = part.weight
    if count.setting.type is LayerType.TRANSPOSED:  # its weights stand the other way around
        filters, window = count.output[0], [part.weight[0] // count.setting.groups, *window[1:]]
    product = r"\cdot".join(map(write_count, window))
    factor = product if len(window) == 1 else f"({product})"
    bias = " + 1" if count.setting.bias else ""
    label = "" if len(count.parts) == 1 else rf"\ \text{{({part.title})}}"
    places = "" if part.places == 1 else rf"{write_count(part.places)} \cdot "
    return (
        write_equation(
            rf"\text{{parameters}}{label}",
            rf"{write_count(filters)}\,({product}{bias})",
            write_count(part.parameters),
        ),
        write_equation(
            rf"\text{{multiply-adds}}{label}",
            rf"{places}{write_count(filters)} \cdot {factor}",
            write_count(part.multiply_adds),
        ),
    )


def list_rows(counts: tuple[LayerCount, ...]) -> list[dict[str, str]]:
    """Return a row of a table for each layer."""
    return [
        {
            "Layer": TITLES[count.setting.type],
            "Output": write_volume(count.output),
            "Parameters": format_count(count.parameters),
            "Multiply-adds": format_count(count.multiply_adds),
            "Output memory": format_bytes(count.output_bytes),
            "Weight memory": format_bytes(count.weight_bytes),
        }
        for count in counts
    ]


def describe(count: LayerCount) -> str:
    """Say all of the drawing in words."""
    return (
        f"{TITLES[count.setting.type]} from {write_volume(count.input)} to "
        f"{write_volume(count.output)}: {format_count(count.parameters)} parameters, "
        f"{format_count(count.multiply_adds)} multiply-adds."
    )


def count_unshared(count: LayerCount) -> int:
    """Count the weights of a fully connected layer from the same input to the same output."""
    return prod(count.input) * prod(count.output)


def find_answers(count: LayerCount) -> dict[str, float]:
    """Return the answers to the lesson's questions."""
    setting = count.setting
    answers = {"values": float(prod(count.output))}
    if setting.type is LayerType.GLOBAL_POOLING:
        answers["reads"] = float(prod(setting.sizes))
    elif not count.parts:
        answers["reads"] = float(setting.kernel ** len(setting.sizes))
    elif setting.type is not LayerType.TRANSPOSED:  # there a cell of the input is what is spread
        answers["reads"] = float(prod(count.parts[0].weight[1:]))
    return answers

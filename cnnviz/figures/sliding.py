"""A sliding window's results as words and tables."""

import csv
import io
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import numpy as np

from cnnviz.activations.sliding import Grid, Scene, Slide
from cnnviz.activations.volumes import Volumes
from cnnviz.figures.format import format_shape
from cnnviz.figures.formulas import write_size_formulas
from cnnviz.networks.graph.layer_facts import SizeTerms
from cnnviz.receptive_fields.stacks import StackKind, StackRow

_POOLINGS = {StackKind.MAX_POOLING: "max", StackKind.AVERAGE_POOLING: "average"}


def describe_sizes(slide: Slide) -> str:
    """Say what a window makes of the size below it, and what it drops."""
    rows, columns = slide.rows, slide.columns
    said = (
        f"**{slide.layer.title}**: from {rows.size_below}×{columns.size_below} to "
        f"{rows.size}×{columns.size}."
    )
    dropped = slide.unread_rows, slide.unread_columns
    if not any(dropped):
        return said
    parts = [
        f"{noun if len(places) == 1 else f'{noun}s'} {', '.join(map(str, places))}"
        for noun, places in zip(("row", "column"), dropped, strict=True)
        if places
    ]
    return (
        f"{said} No window reads {' or '.join(parts)}: whatever stands there, the result is the "
        "same."
    )


def write_slide_formulas(slide: Slide) -> Sequence[str]:
    """Write a window's sizes as formulas, for the rows and the columns where they differ."""
    return write_size_formulas((_list_terms(slide.rows), _list_terms(slide.columns)))


def _list_terms(row: StackRow) -> SizeTerms:
    return SizeTerms(
        size_in=row.size_below,
        window=row.layer.window,
        size_out=row.size,
        unread=row.unread,
        rounds_up=False,
    )


def write_map_csv(grid: Grid) -> str:
    """Write a map as CSV, a line a row, without a head."""
    file = io.StringIO()
    csv.writer(file, lineterminator="\n").writerows(grid.tolist())
    return file.getvalue()


def pack_grids(scene: Scene, *, is_grey: bool) -> list[dict[str, Any]]:
    """Pack an input and what the windows made of it for the browser.

    Args:
        scene: All of them.
        is_grey: Whether the input is grey levels, 0 to 255.
    """
    made = scene.convolved
    grids: list[dict[str, Any]] = [
        _pack("Input", scene.grid) | {"grey": is_grey},
        _pack("Map", made.values) | {"reads": 0, "step": "convolution"} | _window(made),
        _pack("After ReLU", scene.rectified) | {"reads": 1, "step": "relu"},
    ]
    for slide in scene.pooled:
        word = _POOLINGS[slide.layer.kind]
        title = f"{word.capitalize()} pooling"
        grids.append(_pack(title, slide.values) | {"reads": 2, "step": word} | _window(slide))
    return grids


def _pack(title: str, grid: Grid) -> dict[str, Any]:
    return {"title": title, "values": np.round(grid, 6).tolist()}


def _window(slide: Slide) -> dict[str, Any]:
    unread = [slide.unread_rows, slide.unread_columns]
    return {"window": asdict(slide.layer.window), "unread": unread}


_CHANNELS = ("Red", "Green", "Blue")
_TINTS = ([255, 0, 0], [0, 255, 0], [0, 0, 255])
_GRAY = [255, 255, 255]


def pack_volumes(volumes: Volumes, *, is_image: bool) -> dict[str, Any]:
    """Pack channels, filters and maps for the browser.

    Args:
        volumes: All of them.
        is_image: Whether the channels are levels of an image, 0 to 255: red first, or gray alone.
    """
    count, setting = len(volumes.inputs), volumes.count.setting
    names = [f"Channel {channel}" for channel in range(count)]
    tints: list[list[int] | None] = [None] * count
    if is_image:
        names = ["Gray"] if count == 1 else list(_CHANNELS[:count])
        tints = [_GRAY] if count == 1 else list(_TINTS[:count])
    return {
        "inputs": [
            {"title": name, "values": np.round(grid, 6).tolist(), "tint": tint}
            for name, grid, tint in zip(names, volumes.inputs, tints, strict=True)
        ],
        "maps": np.round(volumes.maps, 6).tolist(),
        "kernels": volumes.kernels.tolist(),
        "window": {
            "stride": setting.stride,
            "padding": setting.padding,
            "dilation": setting.dilation,
        },
        "transposed": volumes.is_transposed,
        "divisor": volumes.divisor,
        "bias": volumes.bias,
    }


def describe_volumes(volumes: Volumes) -> str:
    """Say what filters make of an input."""
    channels, *sizes = volumes.inputs.shape
    setting, maps = volumes.count.setting, volumes.maps.shape
    return (
        f"**{setting.filters} filter{'s' * (setting.filters != 1)}** of "
        f"{channels}×{setting.kernel}×{setting.kernel}: from {channels}×{format_shape(sizes)} to "
        f"{format_shape(maps)}."
    )


def write_words(scene: Scene | None) -> dict[str, object]:
    """Write the sizes of a scene for a sentence of a lesson, by name; none without one."""
    if scene is None:
        return {}
    slide = scene.convolved
    sizes = {"rows": slide.rows.size, "columns": slide.columns.size}
    return asdict(slide.layer.window) | sizes | {"side": slide.columns.size_below}


def find_answers(scene: Scene | None) -> dict[str, float]:
    """Return the map's columns and its products; none without a scene."""
    if scene is None:
        return {}
    slide = scene.convolved
    products = slide.values.size * slide.layer.window.kernel**2
    return {"size": float(slide.columns.size), "products": float(products)}


def write_volume_words(volumes: Volumes) -> dict[str, object]:
    """Write the sizes of filters for a sentence of a lesson, by name."""
    setting = volumes.count.setting
    sizes: dict[str, object] = {"channels": setting.channels, "filters": setting.filters}
    sizes["kernel"] = setting.kernel
    return sizes | {"side": setting.sizes[1], "stride": setting.stride, "padding": setting.padding}


def find_volume_answers(volumes: Volumes) -> dict[str, float]:
    """Return the parameters of the filters, and the size that a transposed convolution makes."""
    answers = {"parameters": float(volumes.count.parameters)}
    if volumes.is_transposed:
        answers["larger"] = float(volumes.maps.shape[2])
    return answers

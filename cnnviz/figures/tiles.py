"""What stands on the tiles of a sheet: of maps, kernels, filters and made images."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from cnnviz.activations.kernels import Kernels
from cnnviz.activations.maps import LayerReading
from cnnviz.attribution.methods.worked import CamSum
from cnnviz.figures.format import format_number
from cnnviz.figures.layer_text import describe_map
from cnnviz.figures.sums import name_channel
from cnnviz.networks.graph.layers import Layer


@dataclass(frozen=True, slots=True)
class Tile:
    """What is said of one tile.

    Attributes:
        channel: Its number, reported when it is picked.
        name: Short name below it.
        note: What stands beside the name.
        title: Name at the pointer.
        label: Name for a screen reader.
        line: What stands below the name.
    """

    channel: int
    name: str = ""
    note: str = ""
    title: str = ""
    label: str = ""
    line: str = ""


def name_images(names: Sequence[str], notes: Sequence[str], lines: Sequence[str]) -> list[Tile]:
    """Name made images; there may be no notes, and no lines below the names."""
    blank = [""] * len(names)
    told = zip(names, notes or blank, lines or blank, strict=True)
    return [
        Tile(place, name, note, name, f"{name} {note} {line}".strip(), line)
        for place, (name, note, line) in enumerate(told)
    ]


def name_map(
    reading: LayerReading, channel: int, *, is_mean: bool, is_captioned: bool = True
) -> Tile:
    """Name a layer's map.

    Args:
        reading: What the layer computed.
        channel: Which of its maps.
        is_mean: Whether the mean stands below it, instead of the maximum.
        is_captioned: Whether anything does.
    """
    title, label = f"map {channel}", f"Map {channel}, {describe_map(reading, channel)}"
    if not is_captioned:
        return Tile(channel, title=title, label=label)
    statistics = reading.statistics
    value = (statistics.channel_mean if is_mean else statistics.channel_maximum)[channel]
    note = f"{'mean' if is_mean else 'max'} {format_number(float(value))}"
    return Tile(channel, str(channel), note, title, label)


def name_kernels(kernels: Kernels, below: Layer, order: Sequence[int]) -> list[Tile]:
    """Name the kernels behind a map by the channels that they read, with their magnitudes."""
    tiles = []
    for index in order:
        channel = kernels.first_channel + index
        name = name_channel(below, channel)
        strength = format_number(float(np.abs(kernels.weights[index]).sum()))
        label = f"Kernel for {name}, sum of magnitudes {strength}"
        short = name if kernels.in_color else str(channel)
        tiles.append(Tile(channel, short, title=f"kernel for {name}", label=label))
    return tiles


def name_filters(count: int) -> list[Tile]:
    """Name a layer's filters by their numbers."""
    return [
        Tile(index, str(index), title=f"filter {index}", label=f"Filter {index}")
        for index in range(count)
    ]


def name_terms(cam: CamSum, layer: str) -> list[Tile]:
    """Name the maps that weigh most in a cell of Grad-CAM, with their weights."""
    tiles = []
    for term in cam.terms:
        name, weight = f"map {term.channel}", f"α {format_number(term.weight)}"
        label = f"Map {term.channel} of {layer}, {weight}"
        tiles.append(Tile(term.channel, name, weight, f"{name} of {layer}", label))
    return tiles

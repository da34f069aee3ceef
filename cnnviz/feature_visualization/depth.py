"""One network across its layers: what channels of early, middle and late layers want to see."""

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np
import torch

from cnnviz.activations.read import read_activations
from cnnviz.errors import NetworkError
from cnnviz.feature_visualization.ascent import ascend
from cnnviz.feature_visualization.pixel_scale import to_pixels
from cnnviz.feature_visualization.regularizers import Settings
from cnnviz.feature_visualization.targets import Target, TargetKind, target_class
from cnnviz.images.image import Pixels
from cnnviz.networks.graph.layers import Graph, Layer, LayerKind
from cnnviz.networks.load import LoadedModel

_EVERY = 8


@dataclass(frozen=True, slots=True, eq=False)
class DepthRow:
    """Channels of one layer.

    Attributes:
        layer: Name of the layer.
        channels: Which channels, or classes.
        pixels: Their images, uint8 (N, H, W, 3).
    """

    layer: str
    channels: tuple[int, ...]
    pixels: Pixels


def choose_depths(graph: Graph, *, count: int = 6) -> tuple[Layer, ...]:
    """Choose layers evenly from the first activation to the output, the output among them.

    What follows a convolution is taken, not itself: over a whole map, the mean of a convolution
    before its ReLU is a mean of the image, and no pattern raises it.

    Raises:
        NetworkError: The network has no maps to look into.
    """
    below = _list_maps(graph, LayerKind.ACTIVATION) or _list_maps(graph, LayerKind.CONVOLUTION)
    if not below:
        raise NetworkError("This network has no maps to look into; choose another network.")
    most = min(count - 1, len(below))
    places = {round(place * (len(below) - 1) / max(1, most - 1)) for place in range(most)}
    return (*(below[place] for place in sorted(places)), graph.output)


def _list_maps(graph: Graph, kind: LayerKind) -> list[Layer]:
    return [
        layer
        for layer in graph.layers
        if layer.kind is kind and layer.is_spatial and layer.shape[1] * layer.shape[2] > 1
    ]


def choose_channels(
    model: LoadedModel, inputs: Sequence[torch.Tensor], layers: Sequence[Layer], *, count: int
) -> list[tuple[int, ...]]:
    """Choose each layer's channels that stand out most on some images: maximum over mean size.

    Args:
        model: The network.
        inputs: Prepared images, each (1, C, H, W).
        layers: Layers of maps or vectors.
        count: How many of each.
    """
    names = tuple(layer.name for layer in layers)
    maxima: dict[str, torch.Tensor] = {}
    sizes: dict[str, torch.Tensor] = {}
    for x in inputs:
        for name, values in read_activations(model, x, layers=names).items():
            flat = values[0].reshape(values.shape[1], -1)  # (C, H*W)
            top, size = flat.amax(dim=1), flat.abs().mean(dim=1)
            maxima[name] = torch.maximum(maxima.get(name, top), top)
            sizes[name] = sizes.get(name, torch.zeros_like(size)) + size / len(inputs)
    chosen = []
    for name in names:
        contrast = maxima[name] / sizes[name].clamp(min=1e-6)
        strongest = contrast.topk(min(count, len(contrast))).indices
        chosen.append(tuple(int(index) for index in strongest))
    return chosen


def grow_depths(
    model: LoadedModel,
    inputs: Sequence[torch.Tensor],
    *,
    settings: Settings,
    steps: int,
    count: int = 6,
    seed: int = 0,
    seconds: float = 100.0,
) -> Iterator[tuple[float, tuple[DepthRow, ...]]]:
    """Make images of a few channels of each depth; yield the share done and the rows so far.

    The image that is being made is there from its eighth step on. One channel of every layer comes
    first, then a second of each, so that a large network, for which the time is too short, still
    shows all its depths.

    Args:
        model: The network.
        inputs: Prepared images on which the channels are chosen, each (1, C, H, W).
        settings: How.
        steps: Of each image.
        count: Channels of a layer.
        seed: Of the first column; the next is another's.
        seconds: After which no further image is begun.

    Raises:
        NetworkError: The network has no convolution.
    """
    end = time.monotonic() + seconds
    layers = choose_depths(model.graph)
    chosen = choose_channels(model, inputs, layers, count=count)
    rows: tuple[DepthRow, ...] = ()
    total, done = sum(map(len, chosen)), 0
    for number, place in product(range(count), range(len(layers))):
        if number >= len(chosen[place]) or (rows and time.monotonic() > end):
            continue
        layer, channel = layers[place], chosen[place][number]
        target = _target(model.graph, layer, channel)
        for moment in ascend(model, target, settings=settings, steps=steps, seed=seed + number):
            made = DepthRow(layer.name, (channel,), to_pixels(moment.images))
            if moment.step % _EVERY == 0 and 0 < moment.step < steps:
                yield (done + moment.step / steps) / total, _add_image(rows, place, made)
        done += 1
        rows = _add_image(rows, place, made)
        yield done / total, rows
    yield 1.0, rows


def _add_image(rows: tuple[DepthRow, ...], place: int, new: DepthRow) -> tuple[DepthRow, ...]:
    if place == len(rows):
        return (*rows, new)
    row = rows[place]
    pixels = np.concatenate([row.pixels, new.pixels])
    longer = DepthRow(row.layer, (*row.channels, *new.channels), pixels)
    return (*rows[:place], longer, *rows[place + 1 :])


def _target(graph: Graph, layer: Layer, channel: int) -> Target:
    if layer is graph.output:
        return target_class(graph, channel)
    return Target(kind=TargetKind.CHANNEL, layer=layer.name, channel=channel)

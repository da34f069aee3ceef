"""What a network computes of labelled images at several depths, averaged over places."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from PIL import Image
from torch import Tensor
from torch.nn import functional

from cnnviz.activations.read import read_activations
from cnnviz.attribution.cam_layers import find_bottlenecks, list_cam_layers
from cnnviz.cache import SizedLRUCache, estimate_bytes
from cnnviz.errors import DataError, NetworkError
from cnnviz.evaluation.image_sets import EvaluationImage, SkippedFile, open_image
from cnnviz.images.image import CheckedImage, Pixels
from cnnviz.jobs.heavy import report_progress
from cnnviz.labs.transfer.sets import TransferSet, take_each
from cnnviz.networks.graph.layers import Graph, Layer, LayerKind
from cnnviz.networks.load import LoadedModel

INPUT = "input"
THUMBNAIL = 56  # pixels a side
_DEPTHS = 5  # of the layers with maps
_PIXELS = 16  # a side, to which the input is reduced
_HEADS = (LayerKind.LINEAR, LayerKind.CONVOLUTION)


@dataclass(frozen=True, slots=True, eq=False)
class _Reading:
    """One image: its vector at each depth, and how it looks, uint8 (S, S, 3)."""

    vectors: tuple[Tensor, ...]
    thumbnail: Pixels


_READINGS: SizedLRUCache[str, _Reading] = SizedLRUCache(max_bytes=64 * 2**20)


@dataclass(frozen=True, slots=True, eq=False)
class FeatureSet:
    """The features of a set: first of the images to train on, then of those held out.

    Attributes:
        classes: Names, in the order of the labels.
        layers: The depths, from the input to the features that the output reads.
        vectors: (N, D) by layer.
        labels: (N,).
        trained: How many are to train on.
        images: The images.
        thumbnails: uint8 (N, S, S, 3).
        skipped: Images that could not be opened.
    """

    classes: tuple[str, ...]
    layers: tuple[str, ...]
    vectors: Mapping[str, Tensor]
    labels: Tensor
    trained: int
    images: tuple[EvaluationImage, ...]
    thumbnails: Pixels
    skipped: tuple[SkippedFile, ...]

    @property
    def top(self) -> str:
        """The layer whose features the network's own output reads."""
        return self.layers[-1]

    def split(self, layer: str) -> tuple[Tensor, Tensor]:
        """Return a layer's features of the images to train on and of those held out."""
        vectors = self.vectors[layer]
        return vectors[: self.trained], vectors[self.trained :]

    @property
    def train_labels(self) -> Tensor:
        """Labels of the images to train on."""
        return self.labels[: self.trained]

    @property
    def test_labels(self) -> Tensor:
        """Labels of the held-out images."""
        return self.labels[self.trained :]


def find_features(graph: Graph) -> Layer:
    """Return the layer that the network's last layer with weights reads.

    Raises:
        NetworkError: The way back from the output meets no such layer.
    """
    layer = graph.output
    while layer.kind not in _HEADS:
        if len(layer.inputs) != 1:
            raise NetworkError(
                f"“{layer.name}” joins several layers before the output; no single layer holds "
                "the features. Choose another network."
            )
        layer = graph.find(layer.inputs[0])
    return graph.find(layer.inputs[0])


def list_depths(model: LoadedModel) -> tuple[str, ...]:
    """List layers from the input to the features, which everything computed passes through.

    Raises:
        NetworkError: The network has no features.
    """
    graph, top = model.graph, find_features(model.graph)
    order = [layer.name for layer in graph.layers]
    before = set(order[: order.index(top.name)])
    maps = [
        name
        for name in list_cam_layers(model)
        if name in before and top.name not in _list_copies(graph, name)
    ]
    places = np.linspace(0, len(maps) - 1, min(_DEPTHS, len(maps))).round().astype(int)
    passed = find_bottlenecks(graph)
    vectors = [
        layer.name
        for layer in graph.layers
        if layer.name in passed & before
        and len(layer.shape) == 1
        and layer.kind is LayerKind.ACTIVATION
        and top.name not in _list_copies(graph, layer.name)
    ]
    return (INPUT, *(maps[place] for place in places), *vectors, top.name)


def _list_copies(graph: Graph, name: str) -> set[str]:
    """Layers with the same mean of each map: global pooling, and dropout, which does nothing."""
    kept = {name}
    for layer in graph.layers:
        is_global = layer.kind is LayerKind.AVERAGE_POOLING and layer.shape[1:] == (1, 1)
        is_copy = is_global or layer.kind in (LayerKind.DROPOUT, LayerKind.RESHAPE)
        if is_copy and kept & set(layer.inputs):
            kept.add(layer.name)
    return kept


def title_depth(model: LoadedModel, layer: str) -> str:
    """Return what a depth is called."""
    if layer == INPUT:
        return f"Pixels, {_PIXELS}×{_PIXELS}"
    return model.graph.find(layer).title


def average_places(activation: Tensor) -> Tensor:
    """Turn maps (N, C, H, W) into their means (N, C); vectors stay."""
    return activation.mean(dim=(2, 3)) if activation.ndim == 4 else activation.flatten(1)


def read_vectors(model: LoadedModel, image: CheckedImage, depths: Sequence[str]) -> list[Tensor]:
    """Return one image's vector at each depth, (D,)."""
    x = model.spec.preprocessing.prepare(image.pixels)
    layers = tuple(name for name in depths if name != INPUT)
    found = read_activations(model, x, layers=layers)
    small = functional.adaptive_avg_pool2d(x, _PIXELS).flatten(1)  # (1, C, H, W) -> (1, C * S * S)
    return [small[0] if name == INPUT else average_places(found[name])[0] for name in depths]


def read_features(
    model: LoadedModel, found: TransferSet, *, train: int, test: int
) -> Iterator[tuple[float, str, FeatureSet]]:
    """Read a set's features, as a heavy result's run; images that were read before take no time.

    Args:
        model: The network.
        found: The set.
        train: Images to train on, at most so many of each class.
        test: Held-out images, at most so many of each class.

    Yields:
        Once, at the end: the share done, what was done, and the features.

    Raises:
        DataError: A class has no image that can be opened.
        NetworkError: The network has no features.
    """
    depths = list_depths(model)
    sets = take_each(found.train, train), take_each(found.test, test)
    images, readings, skipped = [], [], list(found.skipped)
    total, trained = sum(map(len, sets)), 0
    for place, image in enumerate((*sets[0], *sets[1])):
        report_progress(place / total, f"image {place + 1} of {total}")
        reading = _read(model, image, depths, found.key)
        if isinstance(reading, SkippedFile):
            skipped.append(reading)
            continue
        images.append(image)
        readings.append(reading)
        trained += place < len(sets[0])
    _check_classes(found.classes, images[:trained], images[trained:])
    labels = torch.tensor([found.classes.index(image.label) for image in images])
    columns = zip(*(reading.vectors for reading in readings), strict=True)
    features = FeatureSet(
        classes=found.classes,
        layers=depths,
        vectors={name: torch.stack(column) for name, column in zip(depths, columns, strict=True)},
        labels=labels,
        trained=trained,
        images=tuple(images),
        thumbnails=np.stack([reading.thumbnail for reading in readings]),
        skipped=tuple(skipped),
    )
    yield 1.0, "done", features


def _check_classes(classes: Sequence[str], *parts: Sequence[EvaluationImage]) -> None:
    for part in parts:
        missing = set(classes) - {image.label for image in part}
        if missing:
            raise DataError(
                f"“{min(missing)}” has too few images that can be opened; give at least two."
            )


def _read(
    model: LoadedModel, image: EvaluationImage, depths: tuple[str, ...], key: str
) -> _Reading | SkippedFile:
    opened = open_image(image)
    if isinstance(opened, SkippedFile):
        return opened
    place = f"{model.spec.name} {model.card.sha256} {key} {opened.digest}"
    kept = _READINGS.get(place)
    if kept is not None:
        return kept
    vectors = read_vectors(model, opened, depths)
    reading = _Reading(tuple(vectors), _shrink(opened.pixels))
    _READINGS.put(place, reading, size=estimate_bytes(reading))
    return reading


def _shrink(pixels: Pixels) -> Pixels:
    """The middle square, small."""
    side = min(pixels.shape[:2])
    top, left = ((length - side) // 2 for length in pixels.shape[:2])
    box = (left, top, left + side, top + side)
    size = (THUMBNAIL, THUMBNAIL)
    return np.array(Image.fromarray(pixels).resize(size, Image.Resampling.BICUBIC, box=box))

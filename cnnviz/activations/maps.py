"""A layer's maps made ready to be looked at: sorted, reduced to bytes, counted."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from cnnviz.activations.read import MapStatistics, read_activations, summarize_maps
from cnnviz.networks.load import LoadedModel, Prediction, rank_logits

HISTOGRAM_BINS = 41

Values = npt.NDArray[np.float32]


class MapOrder(StrEnum):
    """What the maps of a layer are sorted by."""

    CHANNEL = "channel"
    MEAN = "mean"
    MAXIMUM = "maximum"


class MapRange(StrEnum):
    """Which values get the ends of the colour scale."""

    LAYER = "whole layer"
    MAP = "each map"


@dataclass(frozen=True, slots=True, eq=False)
class Histogram:
    """How many cells have which value.

    Attributes:
        edges: Ends of the bins, (n + 1,); zero is one of them.
        counts: Cells in each bin, (n,), but for those that are exactly zero.
        zeros: Cells that are exactly zero.
    """

    edges: npt.NDArray[np.float64]
    counts: npt.NDArray[np.int64]
    zeros: int


@dataclass(frozen=True, slots=True, eq=False)
class LayerReading:
    """What a layer computed for one image.

    Attributes:
        layer: Name of the layer.
        values: Activations, (C, H, W) or (N,), read-only.
        statistics: Their summary.
        histogram: Their distribution.
    """

    layer: str
    values: Values
    statistics: MapStatistics
    histogram: Histogram


@dataclass(frozen=True, slots=True, eq=False)
class PackedMaps:
    """Maps as bytes: value ≈ scale · int8.

    Attributes:
        values: (n, H, W) int8.
        scales: One a map, (n,); its largest magnitude / 127.
        step: Every step-th row and column was kept; 1 where all were.
    """

    values: npt.NDArray[np.int8]
    scales: npt.NDArray[np.float64]
    step: int


def read_layer(model: LoadedModel, x: Tensor, *, layer: str) -> LayerReading:
    """Run a network on one image and summarize what a layer computed.

    Args:
        model: The network.
        x: Input, (1, C, H, W).
        layer: Name of the layer.

    Raises:
        NetworkError: There is no such layer.
    """
    activation = read_activations(model, x, layers=(layer,))[layer][0]
    values: Values = activation.numpy()
    values.setflags(write=False)
    return LayerReading(
        layer=layer,
        values=values,
        statistics=summarize_maps(activation),
        histogram=count_values(values),
    )


def order_channels(statistics: MapStatistics, *, by: MapOrder) -> tuple[int, ...]:
    """Sort a layer's channels, the largest first; ties and `by=channel` keep their order."""
    if by is MapOrder.CHANNEL:
        return tuple(range(len(statistics.channel_mean)))
    values = statistics.channel_mean if by is MapOrder.MEAN else statistics.channel_maximum
    return tuple(int(index) for index in torch.argsort(values, descending=True, stable=True))


def find_strongest(statistics: MapStatistics) -> int:
    """Return the channel with the largest value."""
    return int(statistics.channel_maximum.argmax())


def find_peak(values: Values) -> tuple[int, int]:
    """Return row and column of the largest value of one map, (H, W)."""
    row, column = divmod(int(values.argmax()), values.shape[1])
    return row, column


def count_dead(statistics: MapStatistics) -> int:
    """Count the channels that are zero or below everywhere."""
    return int((statistics.channel_maximum <= 0).sum())


def find_layer_limit(reading: LayerReading) -> float:
    """Return the largest magnitude of a whole layer."""
    return max(reading.statistics.maximum, -reading.statistics.minimum)


def rank_reading(reading: LayerReading) -> Prediction:
    """Take a layer's numbers (N,) for logits: probabilities and a ranking."""
    return rank_logits(torch.tensor(reading.values))


def find_limits(maps: Values, *, over: MapRange, layer_limit: float) -> npt.NDArray[np.float64]:
    """Return the magnitude that gets the end of the colour scale, one for each map.

    Args:
        maps: (n, H, W).
        over: Whether all maps share the layer's limit or each has its own.
        layer_limit: Largest magnitude of the whole layer.
    """
    if over is MapRange.LAYER:
        return np.full(len(maps), layer_limit)
    limits: npt.NDArray[np.float64] = np.abs(maps).max(axis=(1, 2)).astype(np.float64)
    return limits


def pack_whole(values: Values, *, limit: float) -> dict[str, Any]:
    """Pack one map, (H, W), cell by cell; `limit` gets the end of the colour scale."""
    rows, columns = values.shape
    packed = pack_maps(values[None], max_side=max(rows, columns))
    scale = float(packed.scales[0])
    return {
        "values": packed.values,
        "scale": scale,
        "limit": limit,
        "rows": rows,
        "columns": columns,
    }


def pack_maps(maps: Values, *, max_side: int) -> PackedMaps:
    """Reduce maps to bytes, and large ones to every second, third, ... row and column.

    Args:
        maps: Activations or weights, (n, H, W).
        max_side: No map is sent with a longer side than this.
    """
    step = -(-max(maps.shape[1:]) // max_side)
    scales = np.abs(maps).max(axis=(1, 2)).astype(np.float64) / 127
    kept = maps[:, ::step, ::step] / np.where(scales > 0, scales, 1.0)[:, None, None]
    return PackedMaps(values=np.rint(kept).astype(np.int8), scales=scales, step=step)


def count_values(values: Values) -> Histogram:
    """Count values in bins of one width with an edge at zero.

    Args:
        values: Any shape.
    """
    flat = values.reshape(-1).astype(np.float64)
    low, high = min(float(flat.min()), 0.0), max(float(flat.max()), 0.0)
    width = (high - low) / HISTOGRAM_BINS or 1.0
    first, last = int(np.floor(low / width)), int(np.ceil(high / width))
    edges = np.arange(first, max(last, first + 1) + 1, dtype=np.float64) * np.float64(width)
    # Rounding may leave the outermost values a hair outside.
    edges[0], edges[-1] = min(edges[0], low), max(edges[-1], high)
    counts, _ = np.histogram(flat[flat != 0], bins=edges)
    zeros = int((flat == 0).sum())
    return Histogram(edges=edges, counts=counts.astype(np.int64), zeros=zeros)

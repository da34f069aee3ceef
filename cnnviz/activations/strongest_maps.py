"""The strongest maps of every part of a network, from one forward pass."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, fx
from torch.nn import functional

from cnnviz.activations.read import name_nodes
from cnnviz.device import find_device
from cnnviz.networks.load import LoadedModel, Prediction, rank_logits

MAX_SIDE = 56
MAX_NUMBERS = 4096


@dataclass(frozen=True, slots=True, eq=False)
class StrongestMaps:
    """What is drawn of a layer's output: value ≈ scale · int8.

    Attributes:
        layer: Name of the layer.
        channels: Which channels, the one with the largest value first; of a vector (maps of one
            cell count as one) the first MAX_NUMBERS in their order.
        values: Their maps, (k, H, W) int8; large maps are means of blocks of step×step cells.
        scale: The largest magnitude among them / 127.
        step: Cells of the layer along a side of a drawn cell.
    """

    layer: str
    channels: tuple[int, ...]
    values: npt.NDArray[np.int8]
    scale: float
    step: int


@dataclass(frozen=True, slots=True, eq=False)
class NetworkReading:
    """What a network computes for one image, as far as it is drawn.

    Attributes:
        maps: By layer name; layers whose output is neither maps nor a vector are left out.
        prediction: Its answer.
    """

    maps: dict[str, StrongestMaps]
    prediction: Prediction


def read_strongest(
    model: LoadedModel, x: Tensor, *, layers: Sequence[str], count: int
) -> NetworkReading:
    """Run a network once and keep the strongest maps of some layers.

    Each layer is reduced as soon as it is computed, so that no more than a plain run is held.

    Args:
        model: The network.
        x: One image, (1, C, H, W).
        layers: Names of layers.
        count: Maps a layer.

    Raises:
        NetworkError: There is no such layer.
    """
    for name in layers:
        model.graph.find(name)
    nodes = name_nodes(model.graph.traced)
    reader = _Reader(model.graph.traced, wanted={nodes[name]: name for name in layers}, count=count)
    with torch.no_grad():
        logits = reader.run(x.to(find_device(model.graph.traced)))
    return NetworkReading(maps=reader.maps, prediction=rank_logits(logits[0].cpu()))


def pick_strongest(layer: str, values: Tensor, *, count: int) -> StrongestMaps | None:
    """Take the maps with the largest values.

    Args:
        layer: Name of the layer.
        values: Its output for one image, (C, H, W) or (N,).
        count: How many maps.

    Returns:
        The maps; None for an output that is neither maps nor a vector.
    """
    if values.dim() not in (1, 3):
        return None
    if values.dim() == 1 or values[0].numel() == 1:
        return _pack(layer, range(min(len(values), MAX_NUMBERS)), values.reshape(-1, 1, 1), step=1)
    peaks = values.amax(dim=(1, 2))
    channels = torch.argsort(peaks, descending=True, stable=True)[:count]
    step = -(-max(values.shape[1:]) // MAX_SIDE)
    maps = values[channels]
    if step > 1:
        # The last row and column of blocks may be narrower: their mean is over what there is.
        maps = functional.avg_pool2d(maps, step, ceil_mode=True, count_include_pad=False)
    return _pack(layer, channels.tolist(), maps, step=step)


def _pack(layer: str, channels: Sequence[int], maps: Tensor, *, step: int) -> StrongestMaps:
    values = maps[: len(channels)].numpy()
    scale = float(np.abs(values).max(initial=0.0)) / 127
    return StrongestMaps(
        layer=layer,
        channels=tuple(channels),
        values=np.rint(values / (scale or 1.0)).astype(np.int8),
        scale=scale,
        step=step,
    )


class _Reader(fx.Interpreter):
    """Runs a graph and reduces what some of its nodes compute."""

    def __init__(self, network: fx.GraphModule, *, wanted: dict[fx.Node, str], count: int) -> None:
        super().__init__(network)
        self.extra_traceback = False
        self.maps: dict[str, StrongestMaps] = {}
        self._wanted = wanted
        self._count = count

    def run_node(self, n: fx.Node) -> Any:
        result = super().run_node(n)
        if n in self._wanted:
            name = self._wanted[n]
            maps = pick_strongest(name, result[0].cpu(), count=self._count)
            if maps is not None:
                self.maps[name] = maps
        return result

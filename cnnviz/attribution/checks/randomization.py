"""A sanity check of maps: does a map change when what the network has learned is destroyed?

From the logits downwards, layer after layer loses its weights to random ones, and each time the
map is made anew. A map that explains the network must change; one that stays shows the image's
edges, whatever the network says.

Source: Adebayo and others 2018, "Sanity checks for saliency maps", NeurIPS, section 3: cascading
randomisation, and rank correlation with and without the sign.
"""

from collections.abc import Callable, Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
import torch
from torch import Tensor, nn

from cnnviz.device import add_transfers
from cnnviz.networks.graph.calls import find_module
from cnnviz.networks.graph.layers import Graph, Layer
from cnnviz.networks.load import LoadedModel

MapMaker = Callable[[LoadedModel], Tensor]


@dataclass(frozen=True, slots=True, eq=False)
class Stage:
    """The network at one moment of the cascade.

    Attributes:
        layers: Layers that lost their weights since the moment before, the uppermost first; none
            in the first stage, the network as it was trained.
        count: Layers without their weights so far.
        maps: A map (H, W) by name.
        signed: Each map's rank correlation with that of the trained network, −1 to 1.
        absolute: The same of magnitudes.
    """

    layers: tuple[str, ...]
    count: int
    maps: dict[str, Tensor]
    signed: dict[str, float]
    absolute: dict[str, float]

    @property
    def level(self) -> frozenset[str]:
        """Names of the maps that have one value everywhere, and so no order to compare."""
        return frozenset(
            name for name, values in self.maps.items() if bool((values == values[0, 0]).all())
        )


def cascade(
    model: LoadedModel, makers: Mapping[str, MapMaker], *, stages: int = 12, seed: int = 0
) -> Iterator[Stage]:
    """Randomise a copy of a network from its last layer down, and yield its maps each time.

    The network itself is never touched.

    Args:
        model: The network.
        makers: Functions that make a map (H, W) of a network, by name.
        stages: Moments after the first at most; a deeper network loses several layers at a time.
        seed: Of the random weights.
    """
    copy = copy_model(model)
    generator = torch.Generator().manual_seed(seed)
    trained = {name: make(copy).clone() for name, make in makers.items()}
    yield _compare((), 0, trained, trained)
    weighted = list_weighted(copy.graph)[::-1]
    bounds = np.linspace(0, len(weighted), min(stages, len(weighted)) + 1).round().astype(int)
    for first, last in pairwise(bounds):
        for layer in weighted[first:last]:
            if layer.module is not None:
                randomize_layer(layer.module, generator=generator)
        # A new graph each time: what is remembered of a graph was made with its weights.
        copy = replace(copy, graph=replace(copy.graph))
        maps = {name: make(copy).clone() for name, make in makers.items()}
        names = tuple(layer.name for layer in weighted[first:last])
        yield _compare(names, int(last), maps, trained)


def _compare(
    layers: tuple[str, ...], count: int, maps: dict[str, Tensor], trained: dict[str, Tensor]
) -> Stage:
    return Stage(
        layers=layers,
        count=count,
        maps=maps,
        signed={name: correlate_ranks(maps[name], trained[name]) for name in maps},
        absolute={name: correlate_ranks(maps[name].abs(), trained[name].abs()) for name in maps},
    )


def copy_model(model: LoadedModel) -> LoadedModel:
    """Copy a network with weights of its own."""
    traced = add_transfers(deepcopy(model.graph.traced))
    nodes = {node.name: node for node in traced.graph.nodes}
    # A layer's module belongs to the copy, also where it was made for a bare function.
    layers = tuple(
        replace(layer, module=find_module(nodes[layer.name], traced))
        if layer.module is not None
        else layer
        for layer in model.graph.layers
    )
    return replace(model, module=traced, graph=Graph(traced=traced, layers=layers))


def list_weighted(graph: Graph) -> tuple[Layer, ...]:
    """Return the layers that have learned anything, each module once, in order of computation."""
    found: dict[int, Layer] = {}
    for layer in graph.layers:
        if layer.module is not None and any(True for _ in layer.module.parameters()):
            found.setdefault(id(layer.module), layer)
    return tuple(found.values())


def randomize_layer(module: nn.Module, *, generator: torch.Generator) -> None:
    """Give a layer, in place, weights as before a training.

    Matrices and kernels are drawn from He's normal distribution, so that values keep their size
    from layer to layer; biases become 0, a normalisation's factors 1 and its statistics those of a
    fresh one.
    """
    with torch.no_grad():
        for name, value in module.named_parameters():
            if value.dim() > 1:
                draw_weights(value, generator=generator)
            else:
                value.fill_(1.0 if name.endswith("weight") else 0.0)
        for name, buffer in module.named_buffers():
            if name.endswith("running_mean"):
                buffer.zero_()
            elif name.endswith("running_var"):
                buffer.fill_(1.0)


def draw_weights(weights: Tensor, *, generator: torch.Generator) -> None:
    """Draw kernels or a matrix, in place, from He's normal distribution: the same on any device."""
    drawn = torch.empty_like(weights, device="cpu")
    nn.init.kaiming_normal_(drawn, nonlinearity="relu", generator=generator)
    with torch.no_grad():
        weights.copy_(drawn)


def correlate_ranks(first: Tensor, second: Tensor) -> float:
    """Spearman's rank correlation of two maps of one shape; equal values share their mean rank.

    Returns:
        From −1 to 1; 0 where one of the maps has one value everywhere and so no order, unless both
        are the same map, which gives 1.
    """
    if torch.equal(first, second):
        return 1.0
    a, b = (_rank(values.detach().flatten().numpy()) for values in (first, second))
    a, b = a - a.mean(), b - b.mean()
    size = float(np.sqrt((a @ a) * (b @ b)))
    return float(a @ b) / size if size > 0 else 0.0


def _rank(values: np.ndarray[tuple[int], np.dtype[np.float32]]) -> np.ndarray:
    _, places, counts = np.unique(values, return_inverse=True, return_counts=True)
    last = np.cumsum(counts)
    ranks: np.ndarray = (last - (counts - 1) / 2)[places]
    return ranks

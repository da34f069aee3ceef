"""The activations of chosen layers, without hooks, so that many threads share one network."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, fx

from cnnviz.device import add_transfers
from cnnviz.networks.graph.layers import Graph
from cnnviz.networks.graph.per_graph import keep_by_key_per_graph
from cnnviz.networks.load import LoadedModel


@dataclass(frozen=True, slots=True, eq=False)
class MapStatistics:
    """Summary of a layer's activations.

    Attributes:
        minimum: Smallest value.
        maximum: Largest value.
        mean: Mean of all cells.
        dead_fraction: Fraction of cells that are zero or below: what a ReLU holds back.
        channel_mean: Mean of each channel, (C,).
        channel_maximum: Maximum of each channel, (C,).
    """

    minimum: float
    maximum: float
    mean: float
    dead_fraction: float
    channel_mean: Tensor
    channel_maximum: Tensor


def read_activations(
    model: LoadedModel, x: Tensor, *, layers: tuple[str, ...]
) -> dict[str, Tensor]:
    """Run a network and return what chosen layers computed.

    Args:
        model: The network.
        x: Inputs, (N, C, H, W).
        layers: Names of layers.

    Returns:
        Activations by layer name, each (N, C, H, W) or (N, features), detached.

    Raises:
        NetworkError: There is no such layer.
    """
    reader = _take_reader(model.graph, layers)
    with torch.no_grad():
        values: tuple[Tensor, ...] = reader(x)
    return dict(zip(layers, values, strict=True))


def build_reader(graph: Graph, layers: tuple[str, ...]) -> fx.GraphModule:
    """Copy the graph up to the chosen layers and let it return them, in their order.

    Raises:
        NetworkError: There is no such layer.
    """
    for name in layers:
        graph.find(name)
    nodes = name_nodes(graph.traced)
    return copy_below(graph.traced, [nodes[name] for name in layers])


_take_reader = keep_by_key_per_graph(build_reader)


def name_nodes(network: fx.GraphModule) -> dict[str, fx.Node]:
    """Return a traced network's nodes by the names that layers have."""
    return {
        "input" if node.op == "placeholder" else node.name: node for node in network.graph.nodes
    }


def copy_below(network: fx.GraphModule, ends: Sequence[fx.Node]) -> fx.GraphModule:
    """Copy a traced network up to some nodes and let it return them, in their order.

    The copy shares the network's modules and parameters.
    """
    copy = fx.Graph()
    nodes: dict[fx.Node, fx.Node] = {}
    for node in network.graph.nodes:
        if node.op != "output":
            nodes[node] = copy.node_copy(node, nodes.__getitem__)
    copy.output(tuple(nodes[node] for node in ends))
    return compile_part(network, copy)


def compile_part(network: fx.GraphModule, part: fx.Graph) -> fx.GraphModule:
    """Make a part of a network's graph run, without what its outputs do not need."""
    module = fx.GraphModule(network, part)
    module.graph.eliminate_dead_code()
    module.recompile()
    return add_transfers(module)


def summarize_maps(activation: Tensor) -> MapStatistics:
    """Summarize one image's activation of a layer, (C, H, W) or (N,)."""
    flat = activation.reshape(activation.shape[0], -1)  # (C, H*W)
    return MapStatistics(
        minimum=float(flat.min()),
        maximum=float(flat.max()),
        mean=float(flat.mean()),
        dead_fraction=float((flat <= 0).float().mean()),
        channel_mean=flat.mean(dim=1),
        channel_maximum=flat.amax(dim=1),
    )

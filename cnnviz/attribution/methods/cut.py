"""A network cut in two at a layer: only what lies above it needs gradients.

What the upper part reads besides the layer (a shortcut around it, say) is worked out below as well
and taken as constant.
"""

from dataclasses import dataclass

import torch
from torch import Tensor, fx

from cnnviz.activations.read import compile_part, copy_below, name_nodes
from cnnviz.attribution.occlusion.folding import take_folded
from cnnviz.errors import AttributionError
from cnnviz.networks.graph.layers import Graph
from cnnviz.networks.graph.per_graph import keep_by_key_per_graph


@dataclass(frozen=True, slots=True, eq=False)
class Cut:
    """The two parts of a network.

    Attributes:
        below: From the input to the layer and whatever else the upper part reads, a tuple.
        above: From these to the logits.
    """

    below: fx.GraphModule
    above: fx.GraphModule


@dataclass(frozen=True, slots=True, eq=False)
class LayerGradient:
    """A layer's maps and how a class depends on them.

    Attributes:
        maps: Activations, (C, H, W).
        gradient: Derivative of the class's logit, (C, H, W).
    """

    maps: Tensor
    gradient: Tensor


def differentiate_layer(graph: Graph, x: Tensor, *, layer: str, target: int) -> LayerGradient:
    """Read a layer's maps and differentiate a class's logit towards them.

    Args:
        graph: The network.
        x: Input, (1, C, H, W).
        layer: Name of a layer.
        target: Index of the class.

    Raises:
        NetworkError: There is no such layer.
        AttributionError: The class does not depend on it.
    """
    cut = cut_graph(graph, layer)
    with torch.no_grad():
        maps, *others = cut.below(x)
    private = maps.detach().requires_grad_()
    with torch.enable_grad():
        logit = cut.above(private, *others)[0, target]
        if not logit.requires_grad:
            raise AttributionError("Nothing leads from this layer to the class; choose another.")
        (gradient,) = torch.autograd.grad(logit, private)
    return LayerGradient(maps=maps.detach()[0], gradient=gradient[0])


@keep_by_key_per_graph
def cut_graph(graph: Graph, layer: str) -> Cut:
    """Cut a network at a layer.

    Raises:
        NetworkError: There is no such layer.
        AttributionError: The output does not depend on it.
    """
    graph.find(layer)
    # A convolution whose normalisation would be folded into it is only to be read as it stands.
    folded = take_folded(graph)
    network = folded if layer in name_nodes(folded) else graph.traced
    return cut_network(network, layer)


def cut_network(network: fx.GraphModule, layer: str) -> Cut:
    """Cut a traced network at a layer; the parts share its modules.

    Raises:
        AttributionError: The output does not depend on the layer.
    """
    seam, nodes = name_nodes(network)[layer], list(network.graph.nodes)
    dependent: set[fx.Node] = set()
    for node in nodes:
        if node is not seam and any(s is seam or s in dependent for s in node.all_input_nodes):
            dependent.add(node)
    if not any(node.op == "output" for node in dependent):
        raise AttributionError(f"“{layer}” does not lead to the output; choose another layer.")
    # Parameters that the upper part reads are looked up there, not handed up.
    handed = [
        node
        for node in nodes
        if node not in dependent and node.op != "get_attr" and node is not seam
        if any(user in dependent for user in node.users)
    ]
    seams = [seam, *handed]
    return Cut(below=copy_below(network, seams), above=_build_above(network, seams))


def _build_above(network: fx.GraphModule, seams: list[fx.Node]) -> fx.GraphModule:
    copy = fx.Graph()
    nodes = {seam: copy.placeholder(f"seam_{index}") for index, seam in enumerate(seams)}
    reached = set(seams[:1])
    for node in network.graph.nodes:
        is_above = node not in nodes and not reached.isdisjoint(node.all_input_nodes)
        if is_above or node.op == "get_attr":
            nodes[node] = copy.node_copy(node, nodes.__getitem__)
        if is_above:
            reached.add(node)
    return compile_part(network, copy)

"""Grad-CAM: the maps of a layer, each weighted by how much the class depends on it."""

from torch import Tensor

from cnnviz.attribution.methods.cut import differentiate_layer
from cnnviz.networks.graph.layers import Graph


def compute_grad_cam(graph: Graph, x: Tensor, *, target: int, layer: str) -> Tensor:
    """Add up a layer's maps, each weighted by the mean of the class's gradient over it.

    Args:
        graph: The network.
        x: Input, (1, C, H, W).
        target: Index of the class.
        layer: Name of a layer with maps.

    Returns:
        (H, W) of the layer, signed: the paper's final ReLU is left to the caller.

    Source:
        Selvaraju et al.: Grad-CAM, ICCV 2017, equations 1 and 2.
    """
    found = differentiate_layer(graph, x, layer=layer, target=target)
    weights = found.gradient.mean(dim=(1, 2), keepdim=True)  # (C, 1, 1)
    return (weights * found.maps).sum(dim=0)

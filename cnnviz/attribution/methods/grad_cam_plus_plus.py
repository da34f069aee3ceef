"""Grad-CAM++: as Grad-CAM, with each cell of the gradient weighted by itself."""

import torch
from torch import Tensor

from cnnviz.attribution.methods.cut import differentiate_layer
from cnnviz.networks.graph.layers import Graph


def compute_grad_cam_plus_plus(graph: Graph, x: Tensor, *, target: int, layer: str) -> Tensor:
    """Add up a layer's maps, each weighted by a weighted sum of the class's positive gradient.

    The paper takes the exponential of the logit for the class's score, so that its second and
    third derivatives are powers of the first (for a ReLU network). The exponential itself is left
    out: it scales the whole map and overflows for large logits.

    Args:
        graph: The network.
        x: Input, (1, C, H, W).
        target: Index of the class.
        layer: Name of a layer with maps.

    Returns:
        (H, W) of the layer, not below zero where the maps are not; the paper's final ReLU is left
        to the caller.

    Source:
        Chattopadhay et al.: Grad-CAM++, WACV 2018, equations 5 and 19.
    """
    found = differentiate_layer(graph, x, layer=layer, target=target)
    square, cube = found.gradient.square(), found.gradient.pow(3)
    divisor = 2 * square + found.maps.sum(dim=(1, 2), keepdim=True) * cube  # (C, H, W)
    shares = torch.where(divisor != 0, square / divisor, 0.0)
    weights = (shares * found.gradient.clamp(min=0)).sum(dim=(1, 2), keepdim=True)  # (C, 1, 1)
    return (weights * found.maps).sum(dim=0)

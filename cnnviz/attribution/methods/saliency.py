"""Gradient saliency: which pixels would change the class's score most."""

from torch import Tensor

from cnnviz.attribution.methods.gradients import differentiate_class
from cnnviz.networks.graph.layers import Graph


def compute_saliency(graph: Graph, x: Tensor, *, target: int) -> Tensor:
    """Differentiate a class's logit towards the input.

    Args:
        graph: The network.
        x: Input, (1, C, H, W).
        target: Index of the class.

    Returns:
        Gradient, (C, H, W), signed.

    Source:
        Simonyan, Vedaldi, Zisserman: Deep Inside Convolutional Networks, 2013, section 3.
    """
    return differentiate_class(graph.traced, x, target=target)[0]


def reduce_to_strongest(pixels: Tensor) -> Tensor:
    """Take the largest magnitude over the channels, (C, H, W) to (H, W).

    Source:
        Simonyan, Vedaldi, Zisserman 2013, section 3.1.
    """
    return pixels.abs().amax(dim=0)

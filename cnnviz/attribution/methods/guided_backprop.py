"""Guided backprop: the gradient, with all that speaks against taken off at each ReLU."""

from torch import Tensor

from cnnviz.attribution.methods.gradients import differentiate_class
from cnnviz.attribution.methods.relu_rules import ReluRule, take_rewritten
from cnnviz.networks.graph.layers import Graph


def compute_guided_backprop(graph: Graph, x: Tensor, *, target: int) -> Tensor:
    """Hand a class's logit down; each ReLU passes what is above zero, where it was on.

    Args:
        graph: A network with ReLUs.
        x: Input, (1, C, H, W).
        target: Index of the class.

    Returns:
        (C, H, W), signed: below the lowest ReLU a convolution adds up kernels of both signs.

    Source:
        Springenberg et al.: Striving for Simplicity, 2015, section 3.4.
    """
    run = take_rewritten(graph, ReluRule.GUIDED)
    return differentiate_class(run, x, target=target)[0]

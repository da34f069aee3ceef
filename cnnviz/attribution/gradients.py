"""Gradients of a class towards private copies of the input."""

from collections.abc import Callable

import torch
from torch import Tensor, fx

from cnnviz.errors import AttributionError
from cnnviz.graph import Graph
from cnnviz.per_graph import keep_per_graph

Report = Callable[[float], None]
# Larger batches of large pictures take longer a picture on a laptop's processor.
_PIXELS_AT_ONCE = 4 * 224 * 224
_MOST_AT_ONCE = 16


def ignore_progress(_share: float) -> None:
    """Take a share done, 0 to 1, and do nothing with it."""


def choose_batch(x: Tensor) -> int:
    """Return how many pictures of this size to compute at once."""
    return max(1, min(_MOST_AT_ONCE, _PIXELS_AT_ONCE // (x.shape[2] * x.shape[3])))


@keep_per_graph
def takes_channels_last(graph: Graph) -> bool:
    """Say whether a network may be given its input channels-last, which is quicker.

    A `view` written for the usual order of memory would refuse it.
    """
    return all(node.target != "view" for node in graph.traced.graph.nodes)


def order_memory(graph: Graph, x: Tensor) -> Tensor:
    """Return the same values (N, C, H, W) in the order of memory in which the network is quick."""
    last = takes_channels_last(graph) and x.shape[1] > 1
    return x.contiguous(memory_format=torch.channels_last if last else torch.contiguous_format)


def differentiate_class(run: fx.GraphModule, x: Tensor, *, target: int) -> Tensor:
    """Differentiate a class's logit towards each input.

    Args:
        run: A network.
        x: Inputs, (N, C, H, W); not changed.
        target: Index of the class.

    Returns:
        Gradients, (N, C, H, W), in the usual order of memory.

    Raises:
        AttributionError: The class does not depend on the input.
    """
    private = x.detach().clone().requires_grad_()
    with torch.enable_grad():
        # The sum's gradient towards one input is that of its own logit.
        total = run(private)[:, target].sum()
        if not total.requires_grad:
            raise AttributionError("Nothing leads from the input to this class; choose another.")
        (gradient,) = torch.autograd.grad(total, private)
    return gradient.contiguous()

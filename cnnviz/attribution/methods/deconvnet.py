"""Deconvnet: an activation projected down to pixels, through the switches of this image."""

from dataclasses import replace

import torch
from torch import Tensor

from cnnviz.activations.read import build_reader
from cnnviz.attribution.methods.gradients import differentiate_class
from cnnviz.attribution.methods.relu_rules import ReluRule, find_relu_obstacle, take_rewritten
from cnnviz.attribution.options import Options
from cnnviz.attribution.result import Attribution, Method
from cnnviz.errors import AttributionError
from cnnviz.networks.graph.layers import Graph
from cnnviz.networks.load import LoadedModel


def compute_deconvnet(graph: Graph, x: Tensor, *, target: int) -> Tensor:
    """Hand a class's logit down; each ReLU passes what is above zero of the signal.

    Args:
        graph: A network with ReLUs.
        x: Input, (1, C, H, W).
        target: Index of the class.

    Returns:
        (C, H, W), signed.

    Source:
        Zeiler, Fergus: Visualizing and Understanding Convolutional Networks, 2013, section 2.1;
        from the class, as in Simonyan et al. 2013, section 4.
    """
    run = take_rewritten(graph, ReluRule.DECONVNET)
    return differentiate_class(run, x, target=target)[0]


def project_activation(
    model: LoadedModel,
    x: Tensor,
    *,
    layer: str,
    channel: int,
    place: tuple[int, int] | None = None,
) -> Attribution:
    """Project one cell of a map down to pixels: all other cells are set to zero on the way.

    Max pooling puts the signal where its maximum was in this image (the switches), a convolution
    hands it to its transposed kernel, a ReLU passes what is above zero of it.

    Args:
        model: The network.
        x: Input, (1, C, H, W).
        layer: Name of a layer with maps.
        channel: The map.
        place: Row and column of the cell; None for the map's maximum.

    Returns:
        The cell's own value projected, its target the channel; all zero where that value is zero.

    Raises:
        NetworkError: There is no such layer.
        AttributionError: It has no such maps or cell, or the network has other activations.

    Source:
        Zeiler, Fergus 2013, section 2.1 and figure 1.
    """
    obstacle = find_relu_obstacle(model.graph)
    if obstacle:
        raise AttributionError(obstacle)
    found = model.graph.find(layer)
    if not found.is_spatial:
        raise AttributionError(f"“{found.title}” has no maps; choose a layer with maps.")
    channels, height, width = found.shape
    if not 0 <= channel < channels:
        raise AttributionError(f"channel is {channel}; choose 0 to {channels - 1}.")
    if place is not None and not (0 <= place[0] < height and 0 <= place[1] < width):
        raise AttributionError(f"place is {place}; choose a cell of {height}×{width}.")
    rewritten = replace(model.graph, traced=take_rewritten(model.graph, ReluRule.DECONVNET))
    private = x.detach().clone().requires_grad_()
    with torch.enable_grad():
        activation = build_reader(rewritten, (layer,))(private)[0][0, channel]  # (H, W)
        cell = activation.flatten()[activation.argmax()] if place is None else activation[place]
        if not cell.requires_grad:
            raise AttributionError(f"Nothing leads from the input to “{found.title}”.")
        (pixels,) = torch.autograd.grad(cell, private, grad_outputs=cell.detach())
    pixels = pixels[0].contiguous()
    return Attribution(
        values=pixels.sum(dim=0),
        pixels=pixels,
        method=Method.DECONVNET,
        target=channel,
        layer=layer,
        options=Options(),
    )

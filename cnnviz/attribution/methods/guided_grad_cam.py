"""Guided Grad-CAM: guided backprop's fine lines, kept where Grad-CAM sees the class."""

from torch import Tensor
from torch.nn import functional

from cnnviz.attribution.methods.grad_cam import compute_grad_cam
from cnnviz.attribution.methods.guided_backprop import compute_guided_backprop
from cnnviz.networks.graph.layers import Graph


def compute_guided_grad_cam(graph: Graph, x: Tensor, *, target: int, layer: str) -> Tensor:
    """Multiply guided backprop by Grad-CAM's positive part, enlarged to the input.

    Args:
        graph: A network with ReLUs.
        x: Input, (1, C, H, W).
        target: Index of the class.
        layer: Name of a layer with maps.

    Returns:
        (C, H, W), signed.

    Source:
        Selvaraju et al.: Grad-CAM, ICCV 2017, section 3.2.
    """
    cam = compute_grad_cam(graph, x, target=target, layer=layer).clamp(min=0)
    size = (x.shape[2], x.shape[3])
    enlarged = functional.interpolate(  # (H, W) of the layer -> (1, 1, H, W) of the input
        cam[None, None], size, mode="bilinear", align_corners=False
    )
    return compute_guided_backprop(graph, x, target=target) * enlarged[0]

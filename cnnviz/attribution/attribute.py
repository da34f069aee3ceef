"""The one way in: a method, a network, an image and a class."""

from collections.abc import Callable
from dataclasses import dataclass

from torch import Tensor

from cnnviz.attribution.cam_layers import describe_missing_maps, find_last_maps, list_cam_layers
from cnnviz.attribution.methods.deconvnet import compute_deconvnet
from cnnviz.attribution.methods.grad_cam import compute_grad_cam
from cnnviz.attribution.methods.grad_cam_plus_plus import compute_grad_cam_plus_plus
from cnnviz.attribution.methods.gradients import Report, ignore_progress
from cnnviz.attribution.methods.guided_backprop import compute_guided_backprop
from cnnviz.attribution.methods.guided_grad_cam import compute_guided_grad_cam
from cnnviz.attribution.methods.integrated_gradients import compute_integrated_gradients
from cnnviz.attribution.methods.relu_rules import find_relu_obstacle
from cnnviz.attribution.methods.saliency import compute_saliency, reduce_to_strongest
from cnnviz.attribution.methods.smoothgrad import compute_smoothgrad
from cnnviz.attribution.options import Baseline, Options
from cnnviz.attribution.result import Attribution, Method
from cnnviz.errors import AttributionError
from cnnviz.networks.load import LoadedModel

__all__ = [
    "Attribution",
    "Baseline",
    "Method",
    "Options",
    "attribute",
    "find_last_maps",
    "find_obstacle",
    "list_cam_layers",
]


@dataclass(frozen=True, slots=True, eq=False)
class _Question:
    """What is asked of a method, checked."""

    model: LoadedModel
    x: Tensor
    target: int
    layer: str
    options: Options
    report: Report


@dataclass(frozen=True, slots=True, eq=False)
class _Way:
    """How a method is computed and what it needs.

    Attributes:
        compute: Answers (H, W) for methods of maps and (C, H, W) for methods of pixels.
        reduce: From (C, H, W) to (H, W); None for methods of maps.
        needs_maps: Whether it reads a layer.
        needs_relu: Whether it changes how gradients pass a ReLU.
    """

    compute: Callable[[_Question], Tensor]
    reduce: Callable[[Tensor], Tensor] | None = None
    needs_maps: bool = False
    needs_relu: bool = False


def _add_channels(pixels: Tensor) -> Tensor:
    return pixels.sum(dim=0)


_WAYS: dict[Method, _Way] = {
    Method.SALIENCY: _Way(
        lambda q: compute_saliency(q.model.graph, q.x, target=q.target), reduce=reduce_to_strongest
    ),
    Method.SMOOTHGRAD: _Way(
        lambda q: compute_smoothgrad(
            q.model.graph, q.x, target=q.target, options=q.options, report=q.report
        ),
        reduce=reduce_to_strongest,
    ),
    Method.INTEGRATED_GRADIENTS: _Way(
        lambda q: compute_integrated_gradients(
            q.model, q.x, target=q.target, options=q.options, report=q.report
        ),
        reduce=_add_channels,
    ),
    Method.DECONVNET: _Way(
        lambda q: compute_deconvnet(q.model.graph, q.x, target=q.target),
        reduce=_add_channels,
        needs_relu=True,
    ),
    Method.GUIDED_BACKPROP: _Way(
        lambda q: compute_guided_backprop(q.model.graph, q.x, target=q.target),
        reduce=_add_channels,
        needs_relu=True,
    ),
    Method.GRAD_CAM: _Way(
        lambda q: compute_grad_cam(q.model.graph, q.x, target=q.target, layer=q.layer),
        needs_maps=True,
    ),
    Method.GRAD_CAM_PLUS_PLUS: _Way(
        lambda q: compute_grad_cam_plus_plus(q.model.graph, q.x, target=q.target, layer=q.layer),
        needs_maps=True,
    ),
    Method.GUIDED_GRAD_CAM: _Way(
        lambda q: compute_guided_grad_cam(q.model.graph, q.x, target=q.target, layer=q.layer),
        reduce=_add_channels,
        needs_maps=True,
        needs_relu=True,
    ),
}


def attribute(
    model: LoadedModel,
    x: Tensor,
    *,
    method: Method,
    target: int,
    layer: str | None = None,
    options: Options = Options(),  # noqa: B008  (frozen)
    report: Report = ignore_progress,
) -> Attribution:
    """Credit the places of an image with a class's logit.

    Args:
        model: The network.
        x: Input, (1, C, H, W).
        method: The method.
        target: Index of the class.
        layer: Layer with maps for Grad-CAM, Grad-CAM++ and Guided Grad-CAM; None for the last.
        options: Choices of the methods that have any.
        report: Called with the share done, 0 to 1, between the steps of a long method; what it
            raises stops the method.

    Raises:
        NetworkError: There is no such layer.
        AttributionError: The method does not apply to this network, the layer has no maps, or
            there is no such class.
    """
    way = _find_way(method)
    obstacle = find_obstacle(model, method)
    if obstacle:
        raise AttributionError(obstacle)
    classes = len(model.spec.classes)
    if not 0 <= target < classes:
        raise AttributionError(f"target is {target}; choose a class from 0 to {classes - 1}.")
    if x.dim() != 4 or len(x) != 1:
        raise AttributionError(f"x is {tuple(x.shape)}; give one prepared picture, (1, C, H, W).")
    name = _check_layer(model, layer) if way.needs_maps else ""
    answer = way.compute(_Question(model, x.detach(), target, name, options, report))
    return Attribution(
        values=way.reduce(answer) if way.reduce else answer,
        pixels=answer if way.reduce else None,
        method=method,
        target=target,
        layer=name or None,
        options=options,
    )


def find_obstacle(model: LoadedModel, method: Method) -> str | None:
    """Say in a sentence why a method does not apply to a network; None where it does."""
    way = _find_way(method)
    obstacle = find_relu_obstacle(model.graph) if way.needs_relu else None
    return obstacle or (describe_missing_maps(model) if way.needs_maps else None)


def _find_way(method: Method) -> _Way:
    if method not in _WAYS:
        raise AttributionError(f"There is no method “{method}”; choose one of: {', '.join(_WAYS)}.")
    return _WAYS[method]


def _check_layer(model: LoadedModel, layer: str | None) -> str:
    if layer is None:
        return find_last_maps(model)
    found = model.graph.find(layer)
    if not found.is_spatial:
        raise AttributionError(f"“{found.title}” has no maps; choose a layer with maps.")
    return layer

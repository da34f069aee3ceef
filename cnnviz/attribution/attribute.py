"""The one way in: a method, a network, an image and a class."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from torch import Tensor

from cnnviz.attribution.cam_layers import describe_missing_maps, find_last_maps, list_cam_layers
from cnnviz.attribution.methods.conductance import (
    LayerPath,
    Unit,
    compute_internal_influence,
    compute_layer_conductance,
    compute_neuron_conductance,
)
from cnnviz.attribution.methods.deconvnet import compute_deconvnet
from cnnviz.attribution.methods.deeplift import compute_deeplift, find_deeplift_obstacle
from cnnviz.attribution.methods.grad_cam import compute_grad_cam
from cnnviz.attribution.methods.grad_cam_plus_plus import compute_grad_cam_plus_plus
from cnnviz.attribution.methods.gradient_shap import compute_gradient_shap
from cnnviz.attribution.methods.gradients import Report, ignore_progress
from cnnviz.attribution.methods.guided_backprop import compute_guided_backprop
from cnnviz.attribution.methods.guided_grad_cam import compute_guided_grad_cam
from cnnviz.attribution.methods.integrated_gradients import compute_integrated_gradients
from cnnviz.attribution.methods.lrp import compute_lrp, find_lrp_obstacle
from cnnviz.attribution.methods.noise_tunnel import smooth
from cnnviz.attribution.methods.relu_rules import find_relu_obstacle
from cnnviz.attribution.methods.saliency import compute_saliency, reduce_to_strongest
from cnnviz.attribution.methods.smoothgrad import compute_smoothgrad
from cnnviz.attribution.methods.superpixels.grow import grow_map
from cnnviz.attribution.options import Baseline, Options, Tunnel
from cnnviz.attribution.result import OF_SUPERPIXELS, Attribution, Method
from cnnviz.errors import AttributionError
from cnnviz.networks.graph.layers import Graph
from cnnviz.networks.load import LoadedModel

__all__ = [
    "Attribution",
    "Baseline",
    "Method",
    "Options",
    "Tunnel",
    "attribute",
    "find_last_maps",
    "find_obstacle",
    "list_cam_layers",
    "refine_attribution",
    "takes_tunnel",
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

    @property
    def path(self) -> LayerPath:
        """The same for methods that watch a layer on the way from a baseline."""
        return LayerPath(self.model, self.x, self.layer, self.target, self.options, self.report)


Answer = Tensor | tuple[Tensor, Unit]


@dataclass(frozen=True, slots=True, eq=False)
class _Way:
    """How a method is computed and what it needs.

    Attributes:
        compute: Answers (H, W) for methods of maps and (C, H, W) for methods of pixels; neuron
            conductance also the unit.
        reduce: From (C, H, W) to (H, W); None for methods of maps.
        needs_maps: Whether it reads a layer.
        find_obstacle: Says why it does not apply to a network.
        is_single: Whether it takes one pass each way, so that a noise tunnel can be put around it.
    """

    compute: Callable[[_Question], Answer]
    reduce: Callable[[Tensor], Tensor] | None = None
    needs_maps: bool = False
    find_obstacle: Callable[[Graph], str | None] | None = None
    is_single: bool = False


def _add_channels(pixels: Tensor) -> Tensor:
    return pixels.sum(dim=0)


_WAYS: dict[Method, _Way] = {
    Method.SALIENCY: _Way(
        lambda q: compute_saliency(q.model.graph, q.x, target=q.target),
        reduce=reduce_to_strongest,
        is_single=True,
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
    Method.GRADIENT_SHAP: _Way(
        lambda q: compute_gradient_shap(
            q.model, q.x, target=q.target, options=q.options, report=q.report
        ),
        reduce=_add_channels,
    ),
    Method.DEEPLIFT: _Way(
        lambda q: compute_deeplift(q.model, q.x, target=q.target, options=q.options)[0],
        reduce=_add_channels,
        find_obstacle=find_deeplift_obstacle,
        is_single=True,
    ),
    Method.LRP: _Way(
        lambda q: compute_lrp(q.model.graph, q.x, target=q.target)[0],
        reduce=_add_channels,
        find_obstacle=find_lrp_obstacle,
        is_single=True,
    ),
    Method.DECONVNET: _Way(
        lambda q: compute_deconvnet(q.model.graph, q.x, target=q.target),
        reduce=_add_channels,
        find_obstacle=find_relu_obstacle,
        is_single=True,
    ),
    Method.GUIDED_BACKPROP: _Way(
        lambda q: compute_guided_backprop(q.model.graph, q.x, target=q.target),
        reduce=_add_channels,
        find_obstacle=find_relu_obstacle,
        is_single=True,
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
        find_obstacle=find_relu_obstacle,
        is_single=True,
    ),
    Method.LAYER_CONDUCTANCE: _Way(
        lambda q: _add_channels(compute_layer_conductance(q.path)), needs_maps=True
    ),
    Method.INTERNAL_INFLUENCE: _Way(
        lambda q: _add_channels(compute_internal_influence(q.path)), needs_maps=True
    ),
    Method.NEURON_CONDUCTANCE: _Way(
        lambda q: compute_neuron_conductance(q.path), reduce=_add_channels, needs_maps=True
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
        layer: Layer with maps for methods that read one; None for the last.
        options: Choices of the methods that have any.
        report: Called with the share done, 0 to 1, between the steps of a long method; what it
            raises stops the method.

    Raises:
        NetworkError: There is no such layer.
        AttributionError: The method does not apply to this network, the layer has no maps, or
            there is no such class.
    """
    for share, found in refine_attribution(  # noqa: B007  (the last one is whole)
        model, x, method=method, target=target, layer=layer, options=options, report=report
    ):
        if method in OF_SUPERPIXELS:
            report(share)
    return found


def refine_attribution(
    model: LoadedModel,
    x: Tensor,
    *,
    method: Method,
    target: int,
    layer: str | None = None,
    options: Options = Options(),  # noqa: B008  (frozen)
    report: Report = ignore_progress,
) -> Iterator[tuple[float, Attribution]]:
    """Credit the places of an image as `attribute` does; maps of superpixels while they grow.

    Yields:
        The share done and the map so far, of which the last is the whole one.

    Raises:
        NetworkError: As of `attribute`.
        AttributionError: As of `attribute`.
    """
    obstacle = find_obstacle(model, method)
    if obstacle:
        raise AttributionError(obstacle)
    _check(model, x, target)
    if options.tunnel is not Tunnel.NONE and not takes_tunnel(method):
        raise AttributionError(
            f"tunnel is {options.tunnel}; a noise tunnel goes around a method of pixels of one "
            f"pass, and {method} is none. Choose none."
        )
    name = _check_layer(model, layer) if method in _WAYS and _WAYS[method].needs_maps else None
    empty = Attribution(x, None, method=method, target=target, layer=name, options=options)
    x = x.detach()
    if method in OF_SUPERPIXELS:
        for share, values, now in grow_map(model, x, method=method, target=target, options=options):
            yield share, replace(empty, values=values, superpixels=now)
        return
    way, question = _WAYS[method], _Question(model, x, target, name or "", options, report)
    answer, unit = _compute(way, question)
    values = way.reduce(answer) if way.reduce else answer
    pixels = answer if way.reduce else None
    yield 1.0, replace(empty, values=values, pixels=pixels, unit=unit)


def _compute(way: _Way, question: _Question) -> tuple[Tensor, Unit | None]:
    """The answer of a method, through a noise tunnel where one is chosen."""
    options = question.options
    if options.tunnel is not Tunnel.NONE:
        plain = replace(question, options=replace(options, tunnel=Tunnel.NONE))

        def ask(x: Tensor) -> Tensor:
            answer = way.compute(replace(plain, x=x))
            return answer if isinstance(answer, Tensor) else answer[0]

        return smooth(ask, question.x, options=options, report=question.report), None
    answer = way.compute(question)
    return (answer, None) if isinstance(answer, Tensor) else answer


def takes_tunnel(method: Method) -> bool:
    """Say whether a noise tunnel can be put around a method."""
    return method in _WAYS and _WAYS[method].is_single


def _check(model: LoadedModel, x: Tensor, target: int) -> None:
    classes = len(model.spec.classes)
    if not 0 <= target < classes:
        raise AttributionError(f"target is {target}; choose a class from 0 to {classes - 1}.")
    if x.dim() != 4 or len(x) != 1:
        raise AttributionError(f"x is {tuple(x.shape)}; give one prepared image, (1, C, H, W).")


def find_obstacle(model: LoadedModel, method: Method) -> str | None:
    """Say in a sentence why a method does not apply to a network; None where it does."""
    if method in OF_SUPERPIXELS:
        return None
    if method not in _WAYS:
        known = ", ".join(Method)
        raise AttributionError(f"There is no method “{method}”; choose one of: {known}.")
    way = _WAYS[method]
    obstacle = None if way.find_obstacle is None else way.find_obstacle(model.graph)
    return obstacle or (describe_missing_maps(model) if way.needs_maps else None)


def _check_layer(model: LoadedModel, layer: str | None) -> str:
    if layer is None:
        return find_last_maps(model)
    found = model.graph.find(layer)
    if not found.is_spatial:
        raise AttributionError(f"“{found.title}” has no maps; choose a layer with maps.")
    return layer

"""How each operation of a traced network may be computed on a part of its maps.

A change in one square of the input reaches, in each layer, a rectangle of cells; all others keep
their values. An operation that slides a window, or works cell by cell, can be computed on that
rectangle alone. Batch normalisation that follows a convolution is folded into its weights.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from math import prod
from operator import attrgetter
from typing import Any

import torch
from torch import Tensor, fx, nn
from torch.nn import functional

from cnnviz.attribution.occlusion import winograd
from cnnviz.attribution.occlusion.folding import find_folded, fold_norm
from cnnviz.errors import UnknownReachError
from cnnviz.networks.graph.calls import name_operation, read_argument, resolve_padding
from cnnviz.networks.graph.layers import Graph, Layer, LayerKind
from cnnviz.networks.graph.sizes import list_image_nodes
from cnnviz.receptive_fields.theoretical import Window, find_windows


class Reach(StrEnum):
    """What of its inputs an operation needs for a rectangle of its output."""

    SLIDING = "sliding"  # a larger rectangle, by kernel, stride, padding and dilation
    CELL = "cell"  # the same rectangle
    WHOLE = "whole"  # everything


@dataclass(frozen=True, slots=True, eq=False)
class Operation:
    """One node of a traced network, ready to run.

    Attributes:
        node: The node.
        reach: What it needs for a rectangle of its output.
        run: Computes it from whole inputs, whatever its arguments are.
        slide: Computes it from an input that is padded already; only where it slides.
        windows: Sliding window along (rows, columns); only where it slides.
        edge: What stands outside of the map where it slides: 0, or -inf for a maximum.
        shape: Output of one image; None for what is no tensor.
        cell_cost: Multiply-adds a cell of the output, all channels together.
        name: Its layer's name; empty for what is no layer.
        is_size: Whether it yields sizes of what it reads, or a number made of them.
    """

    node: fx.Node
    reach: Reach
    run: Callable[..., Any]
    slide: Callable[[Tensor], Tensor] | None = None
    windows: tuple[Window, Window] = (Window(kernel=1), Window(kernel=1))
    edge: float = 0.0
    shape: tuple[int, ...] | None = None
    cell_cost: int = 0
    name: str = ""
    is_size: bool = False


def list_operations(graph: Graph) -> list[Operation]:
    """Return a network's operations in order, each with what it needs of its inputs."""
    layers = {layer.name: layer for layer in graph.layers}
    normed = find_folded(graph.traced)
    of_image = list_image_nodes(graph.traced)
    operations = []
    for node in graph.traced.graph.nodes:
        if node.op == "output":
            continue
        layer = layers.get("input" if node.op == "placeholder" else node.name)
        below = layers[layer.inputs[0]] if layer is not None and layer.inputs else None
        if node in normed.values():  # its convolution has done its work already
            operations.append(_describe(node, Reach.CELL, _hand_on, layer))
        elif layer is not None and isinstance(layer.module, nn.Conv2d):
            operations.append(_convolution(node, layer, below, graph.traced, normed.get(node)))
        elif layer is not None and below is not None and _is_pooling(layer):
            operations.append(_pooling(node, layer, below, graph.traced))
        elif layer is not None and isinstance(layer.module, nn.ConstantPad2d):
            operations.append(_padding(node, layer, below, graph.traced))
        else:
            operations.append(_describe_other(node, layer, graph.traced, of_image))
    return operations


def _describe(
    node: fx.Node, reach: Reach, run: Callable[..., Any], layer: Layer | None
) -> Operation:
    cost = 0
    if layer is not None and isinstance(layer.module, nn.Linear):
        cost = layer.module.in_features * layer.module.out_features
        cost *= prod(layer.shape[:-1])
    return Operation(
        node=node,
        reach=reach,
        run=run,
        shape=None if layer is None else layer.shape,
        cell_cost=cost,
        name="" if layer is None else layer.name,
    )


def _hand_on(x: Tensor) -> Tensor:
    return x


def _convolution(
    node: fx.Node,
    layer: Layer,
    below: Layer | None,
    traced: fx.GraphModule,
    norm: fx.Node | None,
) -> Operation:
    module = layer.module
    if not isinstance(module, nn.Conv2d) or below is None:
        raise TypeError("A convolution reads one layer.")
    weight, bias = module.weight, module.bias
    if norm is not None:
        weight, bias = fold_norm(module, traced.get_submodule(str(norm.target)))
    weight = weight.detach().contiguous(memory_format=torch.channels_last)
    kernels = winograd.transform_kernels(weight) if winograd.pays(module) else None
    cost = prod(weight.shape)
    windows = None
    if module.padding_mode == "zeros":
        windows = _try_windows(layer, below)

    def slide(x: Tensor, padding: tuple[int, ...] = (0, 0)) -> Tensor:
        if kernels is not None and padding[0] == padding[1]:
            return winograd.convolve(x, kernels, bias, padding=padding[0])
        return functional.conv2d(
            x, weight, bias, module.stride, padding, module.dilation, module.groups
        )

    whole = _find_callable(node, traced)
    if norm is not None:
        whole = nn.Sequential(module, traced.get_submodule(str(norm.target)))
    if windows is None:
        return Operation(
            node=node,
            reach=Reach.WHOLE,
            run=whole,
            shape=layer.shape,
            cell_cost=cost,
            name=layer.name,
        )
    padding = (windows[0].padding, windows[1].padding)
    is_even = all(before == after for before, after in resolve_padding(module))
    slides = any(window.kernel > 1 or window.stride > 1 or window.padding for window in windows)
    return Operation(
        node=node,
        reach=Reach.SLIDING if slides else Reach.CELL,
        run=(lambda x, *_, **__: slide(x, padding)) if is_even else whole,
        slide=slide,
        windows=windows,
        shape=layer.shape,
        cell_cost=cost,
        name=layer.name,
    )


def _try_windows(layer: Layer, below: Layer) -> tuple[Window, Window] | None:
    try:
        return find_windows(layer, below)
    except UnknownReachError:
        return None


def _is_pooling(layer: Layer) -> bool:
    return isinstance(layer.module, nn.MaxPool2d | nn.AvgPool2d)


def _pooling(node: fx.Node, layer: Layer, below: Layer, traced: fx.GraphModule) -> Operation:
    module, run = layer.module, _find_callable(node, traced)
    windows = _try_windows(layer, below)
    if windows is None or not isinstance(module, nn.MaxPool2d | nn.AvgPool2d):
        return _describe(node, Reach.WHOLE, run, layer)
    if isinstance(module, nn.MaxPool2d):

        def slide(x: Tensor) -> Tensor:
            return functional.max_pool2d(x, module.kernel_size, module.stride, 0, module.dilation)

    else:
        # A mean over fewer cells at the edge is no mean over zeros.
        overhangs = any(
            (size - 1) * window.stride + window.kernel > cells + 2 * window.padding
            for size, cells, window in zip(layer.shape[1:], below.shape[1:], windows, strict=True)
        )
        padded = any(window.padding for window in windows)
        if overhangs or (padded and not module.count_include_pad):
            return _describe(node, Reach.WHOLE, run, layer)

        def slide(x: Tensor) -> Tensor:
            return functional.avg_pool2d(
                x, module.kernel_size, module.stride, divisor_override=module.divisor_override
            )

    return Operation(
        node=node,
        reach=Reach.SLIDING,
        run=run,
        slide=slide,
        windows=windows,
        edge=float("-inf") if isinstance(module, nn.MaxPool2d) else 0.0,
        shape=layer.shape,
        name=layer.name,
    )


def _padding(node: fx.Node, layer: Layer, below: Layer | None, traced: fx.GraphModule) -> Operation:
    """A window of one cell whose edge is the padding."""
    module, run = layer.module, _find_callable(node, traced)
    windows = None if below is None else _try_windows(layer, below)
    if windows is None or not isinstance(module, nn.ConstantPad2d) or min(module.padding) < 0:
        return _describe(node, Reach.WHOLE, run, layer)
    return Operation(
        node=node,
        reach=Reach.SLIDING,
        run=run,
        slide=_hand_on,
        windows=windows,
        edge=module.value,
        shape=layer.shape,
        name=layer.name,
    )


def _describe_other(
    node: fx.Node,
    layer: Layer | None,
    traced: fx.GraphModule,
    of_image: set[fx.Node],
) -> Operation:
    """An operation that slides no window: cell by cell, on whole maps, or on sizes alone."""
    run = _find_callable(node, traced)
    if node not in of_image and node.op not in ("placeholder", "get_attr"):
        return Operation(node=node, reach=Reach.WHOLE, run=run, is_size=True)
    if layer is None:
        return _describe(node, _find_reach_of_parts(node), run, None)
    if not layer.is_cellwise or len(layer.shape) < _MAPS:
        return _describe(node, Reach.WHOLE, run, layer)
    if layer.kind is LayerKind.CHANNELS and name_operation(node) in ("view", "reshape"):
        # Rows and columns are those of the rectangle, whatever the author wrote.
        channels = layer.shape[:-2]
        return _describe(
            node, Reach.CELL, lambda x, *_: x.reshape(len(x), *channels, *x.shape[-2:]), layer
        )
    return _describe(node, Reach.CELL, run, layer)


_MAPS = 3  # axes of maps (C, H, W)


def _find_reach_of_parts(node: fx.Node) -> Reach:
    """Whether what yields several tensors only splits channels."""
    if name_operation(node) in ("chunk", "split", "tensor_split"):
        return Reach.CELL if read_argument(node, 2, "dim", 0) in (1, -3) else Reach.WHOLE
    return Reach.WHOLE


def _find_callable(node: fx.Node, traced: fx.GraphModule) -> Callable[..., Any]:
    if node.op == "call_module":
        module: Callable[..., Any] = traced.get_submodule(str(node.target))
        return module
    if node.op == "call_method":
        method = str(node.target)
        if method == "view":  # maps are kept channels last, of which there may be no such view
            return lambda tensor, *args, **options: tensor.contiguous().view(*args, **options)
        return lambda tensor, *args, **options: getattr(tensor, method)(*args, **options)
    if node.op == "call_function" and callable(node.target):
        return node.target
    if node.op == "get_attr":
        value = attrgetter(str(node.target))(traced)
        return lambda: value
    return _hand_on

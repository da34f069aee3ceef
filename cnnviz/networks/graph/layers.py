"""The layers of a network, read off its traced graph: names, kinds, shapes and who feeds whom."""

import math
import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, is_dataclass
from enum import StrEnum
from typing import Any

import torch
from torch import Tensor, fx, nn

from cnnviz.errors import NetworkError
from cnnviz.networks.graph.calls import (
    FULL_SHAPE,
    POINTWISE_ACTIVATIONS,
    find_module,
    is_cellwise,
    list_sources,
    moves_channels_only,
    name_operation,
    note_arguments,
)
from cnnviz.networks.graph.inplace import remove_inplace
from cnnviz.networks.graph.places import PLACE, describe_place
from cnnviz.networks.graph.sizes import list_image_nodes
from cnnviz.networks.graph.trace import WRITTEN, trace_module


class LayerKind(StrEnum):
    """What a layer does, in the field's words."""

    INPUT = "input"
    CONVOLUTION = "convolution"
    LINEAR = "linear"
    MAX_POOLING = "max pooling"
    AVERAGE_POOLING = "average pooling"
    ACTIVATION = "activation"
    NORMALIZATION = "normalization"
    DROPOUT = "dropout"
    ATTENTION = "attention"
    SUM = "sum"
    PRODUCT = "product"
    CONCATENATION = "concatenation"
    RESHAPE = "reshape"
    PADDING = "padding"
    CHANNELS = "channel rearrangement"
    OTHER = "other"


@dataclass(frozen=True, slots=True, eq=False)
class Layer:
    """One node of a network's graph.

    Attributes:
        name: Unique name; the module's path with dots as underscores, or the operation's name.
        kind: What it does.
        shape: Output of one image without the batch axis: (C, H, W) or (N,).
        inputs: Names of the layers it reads, in order.
        module: The module it calls, or for a bare pooling, convolution or linear layer one that
            does the same; None for other bare operations.
        title: Name for people.
        unit: Title of the block that it belongs to; empty where it stands alone.
        is_cellwise: Whether each cell of its maps depends on the same cell, with all channels, of
            what it reads, and on no other.
    """

    name: str
    kind: LayerKind
    shape: tuple[int, ...]
    inputs: tuple[str, ...]
    module: nn.Module | None
    title: str
    unit: str = ""
    is_cellwise: bool = False

    @property
    def is_spatial(self) -> bool:
        """Whether the output is a stack of maps (C, H, W)."""
        return len(self.shape) == 3


@dataclass(frozen=True, slots=True, eq=False, weakref_slot=True)
class Graph:
    """A traced network: its layers in the order of computation, the input first.

    Attributes:
        traced: The graph module; its node names are the layers' names.
        layers: Every layer that yields one tensor.
    """

    traced: fx.GraphModule
    layers: tuple[Layer, ...]

    @property
    def output(self) -> Layer:
        """The layer that the network returns."""
        (returned,) = next(node for node in self.traced.graph.nodes if node.op == "output").args
        return self.find(getattr(returned, "name", ""))

    def find(self, name: str) -> Layer:
        """Return the layer of this name.

        Raises:
            NetworkError: There is none.
        """
        for layer in self.layers:
            if layer.name == name:
                return layer
        known = ", ".join(layer.name for layer in self.layers)
        raise NetworkError(f"There is no layer “{name}” in this network; it has: {known}.")


_MODULE_KINDS: tuple[tuple[tuple[type[nn.Module], ...], LayerKind], ...] = (
    ((nn.Conv1d, nn.Conv2d, nn.ConvTranspose2d), LayerKind.CONVOLUTION),
    ((nn.Linear,), LayerKind.LINEAR),
    ((nn.MaxPool2d, nn.AdaptiveMaxPool2d), LayerKind.MAX_POOLING),
    ((nn.AvgPool2d, nn.AdaptiveAvgPool2d), LayerKind.AVERAGE_POOLING),
    (
        (*POINTWISE_ACTIVATIONS, nn.Softmax, nn.LogSoftmax, nn.Softmax2d),
        LayerKind.ACTIVATION,
    ),
    (
        (
            *(nn.BatchNorm2d, nn.BatchNorm1d, nn.LayerNorm, nn.GroupNorm, nn.LocalResponseNorm),
            *(nn.InstanceNorm1d, nn.InstanceNorm2d),
        ),
        LayerKind.NORMALIZATION,
    ),
    ((nn.Dropout, nn.Dropout2d), LayerKind.DROPOUT),
    ((nn.MultiheadAttention,), LayerKind.ATTENTION),
    ((nn.Flatten,), LayerKind.RESHAPE),
    ((nn.ConstantPad2d,), LayerKind.PADDING),
)

_OPERATION_KINDS: dict[str, LayerKind] = {
    "add": LayerKind.SUM,
    "iadd": LayerKind.SUM,
    "add_": LayerKind.SUM,
    "mul": LayerKind.PRODUCT,
    "cat": LayerKind.CONCATENATION,
    "flatten": LayerKind.RESHAPE,
    "view": LayerKind.RESHAPE,
    "reshape": LayerKind.RESHAPE,
    "relu": LayerKind.ACTIVATION,
    "relu_": LayerKind.ACTIVATION,
    "max_pool2d": LayerKind.MAX_POOLING,
    "boolean_dispatch": LayerKind.MAX_POOLING,  # what functional.max_pool2d traces to
    "avg_pool2d": LayerKind.AVERAGE_POOLING,
    "adaptive_avg_pool2d": LayerKind.AVERAGE_POOLING,
    "dropout": LayerKind.DROPOUT,
    "stochastic_depth": LayerKind.DROPOUT,
    "layer_norm": LayerKind.NORMALIZATION,
    "group_norm": LayerKind.NORMALIZATION,
    "instance_norm": LayerKind.NORMALIZATION,
    "batch_norm": LayerKind.NORMALIZATION,
    "conv2d": LayerKind.CONVOLUTION,
    "conv_transpose2d": LayerKind.CONVOLUTION,
    "linear": LayerKind.LINEAR,
    "sigmoid": LayerKind.ACTIVATION,
    "softmax": LayerKind.ACTIVATION,
    "einsum": LayerKind.ATTENTION,
    "shifted_window_attention": LayerKind.ATTENTION,
}


def trace_network(
    module: nn.Module, *, input_shape: tuple[int, int, int], titles: dict[str, str]
) -> Graph:
    """Trace a network and run it once to learn every layer's shape.

    In-place operations are replaced in the trace, so that each layer's own output can be read.

    Args:
        module: A network in evaluation mode.
        input_shape: One image, (C, H, W).
        titles: Names for people by layer name; the others are named by kind and name.

    Raises:
        NetworkError: Its forward depends on the data, so there is no fixed graph, or it writes
            over earlier layers in a way that the trace cannot repeat.
    """
    traced = trace_module(module, input_shape=input_shape)
    writers, recorder = remove_inplace(traced), _ShapeRecorder(traced)
    _check_same(recorder.run, module, input_shape, traced=traced, writers=writers)
    return describe_graph(traced, shapes=recorder.shapes, titles=titles)


def trace_safely(module: nn.Module, input_shape: tuple[int, int, int]) -> fx.GraphModule:
    """Trace a network without its in-place operations, and check that it computes the same.

    Raises:
        NetworkError: It cannot be traced, or the trace computes something else.
    """
    traced = trace_module(module, input_shape=input_shape)
    writers = remove_inplace(traced)
    _check_same(traced, module, input_shape, traced=traced, writers=writers)
    return traced


def _check_same(
    run: Callable[[Tensor], Any],
    module: nn.Module,
    input_shape: tuple[int, int, int],
    *,
    traced: fx.GraphModule,
    writers: list[fx.Node],
) -> None:
    """Refuse a trace that computes something else, such as after writing through a view."""
    x = make_example(input_shape)
    with torch.inference_mode():
        same = _is_same(run(x.clone()), module(x.clone()))
    if not same:
        raise NetworkError(
            f"{type(module).__name__} writes over its own layers"
            f"{_describe_first_place(traced, writers)} in a way that cannot be traced; build "
            "it without in-place operations."
        )


def make_example(input_shape: tuple[int, int, int]) -> Tensor:
    """Make an input (1, C, H, W) whose values are all different."""
    return torch.linspace(-1, 1, math.prod(input_shape)).reshape(1, *input_shape)


def record_graph(
    traced: fx.GraphModule, *, input_shape: tuple[int, int, int], titles: dict[str, str]
) -> Graph:
    """Run a traced network once to learn every layer's shape, and name its layers."""
    recorder = _ShapeRecorder(traced)
    with torch.inference_mode():
        recorder.run(make_example(input_shape))
    return describe_graph(traced, shapes=recorder.shapes, titles=titles)


def describe_graph(
    traced: fx.GraphModule, *, shapes: dict[fx.Node, tuple[int, ...]], titles: dict[str, str]
) -> Graph:
    """Name the layers of a traced network.

    Args:
        traced: The graph module.
        shapes: Output of one image, without the batch axis, by node; others are left out.
        titles: Names for people by layer name; the others are named by kind and name.
    """
    layers = [
        _describe_node(node, traced=traced, shapes=shapes, titles=titles)
        for node in traced.graph.nodes
        if node.op != "output" and node in shapes
    ]
    return Graph(traced=traced, layers=tuple(layers))


def _is_same(traced: Any, output: Any) -> bool:
    """Whether two outputs hold the same numbers; a trace writing through a view would not."""
    ours, theirs = list_tensors(traced), list_tensors(output)
    return len(ours) == len(theirs) and all(
        one.shape == other.shape
        and torch.allclose(one, other, rtol=1e-4, atol=1e-5, equal_nan=True)
        for one, other in zip(ours, theirs, strict=True)
    )


def list_tensors(value: Any) -> list[Tensor]:
    """Return the tensors in an output: itself, or those in a tuple, list, dictionary or object."""
    if isinstance(value, Tensor):
        return [value]
    if is_dataclass(value) and not isinstance(value, type):
        value = {field.name: getattr(value, field.name) for field in fields(value)}
    if isinstance(value, Mapping):
        value = list(value.values())
    if isinstance(value, list | tuple):
        return [tensor for part in value for tensor in list_tensors(part)]
    return []


def _describe_first_place(traced: fx.GraphModule, writers: list[fx.Node]) -> str:
    """Say where a network writes over a part of a tensor, or else over a tensor."""
    writers = [node for node in traced.graph.nodes if node in writers or WRITTEN in node.meta]
    parts = [node for node in writers if name_operation(node.all_input_nodes[0]) in _VIEWS]
    return next(
        map(describe_place, (n.meta[PLACE] for n in parts + writers if PLACE in n.meta)), ""
    )


_VIEWS = frozenset(
    {"getitem", "chunk", "split", "view", "reshape", "flatten", "permute", "transpose", "select"}
    | {"narrow", "squeeze", "unsqueeze", "expand", "detach", "unbind"}
)


class _ShapeRecorder(fx.Interpreter):
    """Runs a graph and notes the shape of every tensor it computes."""

    def __init__(self, module: fx.GraphModule) -> None:
        super().__init__(module)
        self.extra_traceback = False  # an error's sentence is shown as it is
        self.shapes: dict[fx.Node, tuple[int, ...]] = {}
        self._of_image = list_image_nodes(module)

    def run_node(self, n: fx.Node) -> Any:
        note_arguments(n, self.env)
        result = super().run_node(n)
        # A tensor that is made of weights, or of sizes, is no layer.
        if isinstance(result, Tensor) and n in self._of_image and n.op != "output":
            self.shapes[n] = tuple(result.shape[1:])
            n.meta[FULL_SHAPE] = tuple(result.shape)
        return result


def _describe_node(
    node: fx.Node,
    *,
    traced: fx.GraphModule,
    shapes: dict[fx.Node, tuple[int, ...]],
    titles: dict[str, str],
) -> Layer:
    module = find_module(node, traced)
    if node.op == "placeholder":
        kind = LayerKind.INPUT
    elif moves_channels_only(node, module, shapes):
        kind = LayerKind.CHANNELS
    else:
        kind = _kind_of(node, module)
    # The input goes by one name, whatever the forward's author called its argument.
    name = "input" if kind is LayerKind.INPUT else node.name
    return Layer(
        name=name,
        kind=kind,
        shape=shapes[node],
        inputs=tuple(
            "input" if source.op == "placeholder" else source.name
            for source in list_sources(node, shapes)
        ),
        module=module,
        title=titles.get(name) or ("Input" if name == "input" else f"{name} ({kind})"),
        is_cellwise=is_cellwise(node, module, shapes),
    )


def _kind_of(node: fx.Node, module: nn.Module | None) -> LayerKind:
    if node.op == "call_module" and module is not None:
        for types, kind in _MODULE_KINDS:
            if isinstance(module, types):
                return kind
        return LayerKind.OTHER
    if node.target in (operator.add, operator.iadd, torch.add):
        return LayerKind.SUM
    return _OPERATION_KINDS.get(name_operation(node), LayerKind.OTHER)

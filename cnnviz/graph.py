"""The layers of a network, read off its traced graph: names, kinds, shapes and who feeds whom."""

import math
import operator
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import torch
from torch import Tensor, fx, nn
from torch.nn import functional

from cnnviz.errors import NetworkError
from cnnviz.inplace import remove_inplace
from cnnviz.tracing import trace_module


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
        module: The module it calls, or for a bare pooling one that does the same; None for other
            bare operations.
        title: Name for people.
        unit: Title of the block that it belongs to; empty where it stands alone.
    """

    name: str
    kind: LayerKind
    shape: tuple[int, ...]
    inputs: tuple[str, ...]
    module: nn.Module | None
    title: str
    unit: str = ""

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


# Each number by itself, whatever stands beside it.
POINTWISE_ACTIVATIONS = (
    nn.ReLU,
    nn.ReLU6,
    nn.LeakyReLU,
    nn.GELU,
    nn.SiLU,
    nn.Sigmoid,
    nn.Tanh,
    nn.Hardswish,
    nn.Hardsigmoid,
)
_MODULE_KINDS: tuple[tuple[tuple[type[nn.Module], ...], LayerKind], ...] = (
    ((nn.Conv2d,), LayerKind.CONVOLUTION),
    ((nn.Linear,), LayerKind.LINEAR),
    ((nn.MaxPool2d, nn.AdaptiveMaxPool2d), LayerKind.MAX_POOLING),
    ((nn.AvgPool2d, nn.AdaptiveAvgPool2d), LayerKind.AVERAGE_POOLING),
    (
        (*POINTWISE_ACTIVATIONS, nn.Softmax),
        LayerKind.ACTIVATION,
    ),
    (
        (nn.BatchNorm2d, nn.BatchNorm1d, nn.LayerNorm, nn.GroupNorm, nn.LocalResponseNorm),
        LayerKind.NORMALIZATION,
    ),
    ((nn.Dropout, nn.Dropout2d), LayerKind.DROPOUT),
    ((nn.MultiheadAttention,), LayerKind.ATTENTION),
    ((nn.Flatten,), LayerKind.RESHAPE),
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
    "sigmoid": LayerKind.ACTIVATION,
    "softmax": LayerKind.ACTIVATION,
    "einsum": LayerKind.ATTENTION,
    "shifted_window_attention": LayerKind.ATTENTION,
}

# Their functions take the same arguments, by position or by name.
_POOLING_MODULES: dict[Any, Callable[..., nn.Module]] = {
    functional.max_pool2d: nn.MaxPool2d,
    functional.avg_pool2d: nn.AvgPool2d,
    functional.adaptive_avg_pool2d: nn.AdaptiveAvgPool2d,
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
    traced = trace_module(module)
    remove_inplace(traced)
    recorder = _ShapeRecorder(traced)
    x = torch.linspace(-1, 1, math.prod(input_shape)).reshape(1, *input_shape)
    with torch.inference_mode():
        _check_same(recorder.run(x.clone()), module(x.clone()), module=module)
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


def _check_same(traced_output: Any, output: Any, *, module: nn.Module) -> None:
    """Refuse a trace that computes something else, such as after writing through a view."""
    if isinstance(output, Tensor) and not torch.allclose(
        traced_output, output, rtol=1e-4, atol=1e-5
    ):
        raise NetworkError(
            f"{type(module).__name__} writes over its own layers in a way that cannot be traced; "
            "build it without in-place operations."
        )


class _ShapeRecorder(fx.Interpreter):
    """Runs a graph and notes the shape of every tensor it computes."""

    def __init__(self, module: fx.GraphModule) -> None:
        super().__init__(module)
        self.shapes: dict[fx.Node, tuple[int, ...]] = {}

    def run_node(self, n: fx.Node) -> Any:
        result = super().run_node(n)
        if isinstance(result, Tensor) and n.op != "get_attr":
            self.shapes[n] = tuple(result.shape[1:])
        return result


def _describe_node(
    node: fx.Node,
    *,
    traced: fx.GraphModule,
    shapes: dict[fx.Node, tuple[int, ...]],
    titles: dict[str, str],
) -> Layer:
    module = traced.get_submodule(str(node.target)) if node.op == "call_module" else None
    if node.op == "call_function" and node.target in _POOLING_MODULES:
        module = _POOLING_MODULES[node.target](*node.args[1:], **node.kwargs)
    if node.op == "placeholder":
        kind = LayerKind.INPUT
    elif _moves_channels_only(node, module, shapes):
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
            for source in _list_sources(node, shapes)
        ),
        module=module,
        title=titles.get(name) or ("Input" if name == "input" else f"{name} ({kind})"),
    )


def _kind_of(node: fx.Node, module: nn.Module | None) -> LayerKind:
    if module is not None:
        for types, kind in _MODULE_KINDS:
            if isinstance(module, types):
                return kind
        return LayerKind.OTHER
    if node.target in (operator.add, operator.iadd, torch.add):
        return LayerKind.SUM
    return _OPERATION_KINDS.get(_name_operation(node), LayerKind.OTHER)


_SPLITS = ("chunk", "split")


def _name_operation(node: fx.Node) -> str:
    return str(getattr(node.target, "__name__", node.target))


def _list_sources(node: fx.Node, shapes: dict[fx.Node, tuple[int, ...]]) -> list[fx.Node]:
    """The tensors that a node reads; a part of a split reads what was split."""
    sources = []
    for source in node.all_input_nodes:
        if source in shapes:
            sources.append(source)
        elif _name_operation(source) in _SPLITS:
            sources += [split for split in source.all_input_nodes if split in shapes]
    return sources


def _moves_channels_only(
    node: fx.Node, module: nn.Module | None, shapes: dict[fx.Node, tuple[int, ...]]
) -> bool:
    """Whether each value stays at its row and column, as when channels are shuffled or split."""
    sources = _list_sources(node, shapes)
    if len(sources) != 1:
        return False
    before, after = shapes[sources[0]], shapes[node]
    if min(len(before), len(after)) < 3 or before[-2:] != after[-2:]:
        return False
    if module is not None:
        if isinstance(module, nn.ConstantPad3d):
            return not any(module.padding[:4])
        return isinstance(module, nn.ChannelShuffle)
    operation = _name_operation(node)
    if operation in ("view", "reshape"):
        # Rows and columns come last in memory: a view that leaves them alone moves channels only.
        return math.prod(before) == math.prod(after)
    if operation == "transpose":
        return all(isinstance(axis, int) and 0 < axis < len(before) - 1 for axis in node.args[1:3])
    return operation == "contiguous" or _is_part_of_channels(node)


def _is_part_of_channels(node: fx.Node) -> bool:
    split = node.all_input_nodes[0]
    if _name_operation(node) != "getitem" or _name_operation(split) not in _SPLITS:
        return False
    return bool(split.kwargs.get("dim", split.args[2] if len(split.args) > 2 else 0) == 1)

"""What a network costs, layer by layer: shapes, memory, parameters, multiply-adds.

Nothing is computed and no weight is held: the network is built and run on torch's meta device,
which knows shapes only. Multiply-adds are counted as one (one multiply and one add); memory is
float32 activations of one image; a kilobyte has 1024 bytes.
"""

from collections.abc import Callable, Container
from dataclasses import dataclass
from math import prod
from typing import Any

import torch
from torch import Tensor, fx, nn

from cnnviz.costs.arithmetic import output_size
from cnnviz.costs.flops import MultiplyAddCounter
from cnnviz.costs.layer_counts import (
    Call,
    Counts,
    WindowShape,
    count_function,
    count_module,
    find_window,
)
from cnnviz.errors import ArithmeticInputError, NetworkError
from cnnviz.networks.graph.calls import note_arguments
from cnnviz.networks.graph.layers import Graph, Layer, LayerKind, describe_graph
from cnnviz.networks.graph.sizes import list_image_nodes
from cnnviz.networks.graph.trace import trace_module
from cnnviz.networks.zoo.meta_build import build_on_meta, materialize
from cnnviz.receptive_fields.theoretical import Field, compute_fields

_BYTES = 4  # of a float32
# Their outputs are kept. Normalisation, activations and dropout write over what they read, and a
# reshape is another view of it.
_KEPT = frozenset(
    {
        LayerKind.CONVOLUTION,
        LayerKind.LINEAR,
        LayerKind.ATTENTION,
        LayerKind.MAX_POOLING,
        LayerKind.AVERAGE_POOLING,
        LayerKind.SUM,
        LayerKind.CONCATENATION,
    }
)


# What they yield has the shape of what they read, so they need not be run: torch's meta device
# takes a millisecond for some of them.
_SHAPE_KEEPING = (
    nn.BatchNorm2d,
    nn.LocalResponseNorm,
    nn.ReLU,
    nn.ReLU6,
    nn.SiLU,
    nn.GELU,
    nn.Hardswish,
    nn.Sigmoid,
    nn.Dropout,
)


@dataclass(frozen=True, slots=True, eq=False)
class LayerCost:
    """One layer's row of the cost table.

    Attributes:
        name: Name in the graph.
        title: Path of the module, as its author named it.
        kind: What it does.
        operation: Class of its module, or name of the bare operation.
        inputs: Names of the layers it reads, in order; the network's input is “input”.
        input_shape: What it reads first, without the batch axis.
        output_shape: What it yields, without the batch axis.
        filters: Output channels or features of a layer with weights; None elsewhere.
        groups: Groups of a convolution, else 1.
        parameters: Weights and biases, counted where the module is first used.
        biases: Those of them that are biases.
        counts: Its operations and its sliding window.
        field: Receptive field and jump in input pixels; None where they are not defined.
    """

    name: str
    title: str
    kind: LayerKind
    operation: str
    inputs: tuple[str, ...]
    input_shape: tuple[int, ...]
    output_shape: tuple[int, ...]
    filters: int | None
    groups: int
    parameters: int
    biases: int
    counts: Counts
    field: Field | None

    @property
    def memory_bytes(self) -> int:
        """Bytes of the output, float32, one image."""
        return prod(self.output_shape) * _BYTES

    @property
    def is_kept(self) -> bool:
        """Whether the output takes memory of its own."""
        return self.kind in _KEPT


@dataclass(frozen=True, slots=True, eq=False)
class CostTable:
    """All layers of a network at one input size.

    Attributes:
        input_shape: One image, (C, H, W).
        layers: In the order of computation, the input left out.
        unused_parameters: Of modules that only run in training, such as auxiliary heads.
    """

    input_shape: tuple[int, int, int]
    layers: tuple[LayerCost, ...]
    unused_parameters: int

    @property
    def parameters(self) -> int:
        """All weights and biases, auxiliary heads included."""
        return sum(layer.parameters for layer in self.layers) + self.unused_parameters

    @property
    def uncounted(self) -> tuple[str, ...]:
        """Titles of the layers whose multiply-adds are not counted: the totals are a least then."""
        return tuple(layer.title for layer in self.layers if not layer.counts.is_complete)

    @property
    def multiply_adds(self) -> int:
        """Of weights and attention, for one image; at least, where some are not counted."""
        return sum(layer.counts.multiply_adds for layer in self.layers)

    @property
    def memory_bytes(self) -> int:
        """Activations that take memory of their own, float32, one image."""
        return sum(layer.memory_bytes for layer in self.layers if layer.is_kept)

    def find(self, name: str) -> LayerCost:
        """Return the layer of this title or name.

        Raises:
            NetworkError: There is none.
        """
        for layer in self.layers:
            if name in (layer.title, layer.name):
                return layer
        raise NetworkError(f"There is no layer “{name}” in this network.")


def compute_costs(
    build: Callable[[], nn.Module], *, input_shape: tuple[int, int, int]
) -> CostTable:
    """Compute a network's cost table without allocating a weight.

    Args:
        build: Makes the module.
        input_shape: One image, (C, H, W).

    Raises:
        ArithmeticInputError: The input is so small that a kernel does not fit.
        NetworkError: The network does not take this input, or has no fixed graph.
    """
    return measure_costs(_build(build, input_shape), input_shape=input_shape)


def trace_shapes(build: Callable[[], nn.Module], *, input_shape: tuple[int, int, int]) -> Graph:
    """Trace a network's layers and their shapes without allocating a weight.

    Args:
        build: Makes the module.
        input_shape: One image, (C, H, W).

    Raises:
        ArithmeticInputError: The input is so small that a kernel does not fit.
        NetworkError: The network does not take this input, or has no fixed graph.
    """
    graph, _ = _record(_build(build, input_shape), input_shape)
    return graph


def _build(build: Callable[[], nn.Module], input_shape: tuple[int, int, int]) -> nn.Module:
    try:
        return build_on_meta(build)
    except (ValueError, AssertionError) as error:
        raise NetworkError(
            f"This network cannot be built for an input of {input_shape[1]}×{input_shape[2]}; "
            "choose the size that it was published for."
        ) from error


def measure_costs(module: nn.Module, *, input_shape: tuple[int, int, int]) -> CostTable:
    """Compute the cost table of a network that is already built, on whatever device it is.

    Args:
        module: In evaluation mode.
        input_shape: One image, (C, H, W).

    Raises:
        ArithmeticInputError: The input is so small that a kernel does not fit.
        NetworkError: The network does not take this input, or has no fixed graph.
    """
    graph, recorder = _record(module, input_shape)
    layers = _make_rows(graph, recorder=recorder)
    used = sum(layer.parameters for layer in layers)
    total = sum(parameter.numel() for parameter in module.parameters())
    return CostTable(input_shape=input_shape, layers=layers, unused_parameters=total - used)


def _record(module: nn.Module, input_shape: tuple[int, int, int]) -> tuple[Graph, "_CostRecorder"]:
    materialize(module, input_shape)
    traced = trace_module(module, input_shape=input_shape)
    recorder = _CostRecorder(traced)
    device = next((parameter.device for parameter in module.parameters()), None)
    with torch.no_grad():
        recorder.run(torch.zeros(1, *input_shape, device=device))
    return describe_graph(traced, shapes=recorder.shapes, titles={}), recorder


def _make_rows(graph: Graph, *, recorder: "_CostRecorder") -> tuple[LayerCost, ...]:
    fields = compute_fields(graph)
    nodes = {node.name: node for node in graph.traced.graph.nodes}
    shapes = {layer.name: layer.shape for layer in graph.layers}
    parameters = _share_out_parameters(graph.traced, recorder.shapes)
    return tuple(
        _make_row(
            layer,
            node=nodes[layer.name],
            input_shape=shapes[layer.inputs[0]] if layer.inputs else (),
            parameters=parameters.get(nodes[layer.name], []),
            counts=recorder.counts[nodes[layer.name]],
            field=fields.get(layer.name),
        )
        for layer in graph.layers
        if layer.kind is not LayerKind.INPUT
    )


def _make_row(
    layer: Layer,
    *,
    node: fx.Node,
    input_shape: tuple[int, ...],
    parameters: list[tuple[str, int]],
    counts: Counts,
    field: Field | None,
) -> LayerCost:
    module = layer.module
    filters = getattr(module, "out_channels", getattr(module, "out_features", None))
    return LayerCost(
        name=layer.name,
        title=str(node.target) if node.op == "call_module" else layer.name,
        kind=layer.kind,
        operation=_name_operation(node, module),
        inputs=layer.inputs,
        input_shape=input_shape,
        output_shape=layer.shape,
        filters=filters if isinstance(filters, int) else None,
        groups=module.groups if isinstance(module, nn.Conv2d) else 1,
        parameters=sum(size for _, size in parameters),
        biases=sum(size for name, size in parameters if name.endswith("bias")),
        counts=counts,
        field=field,
    )


def _name_operation(node: fx.Node, module: nn.Module | None) -> str:
    target = module if node.op == "call_module" else node.target
    return str(type(target).__name__ if target is module else getattr(target, "__name__", target))


def _share_out_parameters(
    traced: fx.GraphModule, layers: Container[fx.Node]
) -> dict[fx.Node, list[tuple[str, int]]]:
    """Give every parameter to the layer that first uses it, as (name, size)."""
    named = dict(traced.named_parameters())
    taken: set[str] = set()
    shares: dict[fx.Node, list[tuple[str, int]]] = {}
    for node in traced.graph.nodes:
        for name in _name_parameters(node, traced, layers) if node in layers else ():
            if name in named and name not in taken:
                taken.add(name)
                shares.setdefault(node, []).append((name, named[name].numel()))
    return shares


def _name_parameters(
    node: fx.Node, traced: fx.GraphModule, layers: Container[fx.Node]
) -> list[str]:
    """The parameters that an operation uses, also where they are computed with first."""
    found, target = [], str(node.target)
    if node.op == "get_attr":
        return [target]
    if node.op == "call_module":
        part = traced.get_submodule(target)
        found = [name for name, _ in part.named_parameters(prefix=target)]
    for source in node.all_input_nodes:
        if source not in layers:
            found += _name_parameters(source, traced, layers)
    return found


class _CostRecorder(fx.Interpreter):
    """Runs a graph on shapes alone and counts every operation."""

    def __init__(self, module: fx.GraphModule) -> None:
        super().__init__(module)
        self.extra_traceback = False  # an error's sentence is shown as it is
        self.shapes: dict[fx.Node, tuple[int, ...]] = {}
        self.counts: dict[fx.Node, Counts] = {}
        self._of_image = list_image_nodes(module)

    def call_module(self, target: fx.node.Target, args: tuple[Any, ...], kwargs: Any) -> Any:
        if args and isinstance(self.fetch_attr(str(target)), _SHAPE_KEEPING):
            return args[0]
        return super().call_module(target, args, kwargs)

    def run_node(self, n: fx.Node) -> Any:
        if n.op in ("get_attr", "output"):
            return super().run_node(n)
        module = self.fetch_attr(str(n.target)) if n.op == "call_module" else None
        operation = str(getattr(n.target, "__name__", n.target))
        args, kwargs = self.fetch_args_kwargs_from_env(n)
        if n.op != "placeholder":
            _check_fits(n, module=module, operation=operation, args=args, kwargs=kwargs)
        note_arguments(n, self.env)
        try:
            with MultiplyAddCounter() as counter:
                result = super().run_node(n)
        except (RuntimeError, AssertionError) as error:
            raise NetworkError(
                f"Layer “{n.target}” cannot take what this input size gives it; choose the size "
                "that the network was published for."
            ) from error
        answer = result
        if isinstance(result, tuple) and result and (module or counter.multiply_adds):
            answer = result[0]  # of attention, with its weights, or a recurrent layer
        # Products of weights alone are work as well, such as positions that a small network learns.
        is_work = n in self._of_image or module is not None or counter.multiply_adds > 0
        if isinstance(answer, Tensor) and is_work:
            self.shapes[n] = tuple(answer.shape[1:])
            call = Call(args=args, kwargs=kwargs, result=answer)
            self.counts[n] = (
                count_module(module, call, counter)
                if module is not None
                else count_function(operation, call, counter)
            )
        return result


def _check_fits(
    node: fx.Node,
    *,
    module: nn.Module | None,
    operation: str,
    args: tuple[Any, ...],
    kwargs: dict[str, Any],
) -> None:
    """Answer a kernel that does not fit with the formula and this layer's own numbers."""
    tensors = [value for value in args if isinstance(value, Tensor)]
    if not tensors:
        return
    window = find_window(operation, module, Call(args=args, kwargs=kwargs, result=tensors[0]))
    if window is None:
        return
    for axis in (0, 1):
        try:
            _output_along(window, size=tensors[0].shape[2 + axis], axis=axis)
        except ArithmeticInputError as error:
            raise ArithmeticInputError(
                f"The input is too small for this network: at layer “{node.target}”, {error} "
                "A larger input is the other mend."
            ) from error


def _output_along(window: WindowShape, *, size: int, axis: int) -> int:
    return output_size(
        size,
        kernel=window.kernel[axis],
        stride=window.stride[axis],
        padding=window.padding[axis],
        dilation=window.dilation[axis],
        ceil_mode=window.ceil_mode,
    )

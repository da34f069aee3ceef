"""The calls of a traced network, read with values where the author wrote sizes of tensors.

`F.avg_pool2d(x, x.size(2))` has a node for its kernel. Once an image has gone through, the node's
value is known: here a call is read with such values in place, so that nobody meets a node where a
number is expected.
"""

from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch import Tensor, fx, nn
from torch.nn import functional

from cnnviz.networks.graph.one_by_one import OneByOne
from cnnviz.networks.graph.sizes import reads_sizes

_ARGUMENTS = "arguments"  # of a node's meta
FULL_SHAPE = "full shape"  # of a node's meta: for one image, also where its axis is not the first

Shapes = Mapping[fx.Node, tuple[int, ...]]

# Each number by itself, or each cell with all of its channels, whatever stands beside it.
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
    nn.Hardtanh,
    nn.ELU,
    nn.CELU,
    nn.SELU,
    nn.Mish,
    nn.PReLU,
    nn.RReLU,
    nn.Softplus,
    nn.Softsign,
    nn.LogSigmoid,
    nn.Threshold,
)
_CELLWISE_MODULES = (
    *POINTWISE_ACTIVATIONS,
    nn.Identity,
    nn.Dropout,
    nn.Dropout2d,
    nn.LocalResponseNorm,
    nn.ChannelShuffle,
    nn.Softmax2d,
)
# By name: torch, its functional module, tensors' methods and Python's operators all write them so.
_CELLWISE_FUNCTIONS = frozenset(
    {
        *("relu", "relu6", "leaky_relu", "gelu", "silu", "sigmoid", "tanh", "hardswish", "elu"),
        *("hardsigmoid", "hardtanh", "mish", "softplus", "selu", "celu", "softsign", "logsigmoid"),
        *("dropout", "stochastic_depth", "local_response_norm", "prelu", "rrelu", "threshold"),
        *("add", "sub", "rsub", "subtract", "mul", "multiply", "truediv", "div", "divide", "neg"),
        *("floordiv", "pow", "exp", "log", "log1p", "sqrt", "rsqrt", "abs", "square", "reciprocal"),
        *("clamp", "clamp_min", "clamp_max", "clip", "sin", "cos", "erf", "sign", "floor", "round"),
        *("maximum", "minimum", "where", "lerp", "addcmul", "contiguous", "clone", "detach"),
        *("float", "to", "type", "type_as", "nan_to_num", "masked_fill", "logical_and"),
        *("logical_or", "logical_not", "bool", "gt", "ge", "lt", "le", "eq", "ne"),
    }
)
# Over the channels of each cell, where that is the axis that they are given.
_ALONG_AXIS = {"softmax": "dim", "log_softmax": "dim", "normalize": "dim", "cat": "dim"}
_ALONG_AXIS |= {"concat": "dim", "concatenate": "dim"}
_REDUCING = frozenset({"mean", "sum", "amax", "amin", "std", "var", "norm", "logsumexp", "prod"})
_SPLITS = ("chunk", "split", "tensor_split", "split_with_sizes")


def name_operation(node: fx.Node) -> str:
    """Return the name of what a node calls: “add”, “max_pool2d”, or a module's path."""
    if node.op == "call_module" and node.graph.owning_module is not None:
        module = node.graph.owning_module.get_submodule(str(node.target))
        if isinstance(module, OneByOne) and module.title:
            return module.title
    return str(getattr(node.target, "__name__", node.target))


def note_arguments(node: fx.Node, values: Mapping[fx.Node, Any]) -> None:
    """Keep a call's arguments with what is known in place: sizes and other plain values.

    Args:
        node: The call; its tensors stay nodes.
        values: What the nodes that it reads have yielded for one image.
    """

    def read(source: fx.Node) -> Any:
        return source if _holds_tensor(values[source]) else values[source]

    node.meta[_ARGUMENTS] = fx.node.map_arg((node.args, node.kwargs), read)


def _holds_tensor(value: Any) -> bool:
    found: list[bool] = []
    fx.node.map_aggregate(value, lambda part: found.append(isinstance(part, Tensor)))
    return any(found)


def read_arguments(node: fx.Node) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """Return a call's arguments by place and by name, with values where they are known."""
    args, kwargs = node.meta.get(_ARGUMENTS, (node.args, node.kwargs))
    return tuple(args), dict(kwargs)


def read_argument(node: fx.Node, place: int, name: str, default: Any) -> Any:
    """Return one argument of a call, given by place or by name."""
    args, kwargs = read_arguments(node)
    return args[place] if len(args) > place else kwargs.get(name, default)


def list_sources(node: fx.Node, shapes: Shapes) -> list[fx.Node]:
    """Return the layers that a node reads; a part of a split, say, reads what was split."""
    found: dict[fx.Node, None] = {}
    for source in node.all_input_nodes:
        if source in shapes:
            found[source] = None
        elif not reads_sizes(source):
            found |= dict.fromkeys(list_sources(source, shapes))
    return list(found)


def find_module(node: fx.Node, traced: fx.GraphModule) -> nn.Module | None:
    """Return the module that a node calls, or for a bare function one that does the same.

    A convolution or linear layer made for a function shares its weights.
    """
    if node.op == "call_module":
        module = traced.get_submodule(str(node.target))
        return module.inner if isinstance(module, OneByOne) else module
    if node.op != "call_function":
        return None
    if node.target in _POOLINGS:
        make, names = _POOLINGS[node.target]
        args, kwargs = read_arguments(node)
        given = dict(zip(names, args[1:], strict=False)) | kwargs
        given.pop("input", None)
        if given.pop("return_indices", False) or _holds_node(given):
            return None
        return make(**given)
    if node.target in (functional.conv2d, torch.conv2d):
        return _find_convolution(node, traced)
    return _find_linear(node, traced) if node.target is functional.linear else None


def _holds_node(value: Any) -> bool:
    found: list[bool] = []
    fx.node.map_aggregate(value, lambda part: found.append(isinstance(part, fx.Node)))
    return any(found)


_SLIDING = ("kernel_size", "stride", "padding")
_POOLINGS: dict[Any, tuple[Callable[..., nn.Module], tuple[str, ...]]] = {
    functional.max_pool2d: (nn.MaxPool2d, (*_SLIDING, "dilation", "ceil_mode", "return_indices")),
    torch.max_pool2d: (nn.MaxPool2d, (*_SLIDING, "dilation", "ceil_mode")),
    functional.avg_pool2d: (
        nn.AvgPool2d,
        (*_SLIDING, "ceil_mode", "count_include_pad", "divisor_override"),
    ),
    functional.adaptive_avg_pool2d: (nn.AdaptiveAvgPool2d, ("output_size",)),
    functional.adaptive_max_pool2d: (nn.AdaptiveMaxPool2d, ("output_size", "return_indices")),
}


def _find_convolution(node: fx.Node, traced: fx.GraphModule) -> nn.Module | None:
    """Give `F.conv2d` with weights of the network the module that it stands for."""
    names = ("input", "weight", "bias", "stride", "padding", "dilation", "groups")
    args, kwargs = read_arguments(node)
    given = dict(zip(names, args, strict=False)) | kwargs
    weight, bias = (_find_weight(given.get(name), traced) for name in ("weight", "bias"))
    rest = {name: given[name] for name in names[3:] if name in given}
    if weight is None or (bias is None) is not (given.get("bias") is None) or _holds_node(rest):
        return None
    module = nn.Conv2d(
        weight.shape[1] * rest.get("groups", 1),
        weight.shape[0],
        (weight.shape[2], weight.shape[3]),
        bias=bias is not None,
        device="meta",
        **rest,
    ).eval()
    return _share(module, weight, bias)


def _find_linear(node: fx.Node, traced: fx.GraphModule) -> nn.Module | None:
    weight = _find_weight(read_argument(node, 1, "weight", None), traced)
    given = read_argument(node, 2, "bias", None)
    bias = _find_weight(given, traced)
    if weight is None or weight.dim() != 2 or (bias is None) is not (given is None):
        return None
    module = nn.Linear(weight.shape[1], weight.shape[0], bias=bias is not None, device="meta")
    return _share(module.eval(), weight, bias)


def _share(module: nn.Module, weight: Tensor, bias: Tensor | None) -> nn.Module:
    module.weight = nn.Parameter(weight, requires_grad=False)
    if bias is not None:
        module.bias = nn.Parameter(bias, requires_grad=False)
    return module


def _find_weight(source: Any, traced: fx.GraphModule) -> Tensor | None:
    """The tensor of the network that an argument is; None where it is computed."""
    if not isinstance(source, fx.Node) or source.op != "get_attr":
        return None
    value: Any = traced
    for name in str(source.target).split("."):
        value = getattr(value, name)
    return value.detach() if isinstance(value, Tensor) else None


def moves_channels_only(node: fx.Node, module: nn.Module | None, shapes: Shapes) -> bool:
    """Whether each value stays at its row and column, as when channels are shuffled or split."""
    sources = list_sources(node, shapes)
    if len(sources) != 1:
        return False
    before, after = shapes[sources[0]], shapes[node]
    if min(len(before), len(after)) < 3 or before[-2:] != after[-2:]:
        return False
    if module is not None:
        if isinstance(module, nn.ConstantPad3d):
            return not any(module.padding[:4])
        return isinstance(module, nn.ChannelShuffle)
    operation = name_operation(node)
    if operation in ("view", "reshape"):
        # Rows and columns come last in memory: a view that leaves them alone moves channels only.
        return _count(before) == _count(after)
    if operation == "transpose":
        axes = (read_argument(node, 1, "dim0", 0), read_argument(node, 2, "dim1", 0))
        return all(isinstance(axis, int) and 0 < axis < len(before) - 1 for axis in axes)
    return operation in ("contiguous", "channel_shuffle") or _is_part_of_channels(node)


def _count(shape: tuple[int, ...]) -> int:
    return int(torch.Size(shape).numel())


def _is_part_of_channels(node: fx.Node) -> bool:
    split = node.all_input_nodes[0]
    if name_operation(node) != "getitem" or name_operation(split) not in _SPLITS:
        return False
    return read_argument(split, 2, "dim", 0) in (1, -3)


def is_cellwise(node: fx.Node, module: nn.Module | None, shapes: Shapes) -> bool:
    """Whether each cell of a node's maps depends on the same cell of what it reads, and no other.

    All channels of the cell may take part. What it reads may also be one row, one column or one
    cell, which then serves all. A number of a vector depends on the same number.
    """
    shape, sources = shapes[node], list_sources(node, shapes)
    if not sources or node.op == "placeholder":
        return False
    if not all(_is_laid_over(shapes[source], shape) for source in sources):
        return False
    if moves_channels_only(node, module, shapes):
        return True
    if node.op == "call_module":
        if isinstance(module, nn.BatchNorm1d | nn.BatchNorm2d):
            return module.running_mean is not None and not module.training
        if isinstance(module, nn.Softmax | nn.LogSoftmax):
            return _is_channel_axis(module.dim, shape)
        return isinstance(module, _CELLWISE_MODULES)
    name = name_operation(node).strip("_")
    if name in _ALONG_AXIS:
        default = 1 if name == "normalize" else 0
        return _is_channel_axis(read_argument(node, _PLACES.get(name, 1), "dim", default), shape)
    if name in _REDUCING:
        return _is_channel_axis(read_argument(node, 1, "dim", None), shape)
    return name in _CELLWISE_FUNCTIONS and node.op in ("call_function", "call_method")


_PLACES = {"normalize": 2}


def _is_channel_axis(axis: Any, shape: tuple[int, ...]) -> bool:
    """Whether an axis, or the only one of a list, is that of the channels of maps (C, H, W)."""
    if isinstance(axis, list | tuple) and len(axis) == 1:
        axis = axis[0]
    return len(shape) == 3 and isinstance(axis, int) and axis in (1, -3)


def _is_laid_over(below: tuple[int, ...], shape: tuple[int, ...]) -> bool:
    """Whether rows and columns of one layer lie over those of another."""
    if len(shape) < 3:
        return below == shape
    return len(below) >= 3 and all(
        size in (1, wanted) for size, wanted in zip(below[-2:], shape[-2:], strict=True)
    )


def resolve_padding(module: nn.Module) -> tuple[tuple[int, int], tuple[int, int]]:
    """Return the cells that a convolution or pooling adds: ((top, bottom), (left, right)).

    torch's “same” puts the odd cell of an even kernel at the end.
    """
    padding, kernel = module.padding, _pair(module.kernel_size)
    if padding == "valid":
        return (0, 0), (0, 0)
    if padding == "same":
        rows, columns = (
            step * (length - 1) for step, length in zip(_pair(module.dilation), kernel, strict=True)
        )
        return (rows // 2, rows - rows // 2), (columns // 2, columns - columns // 2)
    top, left = _pair(padding)
    return (top, top), (left, left)


def _pair(value: Any) -> tuple[int, int]:
    return (value, value) if isinstance(value, int) else (int(value[0]), int(value[1]))

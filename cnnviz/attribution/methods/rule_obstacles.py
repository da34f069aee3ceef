"""Which operations of a network a method that goes back by rules has a rule for."""

from typing import Any

from torch import fx, nn

from cnnviz.networks.graph.calls import find_module, name_operation, read_argument
from cnnviz.networks.graph.layers import Graph
from cnnviz.networks.graph.sizes import list_image_nodes, reads_sizes

LINEAR_MODULES: tuple[type[nn.Module], ...] = (
    nn.Conv2d,
    nn.Linear,
    nn.BatchNorm2d,
    nn.AvgPool2d,
    nn.AdaptiveAvgPool2d,
    nn.Dropout,
    nn.Dropout2d,
    nn.Identity,
    nn.Flatten,
    nn.ZeroPad2d,
)
# A factor, or a division, is linear only by a number.
_SCALING = frozenset({"mul", "truediv", "div", "multiply", "divide"})
_SUMS = frozenset({"add", "iadd"})
_MOVING = frozenset({"cat", "concat", "flatten", "view", "reshape", "contiguous"})
LINEAR_FUNCTIONS = frozenset(
    {
        *("sub", "mean", "pad", "permute", "transpose", "unsqueeze", "squeeze", "chunk", "split"),
        *("getitem", "channel_shuffle", "neg", "clone", "getattr"),
        *_SCALING,
    }
)
_ALWAYS = frozenset({*_SUMS, *_MOVING, "dropout", "stochastic_depth", "relu", "relu6"})


def list_missing_rules(
    graph: Graph, *, modules: tuple[type[nn.Module], ...], functions: frozenset[str] = frozenset()
) -> list[str]:
    """Name the operations of a network that are neither of these modules nor functions.

    Sums, concatenations, changes of shape, dropout and ReLUs are always allowed.
    """
    image_nodes = list_image_nodes(graph.traced)  # others work out sizes
    found = {
        _title(node, graph.traced)
        for node in graph.traced.graph.nodes
        if node in image_nodes and not _has_rule(node, graph.traced, modules, functions | _ALWAYS)
    }
    return sorted(found)


def _has_rule(
    node: fx.Node,
    traced: fx.GraphModule,
    modules: tuple[type[nn.Module], ...],
    functions: frozenset[str],
) -> bool:
    if node.op in ("placeholder", "output", "get_attr") or reads_sizes(node):
        return True
    module = find_module(node, traced)
    if module is not None:
        return type(module) in modules
    name = name_operation(node).strip("_")
    if name in _SCALING and not _is_by_number(node):
        return False
    return node.op != "call_module" and name in functions


def _is_by_number(node: fx.Node) -> bool:
    """Whether a product has one tensor that was computed from the image."""
    operands: list[Any] = [read_argument(node, place, "other", None) for place in (0, 1)]
    computed = [each for each in operands if isinstance(each, fx.Node) and each.op != "get_attr"]
    name = name_operation(node).strip("_")
    is_divisor = "div" in name and isinstance(operands[1], fx.Node)
    return len(computed) == 1 and not is_divisor


def _title(node: fx.Node, traced: fx.GraphModule) -> str:
    module = find_module(node, traced)
    if module is not None:
        return type(module).__name__
    name = name_operation(node).strip("_")
    return "products of two layers" if name in _SCALING else name


def describe_missing(method: str, missing: list[str]) -> str | None:
    """Say that a method has no rule for operations; None where none are missing."""
    if not missing:
        return None
    names = " and ".join(filter(None, [", ".join(missing[:-1]), missing[-1]]))
    return (
        f"{method} has no rule for {names}, which this network uses; choose another method or "
        "another network."
    )

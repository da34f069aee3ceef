"""A network whose ReLUs hand gradients down by another rule: deconvnet and guided backprop.

The traced graph is copied and each of its ReLUs (a module, a function or a method, used once or
often) becomes a function with its own backward pass. Nothing else is changed: max pooling hands
the signal to the place where its maximum was, a convolution to its transposed kernel.

ReLU6 counts as a ReLU: for guided backprop it is off where its output is 0 and also where it is 6,
as in its own derivative. Sigmoids stay as they are, since they scale maps (squeeze and excitation)
and hand on a gradient of the same sign.
"""

from collections.abc import Callable
from enum import StrEnum
from typing import Any

import torch
from torch import Tensor, fx, nn
from torch.autograd.function import FunctionCtx
from torch.nn import functional

from cnnviz.device import add_transfers
from cnnviz.networks.graph.layers import Graph
from cnnviz.networks.graph.per_graph import keep_by_key_per_graph


class ReluRule(StrEnum):
    """What a ReLU hands down.

    Source:
        Springenberg et al.: Striving for Simplicity, 2015, figure 1.
    """

    DECONVNET = "what is above zero of the signal that comes down"
    GUIDED = "the same, and only where the unit was on"


class _DeconvnetRelu(torch.autograd.Function):
    """ReLU up to a ceiling; on the way down, what is above zero of the signal."""

    @staticmethod
    def forward(_ctx: FunctionCtx, x: Tensor, ceiling: float) -> Tensor:
        return _clip(x, ceiling)

    @staticmethod
    def backward(_ctx: FunctionCtx, *signals: Tensor) -> tuple[Tensor, None]:
        return signals[0].clamp(min=0), None


class _GuidedRelu(torch.autograd.Function):
    """ReLU up to a ceiling; on the way down, what is above zero of the signal where it was on."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, ceiling: float) -> Tensor:
        y = _clip(x, ceiling)
        ctx.save_for_backward(y)
        ctx.ceiling = ceiling
        return y

    @staticmethod
    def backward(ctx: Any, *signals: Tensor) -> tuple[Tensor, None]:
        (y,) = ctx.saved_tensors
        passed: Tensor = torch.ops.aten.hardtanh_backward(signals[0], y, 0, ctx.ceiling)
        return passed.clamp_(min=0), None


def _clip(x: Tensor, ceiling: float) -> Tensor:
    return x.clamp(min=0, max=ceiling)


# fx writes a function into the copied graph by its name in this module.
def pass_deconvnet(x: Tensor, ceiling: float) -> Tensor:
    """Compute a ReLU with the deconvnet's way down, any shape."""
    y: Tensor = _DeconvnetRelu.apply(x, ceiling)  # type: ignore[no-untyped-call]
    return y


def pass_guided(x: Tensor, ceiling: float) -> Tensor:
    """Compute a ReLU with guided backprop's way down, any shape."""
    y: Tensor = _GuidedRelu.apply(x, ceiling)  # type: ignore[no-untyped-call]
    return y


_PASSES: dict[ReluRule, Callable[[Tensor, float], Tensor]] = {
    ReluRule.DECONVNET: pass_deconvnet,
    ReluRule.GUIDED: pass_guided,
}
_RELUS = (functional.relu, torch.relu, "relu")
# Smooth or leaky: they have no side that is off, on which both rules rest.
_OTHER_MODULES = (
    nn.CELU,
    nn.ELU,
    nn.GELU,
    nn.Hardswish,
    nn.LeakyReLU,
    nn.Mish,
    nn.PReLU,
    nn.RReLU,
    nn.SELU,
    nn.SiLU,
    nn.Softplus,
    nn.Tanh,
)
_OTHER_NAMES = {kind.__name__.lower(): kind.__name__ for kind in _OTHER_MODULES} | {
    "leaky_relu": "LeakyReLU"
}


def find_relu_obstacle(graph: Graph) -> str | None:
    """Say why rules for ReLUs do not apply to a network; None where they do."""
    ceilings = [find_ceiling(node, graph.traced) for node in graph.traced.graph.nodes]
    others = sorted(
        {
            name
            for node in graph.traced.graph.nodes
            if (name := _name_other(node, graph.traced)) is not None
        }
    )
    if others:
        return (
            f"This method changes how a gradient passes a ReLU, and this network also uses "
            f"{' and '.join(others)}, which it says nothing about; choose another method."
        )
    if all(ceiling is None for ceiling in ceilings):
        return (
            "This method changes how a gradient passes a ReLU, and this network has none; choose "
            "another method."
        )
    return None


def find_ceiling(node: fx.Node, traced: fx.GraphModule) -> float | None:
    """Return the largest value of a ReLU: 6 for ReLU6, else infinite; None for other nodes."""
    if node.op == "call_module":
        module = traced.get_submodule(str(node.target))
        if isinstance(module, nn.ReLU6):
            return 6.0
        return float("inf") if isinstance(module, nn.ReLU) else None
    if node.op == "call_function" and node.target is functional.relu6:
        return 6.0
    if node.op in ("call_function", "call_method") and node.target in _RELUS:
        return float("inf")
    return None


def _name_other(node: fx.Node, traced: fx.GraphModule) -> str | None:
    if node.op == "call_module":
        module = traced.get_submodule(str(node.target))
        return type(module).__name__ if isinstance(module, _OTHER_MODULES) else None
    if node.op in ("call_function", "call_method"):
        return _OTHER_NAMES.get(str(getattr(node.target, "__name__", node.target)))
    return None


@keep_by_key_per_graph
def take_rewritten(graph: Graph, rule: ReluRule) -> fx.GraphModule:
    """Return a network of the same weights whose ReLUs hand gradients down by a rule.

    Its nodes have the names of the graph's.
    """
    return rewrite_relus(graph.traced, rule)


def rewrite_relus(traced: fx.GraphModule, rule: ReluRule) -> fx.GraphModule:
    """Copy a traced network and put a rule into each of its ReLUs."""
    copy = fx.Graph()
    nodes: dict[fx.Node, fx.Node] = {}
    for node in traced.graph.nodes:
        twin = copy.node_copy(node, nodes.__getitem__)
        ceiling = find_ceiling(node, traced)
        if ceiling is not None:
            twin.op = "call_function"
            twin.target = _PASSES[rule]
            twin.args, twin.kwargs = (nodes[node.all_input_nodes[0]], ceiling), {}
        nodes[node] = twin
    rewritten = fx.GraphModule(traced, copy)
    rewritten.recompile()
    return add_transfers(rewritten)

"""Layer-wise relevance propagation: the logit handed down, to each input by what it put in."""

from typing import Any

import torch
from torch import Tensor, fx, nn
from torch.nn import functional

from cnnviz.attribution.methods.captum_calls import import_captum
from cnnviz.attribution.methods.private_copy import PrivateCopy, copy_network
from cnnviz.attribution.methods.relu_rules import find_ceiling
from cnnviz.attribution.methods.rule_obstacles import (
    LINEAR_MODULES,
    describe_missing,
    list_missing_rules,
)
from cnnviz.attribution.occlusion.folding import take_folded
from cnnviz.networks.graph.calls import find_module, name_operation, read_argument
from cnnviz.networks.graph.layers import Graph
from cnnviz.networks.graph.per_graph import keep_per_graph

_MODULES = (*LINEAR_MODULES, nn.MaxPool2d, nn.ReLU, nn.ReLU6, nn.Tanh)
_SUMS = ("add", "iadd", "add_")


def compute_lrp(graph: Graph, x: Tensor, *, target: int) -> Tensor:
    """Hand a class's logit down by the ε rule, batch normalizations folded into convolutions.

    Args:
        graph: A network without what `find_lrp_obstacle` names.
        x: Input, (N, C, H, W).
        target: Index of the class.

    Returns:
        (N, C, H, W), signed; what the sum lacks of the logit has gone to the biases.

    Source:
        Bach and others: On Pixel-Wise Explanations for Non-Linear Classifier Decisions by
        Layer-Wise Relevance Propagation, PLoS ONE 2015, equation 58.
    """
    run: Any = _make_ruled(copy_network(take_folded(graph), make=_make_own))
    # captum writes the weights back at the end. The ε rule changes none, and these are everybody's.
    run.load_state_dict = lambda *_: None
    relevance: Tensor = import_captum().LRP(run).attribute(x.detach().clone(), target=target)
    return relevance.detach()


@keep_per_graph
def find_lrp_obstacle(graph: Graph) -> str | None:
    """Say which operations of a network have no rule; None where all have one."""
    missing = list_missing_rules(graph, modules=_MODULES, functions=frozenset({"mean"}))
    bare = [node for node in graph.traced.graph.nodes if node.op != "call_module"]
    others = {"mean" for node in bare if _is_mean(node) and not _is_over_cells(node)}
    others |= {
        "a constant summand"
        for node in bare
        if name_operation(node) in _SUMS and len(_list_operands(node)) < 2
    }
    return describe_missing("LRP", [*missing, *sorted(others)])


def _list_operands(node: fx.Node) -> list[fx.Node]:
    operands = [read_argument(node, place, "other", None) for place in (0, 1)]
    return [each for each in operands if isinstance(each, fx.Node)]


def _is_mean(node: fx.Node) -> bool:
    return node.op != "call_module" and name_operation(node) == "mean"


def _is_over_cells(node: fx.Node) -> bool:
    axes = read_argument(node, 1, "dim", None)
    return isinstance(axes, list | tuple) and tuple(axes) in ((2, 3), (-2, -1))


class PassOn(nn.Module):
    """An identity whose output is a tensor of its own, so that a hook on it is not its input's."""

    def forward(self, x: Tensor) -> Tensor:
        """Copy a tensor of any shape."""
        return x.clone()


def _make_ruled(copy: fx.GraphModule) -> fx.GraphModule:
    """Let what has no rule read a layer that others read too through an identity that has one.

    What comes back from a layer with a rule is relevance by unit of value, from others it is
    relevance: only the like adds up.
    """
    from captum.attr._utils.lrp_rules import EpsilonRule

    for node in list(copy.graph.nodes):
        readers = list(node.users)
        plain = [] if len(readers) < 2 else [each for each in readers if not _has_rule(each, copy)]
        for number, reader in enumerate(plain):
            identity: Any = PassOn()
            identity.rule = EpsilonRule()
            name = f"{node.name}_for_{number}"
            copy.add_module(name, identity)
            with copy.graph.inserting_before(reader):
                reader.replace_input_with(node, copy.graph.call_module(name, (node,)))
    copy.recompile()
    return copy


def _has_rule(node: fx.Node, copy: fx.GraphModule) -> bool:
    return node.op == "call_module" and not isinstance(
        copy.get_submodule(str(node.target)), (nn.ReLU, nn.Tanh, nn.Dropout)
    )


def _make_own(copy: PrivateCopy, node: fx.Node) -> fx.Node | None:
    from captum.attr._utils.custom_modules import Addition_Module
    from captum.attr._utils.lrp_rules import IdentityRule

    sources = copy.find_sources(node)
    ceiling, module = find_ceiling(node, copy.traced), find_module(node, copy.traced)
    if ceiling is not None:
        # Relevance passes an activation as it is, also where a ReLU6 has reached its 6.
        relu: Any = nn.ReLU() if ceiling == float("inf") else nn.ReLU6()
        if isinstance(relu, nn.ReLU6):
            relu.rule = IdentityRule()
        return copy.call(relu, sources[0])
    if isinstance(module, nn.Identity | nn.Dropout2d):
        return sources[0]
    if isinstance(module, nn.Flatten):
        axes = (module.start_dim, module.end_dim)
        return copy.graph.call_function(torch.flatten, (sources[0], *axes))
    if isinstance(module, nn.ZeroPad2d):
        return copy.graph.call_function(functional.pad, (sources[0], list(module.padding)))
    if node.op != "call_module" and name_operation(node) in _SUMS:
        return copy.call(Addition_Module(), *(copy.nodes[each] for each in _list_operands(node)))
    if _is_mean(node):
        cells = copy.call(nn.AdaptiveAvgPool2d(1), sources[0])
        keeps_axes = read_argument(node, 2, "keepdim", None)
        if keeps_axes:
            return cells
        return copy.graph.call_function(torch.flatten, (cells, 1))
    return None

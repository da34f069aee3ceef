"""Traced networks made free of in-place operations, so that every layer's output can be read.

An in-place ReLU writes over the layer below. Whoever reads that layer before it sees one value,
whoever reads it after sees another. Here each in-place operation becomes its out-of-place form,
and what read the overwritten layer afterwards reads the operation's own output instead.
"""

import copy
import operator
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, fx, nn

_AUGMENTED: dict[object, Callable[..., Any]] = {
    operator.iadd: operator.add,
    operator.isub: operator.sub,
    operator.imul: operator.mul,
    operator.itruediv: operator.truediv,
}
# In evaluation mode these hand on the very tensor they were given.
_HANDS_ON = (nn.Identity, nn.Dropout, nn.Dropout2d)


def remove_inplace(traced: fx.GraphModule) -> list[fx.Node]:
    """Rewrite a traced network, in its own graph only, so that nothing in it writes in place.

    The network it was traced from is not changed: in-place modules are replaced by copies.

    Args:
        traced: A traced network in evaluation mode.

    Returns:
        The nodes that wrote in place.
    """
    order = {node: index for index, node in enumerate(traced.graph.nodes)}
    # All are found before any is rewritten: one module may be called several times.
    writers = [node for node in order if _writes_in_place(node, traced)]
    for node in writers:
        _use_copying_form(node, traced)
        for overwritten in _follow_same_tensor(node.all_input_nodes[0], traced):
            for user in list(overwritten.users):
                if order[user] > order[node]:
                    user.replace_input_with(overwritten, node)
    traced.graph.lint()
    traced.recompile()
    return writers


def _writes_in_place(node: fx.Node, traced: fx.GraphModule) -> bool:
    if node.op == "call_module":
        return bool(getattr(traced.get_submodule(str(node.target)), "inplace", False))
    return bool(node.kwargs.get("inplace")) or _find_copying_form(node) is not None


def _use_copying_form(node: fx.Node, traced: fx.GraphModule) -> None:
    if node.op == "call_module":
        twin = copy.deepcopy(traced.get_submodule(str(node.target)))
        twin.inplace = False  # type: ignore[assignment]
        traced.set_submodule(str(node.target), twin)
    elif node.kwargs.get("inplace"):
        node.kwargs = {**node.kwargs, "inplace": False}
    else:
        node.target = _find_copying_form(node) or node.target


def _find_copying_form(node: fx.Node) -> Callable[..., Any] | str | None:
    """What computes the same as an in-place function or method, or None if it is not in place."""
    if node.op == "call_function" and node.target in _AUGMENTED:
        return _AUGMENTED[node.target]
    name = str(getattr(node.target, "__name__", node.target))
    if not name.endswith("_") or name.endswith("__"):
        return None
    stem = name[:-1]
    if node.op == "call_method":
        return stem if hasattr(Tensor, stem) else None
    if node.op == "call_function":
        for home in (torch, nn.functional):
            if hasattr(home, stem):
                form: Callable[..., Any] = getattr(home, stem)
                return form
    return None


def _follow_same_tensor(node: fx.Node, traced: fx.GraphModule) -> list[fx.Node]:
    """A node and the nodes below it that yield the same tensor: all of them are overwritten."""
    same = [node]
    while node.op == "call_module" and isinstance(
        traced.get_submodule(str(node.target)), _HANDS_ON
    ):
        node = node.all_input_nodes[0]
        same.append(node)
    return same

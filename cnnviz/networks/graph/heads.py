"""What of a network's output its classes are read from.

A network may return several tensors, probabilities in place of logits, a single number for yes or
no, or maps of one cell. Here its graph is made to return logits, (N, classes), where that is
possible without guessing, and the network is refused with a sentence where it is not.
"""

import operator
from dataclasses import is_dataclass
from typing import Any

import torch
from torch import Tensor, fx, nn

from cnnviz.errors import NetworkError
from cnnviz.networks.graph.calls import name_operation
from cnnviz.networks.graph.layers import list_tensors

_TRIES = 4
_SOFTMAX = (nn.Softmax, nn.LogSoftmax, nn.Softmax2d)


class _ValueRecorder(fx.Interpreter):
    """Runs a graph and keeps what every node yields."""

    def __init__(self, traced: fx.GraphModule) -> None:
        super().__init__(traced)
        self.extra_traceback = False
        self.values: dict[fx.Node, Any] = {}

    def run_node(self, n: fx.Node) -> Any:
        self.values[n] = super().run_node(n)
        return self.values[n]


def record_values(traced: fx.GraphModule, x: Tensor) -> dict[fx.Node, Any]:
    """Run a traced network and return what each of its nodes yields."""
    recorder = _ValueRecorder(traced)
    with torch.no_grad():
        recorder.run(x)
    return recorder.values


def choose_head(
    traced: fx.GraphModule, *, classes: int, input_shape: tuple[int, int, int], title: str
) -> tuple[str, ...]:
    """Let a traced network return its logits, (N, classes), and drop what they do not need.

    Args:
        traced: The network, changed in place.
        classes: How many it has.
        input_shape: One image, (C, H, W).
        title: The network's name, for sentences.

    Returns:
        What was changed, in sentences; none where it returns its logits as it is.

    Raises:
        NetworkError: Its output is not one number a class, or it is not plain which.
    """
    generator = torch.Generator().manual_seed(0)
    inputs = torch.randn(_TRIES, 1, *input_shape, generator=generator)
    values = record_values(traced, inputs[0])
    (end,) = (node for node in traced.graph.nodes if node.op == "output")
    head, notes = _pick(end, values, classes=classes, title=title, traced=traced)
    head, cut = _cut_ending(head, values, traced, title=title)
    notes += cut
    if not cut and _yields_probabilities(traced, head, inputs, classes):
        head = _append(traced, head, torch.log, torch.finfo(torch.float32).tiny)
        notes.append(f"{title} returns probabilities; its logits here are their logarithms.")
    head, shaped = _shape(traced, head, values, classes=classes, title=title)
    notes += shaped
    if end.args[0] is not head:
        end.args = (head,)
        traced.graph.eliminate_dead_code()
        traced.graph.lint()
        traced.recompile()
    return tuple(notes)


def _pick(
    end: fx.Node,
    values: dict[fx.Node, Any],
    *,
    classes: int,
    title: str,
    traced: fx.GraphModule,
) -> tuple[fx.Node, list[str]]:
    """The only node of the output that holds one number a class."""
    leaves = _list_leaves(end.args[0], values, traced)
    fitting = [node for node in leaves if tuple(values[node].shape) == (1, classes)]
    fitting = fitting or [node for node in leaves if _fits(values[node], classes)]
    logits = [node for node in fitting if not _is_softmax_of_other(node, fitting, values)]
    if not logits:
        raise NetworkError(_describe_misfit(leaves, values, classes=classes, title=title))
    if len(logits) > 1:
        names = ", ".join(f"“{node.name}”" for node in logits)
        raise NetworkError(
            f"{title} returns {len(logits)} outputs of {classes} numbers ({names}); return the one "
            "that names the class."
        )
    if len(leaves) == 1:
        return logits[0], []
    note = f"{title} returns {len(leaves)} outputs; its classes are read from “{logits[0].name}”."
    return logits[0], [note]


def _list_leaves(value: Any, values: dict[fx.Node, Any], traced: fx.GraphModule) -> list[fx.Node]:
    """The nodes of an output that yield a tensor, each once."""
    found: dict[fx.Node, None] = {}
    if isinstance(value, fx.Node):
        kept = values[value]
        if isinstance(kept, Tensor):
            return [value]
        if is_dataclass(kept) and not value.args:
            return _list_leaves(dict(value.kwargs), values, traced)
        keys: Any = kept.keys() if isinstance(kept, dict) else range(len(list_tensors(kept)))
        for key in keys if isinstance(kept, dict | tuple | list) else ():
            if not isinstance(kept[key], Tensor):
                continue
            with traced.graph.inserting_after(value):
                part = traced.graph.call_function(operator.getitem, (value, key))
            values[part] = kept[key]
            found[part] = None
        return list(found)
    parts = value.values() if isinstance(value, dict) else value
    for part in parts if isinstance(value, dict | list | tuple) else ():
        found |= dict.fromkeys(_list_leaves(part, values, traced))
    return list(found)


def _fits(value: Tensor, classes: int) -> bool:
    """Whether an output for one image is one number a class, or one number for two."""
    sizes = [size for size in value.shape if size != 1]
    return sizes == ([classes] if classes > 1 else []) or (classes == 2 and not sizes)


def _is_softmax_of_other(node: fx.Node, others: list[fx.Node], values: dict[fx.Node, Any]) -> bool:
    """Whether an output only repeats another one as probabilities."""
    own = values[node].flatten()
    return any(
        torch.allclose(values[other].flatten().softmax(0), own, atol=1e-6)
        for other in others
        if other is not node and values[other].numel() == own.numel()
    )


def _describe_misfit(
    leaves: list[fx.Node], values: dict[fx.Node, Any], *, classes: int, title: str
) -> str:
    shapes = [tuple(values[node].shape[1:]) for node in leaves]
    yields = " and ".join(str(shape) for shape in shapes) or "no tensor"
    text = f"{title} yields {yields} and has {classes} classes; its output must be one number a"
    if any(len(shape) == 3 for shape in shapes):
        return f"{text} class. Average its maps over rows and columns: x.mean((2, 3))."
    return f"{text} class."


def _cut_ending(
    head: fx.Node, values: dict[fx.Node, Any], traced: fx.GraphModule, *, title: str
) -> tuple[fx.Node, list[str]]:
    """Step back over a softmax or sigmoid, and over what only hands its numbers on."""
    node = head
    while True:
        kind = _name_ending(node, traced)
        below = node.args[0] if node.args else None
        if not isinstance(below, fx.Node) or not isinstance(values[below], Tensor):
            return head, []
        before, after = values[below].flatten(), values[node].flatten()
        if kind in ("softmax", "log_softmax") and before.shape == after.shape:
            expected = before.softmax(0) if kind == "softmax" else before.log_softmax(0)
            if torch.allclose(expected, after, atol=1e-5):
                word = kind.replace("_", "-")
                return below, [f"{title} ends in a {word}; its logits are what goes into it."]
        if kind == "sigmoid":
            if after.numel() > 1:
                raise NetworkError(
                    f"{title} ends in a sigmoid, so that each of its {after.numel()} classes is "
                    "yes or no by itself; here one of them is true. Return what goes into it."
                )
            return below, [f"{title} ends in a sigmoid; its logit is what goes into it."]
        if kind == "log" and before.shape == after.shape:
            inner, cut = _cut_ending(below, values, traced, title=title)
            return (inner, cut) if cut else (head, [])
        if before.shape != after.shape or not torch.equal(before, after):
            return head, []
        node = below


def _name_ending(node: fx.Node, traced: fx.GraphModule) -> str:
    if node.op != "call_module":
        return name_operation(node)
    module = traced.get_submodule(str(node.target))
    if isinstance(module, _SOFTMAX):
        return "log_softmax" if isinstance(module, nn.LogSoftmax) else "softmax"
    return "sigmoid" if isinstance(module, nn.Sigmoid) else ""


def _yields_probabilities(
    traced: fx.GraphModule, head: fx.Node, inputs: Tensor, classes: int
) -> bool:
    """Whether all of some outputs are shares of 1, without a softmax that could be cut."""
    if classes < 2:
        return False
    for x in inputs:
        value = record_values(traced, x)[head]
        if value.numel() != classes or float(value.min()) < 0 or abs(float(value.sum()) - 1) > 1e-4:
            return False
    return True


def _append(traced: fx.GraphModule, head: fx.Node, function: Any, *floor: float) -> fx.Node:
    with traced.graph.inserting_after(head):
        clipped = traced.graph.call_function(torch.clamp, (head, *floor))
    with traced.graph.inserting_after(clipped):
        return traced.graph.call_function(function, (clipped,))


def _shape(
    traced: fx.GraphModule,
    head: fx.Node,
    values: dict[fx.Node, Any],
    *,
    classes: int,
    title: str,
) -> tuple[fx.Node, list[str]]:
    """Bring an output into the shape (N, classes)."""
    value = values.get(head)
    numbers = classes if value is None else value.numel()
    if value is not None and tuple(value.shape) != (1, numbers):
        with traced.graph.inserting_after(head):
            head = traced.graph.call_method("reshape", (head, -1, numbers))
    if numbers == classes:
        return head, []
    # One number z for two classes: its sigmoid is the softmax of (0, z).
    with traced.graph.inserting_after(head):
        zero = traced.graph.call_function(torch.zeros_like, (head,))
    with traced.graph.inserting_after(zero):
        both = traced.graph.call_function(torch.cat, ([zero, head], 1))
    note = f"{title} returns one number; it is taken as the logit of its second class."
    return both, [note]

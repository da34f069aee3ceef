"""What a few cells of a layer read of the layer below, tried out where no rule says it.

The operation is run alone, on random numbers, and differentiated: the cells below whose gradient
is not zero are read. Where a gradient says nothing (a maximum, which has one at a single cell; a
sign, which has none), all of the layer below is taken.
"""

from typing import Any

import torch
from torch import Tensor, fx

from cnnviz.device import find_device
from cnnviz.errors import UnknownReachError
from cnnviz.networks.graph.calls import FULL_SHAPE, name_operation
from cnnviz.networks.graph.layers import Graph, Layer

Box = tuple[tuple[int, int], ...]  # first and last index along each axis, the batch left out

_CHOOSING = (
    "max",
    "min",
    "topk",
    "sort",
    "median",
    "mode",
    "quantile",
    "kthvalue",
    "sign",
    "round",
)
_NOT_CHOOSING = ("softmax", "softmin", "minus", "maximum", "minimum")
_SEED = 0


def probe_box(graph: Graph, *, layer: Layer, below: Layer, box: Box) -> Box:
    """Find the smallest box of a layer that some cells above it read.

    Args:
        graph: The traced network.
        layer: The layer of the cells.
        below: One of the layers that it reads.
        box: The cells.

    Raises:
        UnknownReachError: The network has shapes only, so that nothing can be tried.
    """
    if any(value.is_meta for value in graph.traced.parameters()):
        raise UnknownReachError(
            f"What a cell of “{layer.title}” sees is not known for this kind of layer."
        )
    whole = tuple((0, size - 1) for size in below.shape)
    nodes = _name_nodes(graph)
    between = _list_between(nodes[layer.name], {nodes[name] for name in layer.inputs})
    if any(_chooses(node) for node in between):
        return whole
    gradient = _differentiate(graph, layer, below, nodes, box)
    if gradient is None or not bool(gradient.any()):
        return whole
    return tuple(_find_extent(gradient, axis) for axis in range(gradient.dim()))


def _list_between(node: fx.Node, ends: set[fx.Node]) -> list[fx.Node]:
    """A node and those it reads, down to the layers below."""
    found = [node]
    for source in node.all_input_nodes:
        if source not in ends:
            found += _list_between(source, ends)
    return found


def _chooses(node: fx.Node) -> bool:
    name = name_operation(node).lower()
    return any(word in name for word in _CHOOSING) and not any(
        word in name for word in _NOT_CHOOSING
    )


def _differentiate(
    graph: Graph, layer: Layer, below: Layer, nodes: dict[str, fx.Node], box: Box
) -> Tensor | None:
    """Gradient of the cells towards the layer below, without the batch axis."""
    generator = torch.Generator().manual_seed(_SEED)
    values: dict[fx.Node, Any] = {}
    for name in layer.inputs:
        shape = (1, *graph.find(name).shape)
        values[nodes[name]] = torch.randn(shape, generator=generator)
    source = values[nodes[below.name]].requires_grad_()
    with torch.enable_grad():
        try:
            cells = _Runner(graph, values).run_to(nodes[layer.name])
            cut = cells[(slice(None), *(slice(first, last + 1) for first, last in box))]
            signal = torch.randn(cut.shape, generator=generator)
            (gradient,) = torch.autograd.grad(cut, source, signal, allow_unused=True)
        except (RuntimeError, IndexError):  # nothing to differentiate, or axes of another order
            return None
    return None if gradient is None else gradient[0]


def run_layer(graph: Graph, layer: Layer, inputs: dict[str, Tensor]) -> Tensor:
    """Run one layer alone.

    Args:
        graph: The traced network.
        layer: The layer.
        inputs: What it reads, by the names of the layers below, each (1, ...); gradients are kept
            where one of them asks for its own.

    Returns:
        Its output, (1, ...).
    """
    nodes = _name_nodes(graph)
    values: dict[fx.Node, Any] = {nodes[name]: value for name, value in inputs.items()}
    with torch.set_grad_enabled(any(value.requires_grad for value in inputs.values())):
        return _Runner(graph, values).run_to(nodes[layer.name])


def make_zeros(graph: Graph, layer: Layer) -> dict[str, Tensor]:
    """Make what a layer reads, by the names of the layers below: zeros that ask for gradients."""
    nodes = _name_nodes(graph)
    shapes = {
        name: nodes[name].meta.get(FULL_SHAPE, (1, *graph.find(name).shape))
        for name in layer.inputs
    }
    return {name: torch.zeros(shape, requires_grad=True) for name, shape in shapes.items()}


def _name_nodes(graph: Graph) -> dict[str, fx.Node]:
    return {
        "input" if node.op == "placeholder" else node.name: node
        for node in graph.traced.graph.nodes
    }


class _Runner(fx.Interpreter):
    """Runs one layer, and what it needs besides the layers that it reads, such as their sizes."""

    def __init__(self, graph: Graph, values: dict[fx.Node, Any]) -> None:
        super().__init__(graph.traced)
        nodes = _name_nodes(graph)
        device = find_device(graph.traced)
        self._values = {node: value.to(device) for node, value in values.items()}
        self._shapes = {nodes[layer.name]: layer.shape for layer in graph.layers}

    def run_to(self, node: fx.Node) -> Tensor:
        """Return what a layer yields."""
        result: Tensor = self.find(node)
        return result.cpu()

    def find(self, node: fx.Node) -> Any:
        if node not in self._values:
            for source in node.all_input_nodes:
                if source not in self._values and source in self._shapes:
                    # Only its size can be asked for: it is none of the layers that are read.
                    self._values[source] = torch.zeros(()).expand(1, *self._shapes[source])
                self.find(source)
            args, kwargs = fx.node.map_arg((node.args, node.kwargs), self._values.__getitem__)
            self._values[node] = getattr(self, node.op)(node.target, args, kwargs)
        return self._values[node]


def _find_extent(gradient: Tensor, axis: int) -> tuple[int, int]:
    others = tuple(other for other in range(gradient.dim()) if other != axis)
    found = (gradient.abs().sum(others) if others else gradient.abs()).nonzero().flatten()
    return int(found[0]), int(found[-1])

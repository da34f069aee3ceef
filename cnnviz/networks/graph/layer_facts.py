"""What can be said of a layer without running it: its cost, its window, its receptive field."""

from dataclasses import dataclass
from math import prod

from torch import nn

from cnnviz.costs.arithmetic import (
    convolution_multiply_adds,
    convolution_parameters,
    linear_parameters,
    output_size,
    unread_cells,
)
from cnnviz.costs.flops import MultiplyAddCounter
from cnnviz.errors import CNNVizError
from cnnviz.networks.graph.layers import Graph, Layer, LayerKind
from cnnviz.networks.graph.per_graph import keep_per_graph
from cnnviz.networks.graph.probing import make_zeros, run_layer
from cnnviz.receptive_fields.theoretical import Field, Window, compute_fields, find_windows

_POOLINGS = (LayerKind.MAX_POOLING, LayerKind.AVERAGE_POOLING)


@dataclass(frozen=True, slots=True)
class SizeTerms:
    """The numbers behind a layer's size along one axis.

    Attributes:
        size_in: Input size N.
        window: Kernel, stride, padding and dilation.
        size_out: Output size.
        unread: Cells at the far edge that no window reaches.
        rounds_up: Whether the division is rounded up.
    """

    size_in: int
    window: Window
    size_out: int
    unread: int
    rounds_up: bool


@dataclass(frozen=True, slots=True, eq=False)
class LayerFacts:
    """What is known of a layer before any image goes through it.

    Attributes:
        layer: The layer.
        parameters: Weights and biases that it learned.
        multiply_adds: For one image; a pooling counts each cell that it reads.
        is_counted: Whether these are all; false where no formula for them is known.
        field: Receptive field in input pixels; None where a cell sees everything or it is unknown.
        terms: Behind the height and the width of a convolution or pooling; None elsewhere.
    """

    layer: Layer
    parameters: int
    multiply_adds: int
    field: Field | None
    terms: tuple[SizeTerms, SizeTerms] | None
    is_counted: bool = True


@keep_per_graph
def describe_layers(graph: Graph) -> dict[str, LayerFacts]:
    """Describe every layer of a network, by name and in the order of computation."""
    fields = compute_fields(graph)
    facts = {}
    for layer in graph.layers:
        multiply_adds, is_counted = _count_multiply_adds(layer, graph)
        facts[layer.name] = LayerFacts(
            layer=layer,
            parameters=_count_parameters(layer),
            multiply_adds=multiply_adds,
            is_counted=is_counted,
            field=fields.get(layer.name),
            terms=_find_terms(layer, graph),
        )
    return facts


def _count_parameters(layer: Layer) -> int:
    module = layer.module
    if isinstance(module, nn.Conv2d):
        return convolution_parameters(
            module.in_channels,
            module.out_channels,
            kernel=_pair(module.kernel_size),
            groups=module.groups,
            bias=module.bias is not None,
        )
    if isinstance(module, nn.Linear):
        return linear_parameters(
            module.in_features, module.out_features, bias=module.bias is not None
        )
    return 0 if module is None else sum(value.numel() for value in module.parameters())


def _count_multiply_adds(layer: Layer, graph: Graph) -> tuple[int, bool]:
    """Multiply-adds of a layer, and whether they are all."""
    module = layer.module
    if isinstance(module, nn.Conv2d):
        counted = convolution_multiply_adds(
            module.in_channels,
            module.out_channels,
            kernel=_pair(module.kernel_size),
            output=(layer.shape[1], layer.shape[2]),
            groups=module.groups,
        )
        return counted, True
    if isinstance(module, nn.Linear):
        # Positions: 1 for a vector, more where a linear layer runs over a sequence.
        positions = prod(layer.shape) // module.out_features
        weights = linear_parameters(module.in_features, module.out_features, bias=False)
        return weights * positions, True
    if layer.kind in _POOLINGS:
        terms = _find_terms(layer, graph)
        cells = terms[0].window.kernel * terms[1].window.kernel if terms is not None else 0
        return prod(layer.shape) * cells, True
    if layer.is_cellwise or layer.kind not in _PRODUCTS:
        return 0, True
    return _try_products(layer, graph)


_PRODUCTS = (LayerKind.CONVOLUTION, LayerKind.LINEAR, LayerKind.ATTENTION, LayerKind.OTHER)


def _try_products(layer: Layer, graph: Graph) -> tuple[int, bool]:
    """Run a layer alone on zeros, and count by torch's formulas."""
    try:
        # With gradients torch takes no way that hides a whole attention in one operation.
        with MultiplyAddCounter() as counter:
            run_layer(graph, layer, make_zeros(graph, layer))
    except (RuntimeError, TypeError, ValueError, IndexError):  # it does not run alone
        return 0, False
    return counter.multiply_adds, counter.is_complete


def _find_terms(layer: Layer, graph: Graph) -> tuple[SizeTerms, SizeTerms] | None:
    if layer.kind is not LayerKind.CONVOLUTION and layer.kind not in _POOLINGS:
        return None
    below = graph.find(layer.inputs[0])
    try:
        windows = find_windows(layer, below)
        if windows is None:
            return None
        rows, columns = (_terms_along(layer, below, windows[axis], axis=axis) for axis in (0, 1))
    except CNNVizError:
        return None  # a pooling whose windows differ has no such formula
    # Nor has an even kernel that keeps the size: it pads one cell more behind than before.
    fits = (rows.size_out, columns.size_out) == layer.shape[1:]
    return (rows, columns) if fits else None


def _terms_along(layer: Layer, below: Layer, window: Window, *, axis: int) -> SizeTerms:
    size_in = below.shape[1 + axis]
    rounds_up = bool(getattr(layer.module, "ceil_mode", False))
    numbers = {
        "kernel": window.kernel,
        "stride": window.stride,
        "padding": window.padding,
        "dilation": window.dilation,
    }
    unread = unread_cells(size_in, **numbers)
    return SizeTerms(
        size_in=size_in,
        window=window,
        size_out=output_size(size_in, ceil_mode=rounds_up, **numbers),
        unread=0 if rounds_up else unread,
        rounds_up=rounds_up and unread > 0,
    )


def _pair(value: tuple[int, ...]) -> tuple[int, int]:
    return value[0], value[1]


def find_part_layer(graph: Graph, *, share: float) -> Layer | None:
    """Find the convolution with the largest receptive field of at most a share of the input.

    Returns:
        The first of them; None where each sees more, or what it sees is not known.
    """
    most = share * graph.layers[0].shape[1]
    fields = [
        (facts.field.size[0], facts.layer)
        for facts in describe_layers(graph).values()
        if facts.layer.kind is LayerKind.CONVOLUTION and facts.field is not None
    ]
    parts = [(size, layer) for size, layer in fields if size <= most]
    return max(parts, key=lambda part: part[0])[1] if parts else None

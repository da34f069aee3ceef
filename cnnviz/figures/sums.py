"""A cell's arithmetic made ready to be laid out: names, numbers, and the sum as a formula."""

from typing import Any

import torch

from cnnviz.activations.cell_summary import CellPart, summarize_products
from cnnviz.activations.cells import CellExplanation
from cnnviz.activations.kernels import read_kernels
from cnnviz.activations.maps import Values
from cnnviz.figures.format import format_latex, format_number
from cnnviz.figures.formulas import name_layer
from cnnviz.networks.graph.layers import Graph, Layer, LayerKind

MAX_PARTS = 6
MAX_TERMS = 12
MAX_CELLS = 400  # a global average reads more than a page can show

_POOLINGS = {LayerKind.MAX_POOLING: "maximum", LayerKind.AVERAGE_POOLING: "average"}
_STEPS = {
    LayerKind.RESHAPE: "handed on",
    LayerKind.DROPOUT: "handed on (dropout only acts in training)",
    LayerKind.CONCATENATION: "handed on",
    LayerKind.PADDING: "handed on, or a zero at the edge",
}


def name_cell(layer: Layer, channel: int, row: int, column: int) -> str:
    """Name a cell: “C3, map 5, row 2, column 7” or “F6, unit 12”."""
    if layer.is_spatial:
        return f"{name_layer(layer)}, map {channel}, row {row}, column {column}"
    return f"{name_layer(layer)}, unit {channel}"


def pack_sum(cell: CellExplanation, graph: Graph) -> dict[str, Any]:
    """Pack a cell's arithmetic: plain numbers and names, by the kind of sum it is."""
    layer = graph.find(cell.layer)
    head = {
        "title": name_cell(layer, cell.channel, cell.row, cell.column),
        "value": cell.value,
        "bias": cell.bias,
    }
    if cell.kind is LayerKind.INPUT:
        return head | {"kind": "note", "note": "A pixel of the input: nothing computes it."}
    if cell.kind is LayerKind.CONVOLUTION:
        return head | _pack_products(cell, graph)
    if cell.kind in (LayerKind.LINEAR, LayerKind.SUM):
        return head | _pack_terms(cell, graph)
    if cell.kind in _POOLINGS:
        return head | _pack_pooling(cell, graph)
    return head | {
        "kind": "single",
        "reads": name_layer(graph.find(cell.reads)),
        "input": float(cell.inputs.reshape(-1)[0]),
        "weight": None if cell.weights is None else float(cell.weights.reshape(-1)[0]),
        "step": _STEPS.get(cell.kind, name_layer(layer) if cell.weights is None else ""),
    }


def pack_note(
    layer: Layer, place: tuple[int, int, int], values: Values, *, note: str
) -> dict[str, Any]:
    """Pack a cell (channel, row, column) that is not worked out: its value and a sentence.

    Args:
        layer: The layer.
        place: Of the cell.
        values: The layer's, (C, H, W), or (N, ...) in a layer without maps.
        note: Why it is not worked out.
    """
    value = values[place] if layer.is_spatial else values[place[0]].mean()
    title = name_cell(layer, *place)
    return {"kind": "note", "title": title, "note": note, "value": float(value), "bias": 0.0}


def _pack_products(cell: CellExplanation, graph: Graph) -> dict[str, Any]:
    first = read_kernels(graph, layer=cell.layer, channel=cell.channel).first_channel
    summary = summarize_products(cell, first_channel=first, most=MAX_PARTS)
    below = graph.find(cell.reads)
    parts = list(summary.parts)
    if summary.rest_count == 0:  # all are shown: red, green, blue stay in this order
        parts.sort(key=lambda part: part.index)
    return {
        "kind": "products",
        "parts": [_pack_part(part, below) for part in parts],
        "rest_count": summary.rest_count,
        "rest": summary.rest,
        "products": summary.products,
    }


def _pack_part(part: CellPart, below: Layer) -> dict[str, Any]:
    return {
        "name": name_channel(below, part.index),
        "inputs": part.inputs.tolist(),
        "weights": part.weights.tolist(),
        "total": part.total,
    }


def name_channel(layer: Layer, channel: int) -> str:
    """Name a layer's channel: “C3 map 5”, of the input “red” or “the input”."""
    if layer.kind is LayerKind.INPUT:
        if layer.shape[0] == 3:
            return ("red", "green", "blue")[channel]
        if layer.shape[0] == 1:
            return "the input"
    return f"{name_layer(layer)} map {channel}"


def _pack_terms(cell: CellExplanation, graph: Graph) -> dict[str, Any]:
    summary = summarize_products(cell, first_channel=0, most=MAX_TERMS)
    if cell.kind is LayerKind.SUM:
        names = [name_layer(graph.find(name)) for name in cell.reads.split(" + ")]
    else:
        names = []
    return {
        "kind": "terms",
        "terms": [
            {
                "name": names[part.index] if names else _name_unit(graph, cell.reads, part.index),
                "input": float(part.inputs),
                "weight": None if names else float(part.weights),
                "product": part.total,
            }
            for part in summary.parts
        ],
        "rest_count": summary.rest_count,
        "rest": summary.rest,
    }


def _name_unit(graph: Graph, name: str, index: int) -> str:
    """Name a number of a vector; one that was flattened from maps by its map, row and column."""
    layer = graph.find(name)
    source = layer
    while source.kind in (LayerKind.RESHAPE, LayerKind.DROPOUT) and not source.is_spatial:
        source = graph.find(source.inputs[0])
    if source.is_spatial and source.shape[1] * source.shape[2] > 1:
        _, height, width = source.shape
        channel, place = divmod(index, height * width)
        return f"{name_layer(source)} map {channel} ({place // width}, {place % width})"
    return f"{name_layer(source)} {index}"


def _pack_pooling(cell: CellExplanation, graph: Graph) -> dict[str, Any]:
    if cell.inputs.numel() > MAX_CELLS:
        return {
            "kind": "note",
            "note": f"The {_POOLINGS[cell.kind]} of {cell.inputs.numel()} cells of "
            f"{name_layer(graph.find(cell.reads))}: {format_number(cell.value)}.",
        }
    inputs = cell.inputs[0]
    known = [[None if value == -torch.inf else value for value in row] for row in inputs.tolist()]
    divisor = 1 if cell.weights is None else round(1 / float(cell.weights.reshape(-1)[0]))
    return {
        "kind": _POOLINGS[cell.kind],
        "reads": f"{name_layer(graph.find(cell.reads))} map {cell.channel}",
        "inputs": known,
        "divisor": divisor,
    }


def write_cell_formula(cell: CellExplanation, graph: Graph) -> str | None:
    """Write a convolution's or linear layer's cell as a formula with its own numbers, as LaTeX."""
    if cell.weights is None or cell.kind not in (LayerKind.CONVOLUTION, LayerKind.LINEAR):
        return None
    products = cell.inputs.double() * cell.weights.double()
    flat = products.reshape(-1)
    largest = flat.abs().argsort(descending=True)[:2].tolist()
    inputs, weights = cell.inputs.reshape(-1), cell.weights.reshape(-1)
    shown = " + ".join(
        rf"{_signed(float(inputs[index]))}\cdot{_signed(float(weights[index]))}"
        for index in largest
    )
    rest = float(flat.sum() - flat[largest].sum())
    count = flat.numel() - len(largest)
    further = rf"\text{{{count} further products}}"
    others = rf"\underbrace{{{_signed(rest)}}}_{{{further}}} + " if count else ""
    bias = rf"\underbrace{{{_signed(cell.bias)}}}_{{\text{{bias}}}}"
    where = f"{cell.row},{cell.column}" if graph.find(cell.layer).is_spatial else ""
    left = rf"y_{{{cell.channel}}}" + (f"[{where}]" if where else "")
    # Short lines, for narrow columns and screens.
    lines = rf"{left} &= \sum x\,w + b \\ &= {shown} \\ &\quad + {others}{bias} \\ "
    lines += rf"&= {format_latex(format_number(cell.value))}"
    return rf"\begin{{aligned}} {lines} \end{{aligned}}"


def _signed(value: float) -> str:
    text = format_latex(format_number(value))
    return f"({text})" if text.startswith("-") else text

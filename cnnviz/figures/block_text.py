"""A block's numbers in words: in its boxes, worked out, and beside another block's."""

from dataclasses import dataclass
from math import prod

from cnnviz.costs.arithmetic import convolution_multiply_adds, convolution_parameters
from cnnviz.costs.rows import Convention, Fold, fold_rows
from cnnviz.costs.table import CostTable, LayerCost
from cnnviz.figures.block_layout import INPUT, BlockLayout, Box, name_layer
from cnnviz.figures.cost_text import write_csv, write_formulas
from cnnviz.figures.format import (
    format_count,
    format_latex,
    format_number,
    format_percent,
    format_quantity,
    format_shape,
)
from cnnviz.figures.formulas import write_equation, write_long_sum
from cnnviz.networks.graph.layers import LayerKind
from cnnviz.networks.zoo.ilsvrc import HUMAN_SOURCE, HUMAN_TOP5_ERROR, RESULTS, Result

_WEIGHTED = (LayerKind.CONVOLUTION, LayerKind.LINEAR)


@dataclass(frozen=True, slots=True)
class Term:
    """One layer's part of a block's multiply-adds.

    Attributes:
        layer: What it is.
        product: The factors: 96·28·28·256·5·5.
        multiply_adds: Their product.
        parameters: Weights and biases.
    """

    layer: str
    product: str
    multiply_adds: int
    parameters: int


def write_box(box: Box, *, table: CostTable) -> tuple[str, ...]:
    """Write what stands in a box below its title: shape, parameters and multiply-adds."""
    if box.layer is None:
        return (format_shape(table.input_shape),)
    shape = format_shape(box.layer.output_shape)
    if box.form == "slab":
        return ()
    if box.form == "sign":
        return (shape,)
    lines = [shape]
    if box.layer.parameters:
        lines.append(f"{format_quantity(box.layer.parameters)} param.")
    if box.layer.counts.multiply_adds:
        lines.append(f"{format_quantity(box.layer.counts.multiply_adds)} m-adds")
    return tuple(lines)


def describe_box(box: Box, *, table: CostTable) -> str:
    """Say what a box is in one line, for screen readers and tips."""
    if box.layer is None:
        return f"input, {format_shape(table.input_shape)}"
    layer = box.layer
    facts = [box.title, f"{format_shape(layer.input_shape)} → {format_shape(layer.output_shape)}"]
    if layer.parameters:
        facts.append(f"{format_count(layer.parameters)} parameters")
    if layer.counts.multiply_adds:
        facts.append(f"{format_count(layer.counts.multiply_adds)} multiply-adds")
    return ", ".join(facts)


def list_titles(layout: BlockLayout) -> dict[str, str]:
    """Name every box but the input for a list, by its name in the graph; equal names get numbers.

    Args:
        layout: The block.
    """
    counts: dict[str, int] = {}
    titles: dict[str, str] = {}
    for box in layout.boxes:
        if box.name != INPUT:
            counts[box.title] = counts.get(box.title, 0) + 1
            number = f" ({counts[box.title]})" if counts[box.title] > 1 else ""
            titles[box.name] = f"{box.title}{number}"
    return titles


def choose_heaviest(layout: BlockLayout) -> str:
    """Return the name of the box with the most multiply-adds."""
    layers = [box.layer for box in layout.boxes if box.layer is not None]
    return max(layers, key=lambda layer: layer.counts.multiply_adds).name


def explain_layer(layer: LayerCost, *, table: CostTable) -> tuple[tuple[str, str], ...]:
    """Work out one layer of a block: (what it is, LaTeX) for each formula that it has."""
    rows = fold_rows(table, fold=Fold.OPERATIONS, convention=Convention())
    row = next(row for row in rows if row.members[0].name == layer.name)
    return (*_explain_join(layer, table=table), *write_formulas(row))


def _explain_join(layer: LayerCost, *, table: CostTable) -> list[tuple[str, str]]:
    shapes = {
        INPUT: table.input_shape,
        **{other.name: other.output_shape for other in table.layers},
    }
    values = prod(layer.output_shape)
    times = r" \cdot ".join(map(str, layer.output_shape))
    if layer.kind is LayerKind.CONCATENATION:
        parts = [str(shapes[name][0]) for name in layer.inputs]
        return [("Channels", write_long_sum(parts, str(layer.output_shape[0])))]
    if layer.kind is LayerKind.SUM:
        work = rf"{len(layer.inputs) - 1} \cdot {times}"
        return [("Additions", write_equation(work, _group(values)))]
    if layer.kind is LayerKind.PRODUCT:
        return [("Products", rf"{times} = {_group(values)}")]
    if layer.kind is LayerKind.NORMALIZATION and layer.parameters:
        # A factor and a shift for each channel.
        channels = layer.parameters // 2
        return [("Parameters", rf"2 \cdot {channels} = {_group(layer.parameters)}")]
    return []


def _group(number: int) -> str:
    return format_latex(format_count(number))


def list_terms(table: CostTable) -> tuple[Term, ...]:
    """List what each layer with weights adds to a block's multiply-adds."""
    return tuple(
        Term(
            layer=name_layer(layer),
            product=_write_product(layer),
            multiply_adds=layer.counts.multiply_adds,
            parameters=layer.parameters,
        )
        for layer in table.layers
        if layer.kind in _WEIGHTED
    )


def write_totals(table: CostTable) -> str:
    """Write what a module costs in all."""
    return (
        f"{format_quantity(table.parameters)} parameters, "
        f"{format_quantity(table.multiply_adds)} multiply-adds"
    )


def tabulate_terms(table: CostTable) -> dict[str, list[str]]:
    """Make columns of the terms and their sum."""
    terms = list_terms(table)
    counts = [*(term.multiply_adds for term in terms), table.multiply_adds]
    return {
        "layer": [*(term.layer for term in terms), "sum"],
        "factors": [*(term.product for term in terms), ""],
        "multiply-adds": [format_count(count) for count in counts],
    }


def tabulate_results() -> dict[str, list[str]]:
    """Make columns of the challenge's results and the human error, with their sources."""
    human = ("2014", "human", "one trained annotator", "–", f"{HUMAN_TOP5_ERROR} %", HUMAN_SOURCE)
    rows = [
        (
            str(result.year),
            result.entry if result.place == 1 else f"{result.entry} (second)",
            result.team,
            _write_layers(result),
            f"{result.top5_error} %",
            result.source,
        )
        for result in RESULTS
    ]
    names = ("year", "entry", "team", "layers", "top-5 error", "source")
    return dict(zip(names, map(list, zip(*rows, human, strict=True)), strict=True))


def _write_layers(result: Result) -> str:
    if result.printed_layers is None:
        return str(result.layers or "–")
    return f"{result.layers} (lectures print {result.printed_layers})"


def _write_product(layer: LayerCost) -> str:
    factors = [*layer.output_shape]
    if layer.kind is LayerKind.LINEAR:
        factors.append(layer.input_shape[-1])
    elif layer.counts.window is not None:
        factors += [layer.input_shape[0] // layer.groups, *layer.counts.window.kernel]
    return "·".join(map(str, factors))


def compare_tables(tables: tuple[CostTable, CostTable], *, titles: tuple[str, str]) -> str:
    """Say in one sentence how two modules' work and weights compare."""
    parts = []
    for noun, numbers in (
        ("multiply-adds", [table.multiply_adds for table in tables]),
        ("parameters", [table.parameters for table in tables]),
    ):
        first, second = numbers
        ratio = first / second if second else 1.0
        if 0.995 < ratio < 1.005:
            parts.append(f"as many {noun}")
        elif ratio > 1:
            parts.append(f"{_write_ratio(ratio)} times fewer {noun}")
        else:
            parts.append(f"{_write_ratio(1 / ratio)} times as many {noun}")
    return f"**{titles[1]}** has {parts[0]} and {parts[1]} compared with **{titles[0]}**."


def _write_ratio(ratio: float) -> str:
    return format_number(ratio)


def write_block_csv(table: CostTable) -> str:
    """Write a block's table as CSV, a row an operation."""
    return write_csv(fold_rows(table, fold=Fold.OPERATIONS, convention=Convention()))


def tabulate_stage_rule(channels: int, size: int) -> dict[str, list[str]]:
    """Work VGG's stage rule out: half the size and double the channels cost the same work.

    Args:
        channels: C of the first stage.
        size: Height and width of the second stage's map; the first's are twice as large.
    """
    columns: dict[str, list[str]] = {
        "": ["input", "3×3 layer", "memory", "weights", "multiply-adds"]
    }
    for title, width, side, formulas in (
        ("first stage", channels, 2 * size, ("4·H·W·C", "9·C²", "36·H·W·C²")),
        ("next stage", 2 * channels, size, ("2·H·W·C", "36·C²", "36·H·W·C²")),
    ):
        memory, weights, work = formulas
        kernel = (3, 3)
        learned = convolution_parameters(width, width, kernel=kernel, bias=False)
        done = convolution_multiply_adds(width, width, kernel=kernel, output=(side, side))
        columns[title] = [
            f"{width}×{side}×{side}",
            f"{width} → {width}",
            f"{memory} = {format_count(width * side * side)} values",
            f"{weights} = {format_count(learned)}",
            f"{work} = {format_count(done)}",
        ]
    return columns


def tabulate_kernels(channels: int) -> dict[str, list[str]]:
    """Compare one large kernel with the stack of 3×3 that sees as much, for C maps in and out."""
    columns: dict[str, list[str]] = {
        "sees": [],
        "one layer": [],
        "3×3 layers": [],
        "share": [],
    }
    for side, times in ((5, 2), (7, 3)):
        single = convolution_parameters(channels, channels, kernel=(side, side), bias=False)
        stack = times * convolution_parameters(channels, channels, kernel=(3, 3), bias=False)
        columns["sees"].append(f"{side}×{side}")
        columns["one layer"].append(f"{side * side}·C² = {format_count(single)}")
        columns["3×3 layers"].append(f"{times} · 9·C² = {9 * times}·C² = {format_count(stack)}")
        columns["share"].append(format_percent(stack / single, digits=0))
    return columns

"""A cost table's numbers in words, as LaTeX and as CSV."""

import csv
import io
from collections.abc import Mapping
from math import prod

from cnnviz.costs.layer_counts import WindowShape
from cnnviz.costs.rows import CONVENTIONS, Convention, CostRow, Share, sum_operations
from cnnviz.costs.table import CostTable, LayerCost
from cnnviz.figures.format import (
    format_bytes,
    format_count,
    format_latex,
    format_pair,
    format_percent,
    format_quantity,
    format_shape,
    write_table,
)
from cnnviz.figures.formulas import write_equation
from cnnviz.networks.graph.layers import LayerKind
from cnnviz.networks.zoo.architecture import Architecture
from cnnviz.networks.zoo.torchvision_list import read_reported

COLUMNS = (
    "Layer",
    "Kind",
    "Input",
    "Filters",
    "Kernel",
    "Stride",
    "Padding",
    "Output",
    "Memory KB",
    "Parameters",
    "Operations",
    "Receptive field",
    "Jump",
)
Cell = str | int | float


def write_percent(part: int, whole: int) -> str:
    """Write a share in percent, without saying 0 of something or 100 of not all."""
    return format_percent(part / whole if whole else 0.0, digits=0)


def write_unit(convention: Convention) -> str:
    """Name what is counted."""
    only = Convention(twice=convention.twice)
    plain = "Operations" if convention.twice else "Multiply-adds"
    return plain if convention == only else f"{plain} and more"


def list_cells(row: CostRow) -> tuple[Cell, ...]:
    """Return one row's cells, in the order of COLUMNS."""
    window = row.window
    return (
        row.title,
        row.kind,
        format_shape(row.input_shape),
        "" if row.filters is None else str(row.filters),
        format_pair(window.kernel) if window else "",
        format_pair(window.stride) if window else "",
        format_pair(window.padding) if window else "",
        format_shape(row.output_shape),
        row.memory_bytes / 1024,
        row.parameters,
        row.operations,
        format_pair(row.field.size) if row.field else "",
        format_pair(row.field.jump) if row.field else "",
    )


def tabulate_costs(rows: tuple[CostRow, ...], *, unit: str) -> dict[str, list[Cell]]:
    """Make columns of all rows; those of operations have the name of what is counted."""
    cells = [list_cells(row) for row in rows]
    names = [unit if column == "Operations" else column for column in COLUMNS]
    return {name: [row[place] for row in cells] for place, name in enumerate(names)}


def write_csv(rows: tuple[CostRow, ...]) -> str:
    """Write the table as CSV, the header first."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    writer.writerows(list_cells(row) for row in rows)
    return text.getvalue()


def summarize_costs(rows: tuple[CostRow, ...]) -> str:
    """Say in one sentence where memory, parameters and work are."""
    parameters = sum(row.parameters for row in rows)
    operations = sum(row.operations for row in rows)
    kept = [row for row in rows if row.members[0].is_kept]
    memory = sum(row.memory_bytes for row in kept)
    early = first_half(kept)
    return (
        f"**Memory**: half of it is in the first {len(early)} of {len(kept)} layers "
        f"({write_percent(sum(row.memory_bytes for row in early), memory)}). "
        f"**Parameters**: {_write_largest(rows, 'parameters', parameters)}. "
        f"**Work**: {_write_largest(rows, 'operations', operations)}."
    )


def first_half(rows: list[CostRow]) -> list[CostRow]:
    """Return the first rows that together hold half of the memory."""
    total, held = sum(row.memory_bytes for row in rows), 0
    for place, row in enumerate(rows, start=1):
        held += row.memory_bytes
        if 2 * held >= total:
            return rows[:place]
    return rows


_IN_WORDS = {
    Share.CONVOLUTION: "in the convolutions",
    Share.LINEAR: "in the fully connected layers",
    Share.ATTENTION: "in attention",
    Share.POOLING: "in poolings",
    Share.OTHER: "elsewhere",
}


def _write_largest(rows: tuple[CostRow, ...], what: str, total: int) -> str:
    parts = {
        share: sum(getattr(row, what) for row in rows if row.share is share) for share in Share
    }
    share = max(parts, key=lambda key: parts[key])
    return f"{write_percent(parts[share], total)} {_IN_WORDS[share]}"


def write_total(table: CostTable, convention: Convention) -> str:
    """Write a network's operations, as a least where some of them are not counted."""
    total = format_quantity(sum_operations(table, convention))
    return f"at least {total}" if table.uncounted else total


def list_conventions(table: CostTable) -> tuple[tuple[str, int, str], ...]:
    """Count one network by each convention: its name, the number, and the number in short."""
    counted = ((name, sum_operations(table, convention)) for name, convention in CONVENTIONS)
    return tuple((name, number, format_quantity(number)) for name, number in counted)


def write_conventions(tables: Mapping[str, CostTable]) -> str:
    """Write networks, by their titles, counted by each convention as a Markdown table."""
    columns = [list_conventions(table) for table in tables.values()]
    rows = [
        (found[0][0], *(f"{format_count(count)} ({short})" for _, count, short in found))
        for found in zip(*columns, strict=True)
    ]
    return write_table(("What is counted", *tables), rows)


def list_notes(network: Architecture) -> list[str]:
    """List which version of a network this is, and what torchvision reports of it."""
    # The heading above them asks which it is.
    notes = [
        note.partition("? ")[2] if note.startswith("Which ") else note for note in network.notes
    ]
    if network.torchvision_name:
        notes += [
            f"torchvision reports {format_percent(found.top1 / 100)} top-1 and "
            f"{format_percent(found.top5 / 100)} top-5 on ImageNet at "
            f"{found.input_size}×{found.input_size} for its weights {found.weights}, a file of "
            f"{format_bytes(2**20 * found.file_megabytes)}."
            for found in read_reported(network.torchvision_name)
        ]
    return notes


def write_formulas(row: CostRow) -> tuple[tuple[str, str], ...]:
    """Work out one layer's numbers: (what it is, LaTeX) for each formula that it has."""
    layer = row.members[0]
    formulas: list[tuple[str, str]] = []
    if row.window is not None:
        formulas += _write_sizes(row.window, layer)
    if layer.kind is LayerKind.CONVOLUTION and row.window is not None:
        formulas += _write_convolution(row.window, layer)
    if layer.kind is LayerKind.LINEAR and layer.filters is not None:
        formulas += _write_linear(layer)
    if layer.kind in (LayerKind.MAX_POOLING, LayerKind.AVERAGE_POOLING) and row.window is not None:
        factors = (*layer.output_shape, *row.window.kernel)
        formulas.append(("Values read", _write_product(factors, layer.counts.extra)))
    values = prod(layer.output_shape)
    product = rf"{_times(layer.output_shape)} \cdot 4\,\text{{B}}"
    size = format_latex(format_bytes(4 * values))
    written = (rf"{_group(4 * values)}\,\text{{B}}", rf"\text{{{size}}}")[: 1 + (values >= 256)]
    formulas.append(("Memory", write_equation(product, *written)))
    return tuple(formulas)


def _write_sizes(window: WindowShape, layer: LayerCost) -> list[tuple[str, str]]:
    if len(layer.input_shape) != 3:
        return []
    axes = [0] if _is_square(window, layer) else [0, 1]
    names = ("Height = width",) if len(axes) == 1 else ("Height", "Width")
    bounds = (r"\lceil", r"\rceil") if window.ceil_mode else (r"\lfloor", r"\rfloor")
    formulas = []
    for name, axis in zip(names, axes, strict=True):
        kernel = rf"{window.dilation[axis]} \cdot ({window.kernel[axis]} - 1)"
        room = rf"{layer.input_shape[1 + axis]} + 2 \cdot {window.padding[axis]} - {kernel} - 1"
        steps = rf"\left{bounds[0]} \frac{{{room}}}{{{window.stride[axis]}}} \right{bounds[1]}"
        formulas.append((name, f"{steps} + 1 = {layer.output_shape[1 + axis]}"))
    return formulas


def _is_square(window: WindowShape, layer: LayerCost) -> bool:
    pairs = (window.kernel, window.stride, window.padding, window.dilation)
    square = layer.input_shape[1] == layer.input_shape[2]
    return square and all(first == second for first, second in pairs)


def _write_convolution(window: WindowShape, layer: LayerCost) -> list[tuple[str, str]]:
    inputs = layer.input_shape[0] // layer.groups
    reads = _times((inputs, *window.kernel))
    bias = " + 1" if layer.biases else ""
    weights = rf"({reads}{bias})" if bias else reads
    own = layer.parameters
    work = (*layer.output_shape, inputs, *window.kernel)
    return [
        ("Parameters", write_equation(rf"{layer.output_shape[0]} \cdot {weights}", _group(own))),
        ("Multiply-adds", _write_product(work, layer.counts.multiply_adds)),
    ]


def _write_linear(layer: LayerCost) -> list[tuple[str, str]]:
    inputs, outputs = layer.input_shape[-1], layer.output_shape[-1]
    reads = f"({inputs} + 1)" if layer.biases else str(inputs)
    work = (*layer.output_shape, inputs)
    return [
        ("Parameters", write_equation(rf"{outputs} \cdot {reads}", _group(layer.parameters))),
        ("Multiply-adds", _write_product(work, layer.counts.multiply_adds)),
    ]


def _write_product(factors: tuple[int, ...], result: int) -> str:
    return write_equation(_times(factors), _group(result))


def _times(factors: tuple[int, ...]) -> str:
    return r" \cdot ".join(str(factor) for factor in factors)


def _group(number: int) -> str:
    return format_latex(format_count(number))

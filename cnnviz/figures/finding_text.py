"""What papers measured, as tables, and a shortcut's sum as matrices."""

from collections.abc import Sequence
from itertools import pairwise

from cnnviz.costs.table import CostTable
from cnnviz.figures.format import format_count, format_number, format_points, format_setting
from cnnviz.networks.zoo.findings import SKIP_INPUT, SKIP_RESIDUAL, Finding

RATIO_ARCHITECTURES = ("alexnet_one_gpu", "vgg16_d", "googlenet_2014")
_RATIO_NAMES = ("activation memory", "parameters", "multiply-adds")
_PRINTED_RATIOS = ((25, 2.3, 19.4), (5.7, 8.9, 17.8))
Matrix = tuple[tuple[int, ...], ...]


def tabulate_finding(finding: Finding, *, parameters: Sequence[int] = ()) -> dict[str, list[str]]:
    """Arrange a finding by column, with the change from row to row where rows are steps.

    Args:
        finding: The finding.
        parameters: Computed here, a row each; none where they cannot be.
    """
    table = {
        name: [str(row[place]) for row in finding.rows]
        for place, name in enumerate(finding.columns)
    }
    if finding.steps:
        values = [float(row[1]) for row in finding.rows]
        changes = [after - before for before, after in pairwise(values)]
        table["change"] = ["", *(format_points(change) for change in changes)]
    if parameters:
        table["parameters computed"] = [format_count(count) for count in parameters]
    return table


def tabulate_ratios(
    alexnet: CostTable, vgg: CostTable, googlenet: CostTable
) -> dict[str, list[str]]:
    """Compare what lectures print of VGG-16 against AlexNet, and its first layers against a stem.

    Args:
        alexnet: Of RATIO_ARCHITECTURES.
        vgg: The same.
        googlenet: The same.
    """
    pairs = (
        ("VGG-16 by AlexNet (one GPU)", _total(vgg), _total(alexnet)),
        (
            "VGG-16 down to 28×28 by GoogLeNet’s stem",
            _total(vgg, "pool3"),
            _total(googlenet, "pool2"),
        ),
    )
    rows = [
        (pair, quantity, f"{format_setting(printed)}×", f"{format_number(more / less)}×")
        for (pair, many, few), ratios in zip(pairs, _PRINTED_RATIOS, strict=True)
        for quantity, printed, more, less in zip(_RATIO_NAMES, ratios, many, few, strict=True)
    ]
    columns = ("", "quantity", "printed", "computed")
    return dict(zip(columns, map(list, zip(*rows, strict=True)), strict=True))


def _total(table: CostTable, last: str | None = None) -> tuple[float, float, float]:
    """Memory of activations, parameters and multiply-adds of a network, or up to a layer."""
    titles = [layer.title for layer in table.layers]
    layers = table.layers[: None if last is None else titles.index(last) + 1]
    return (
        sum(layer.memory_bytes for layer in layers if layer.is_kept),
        sum(layer.parameters for layer in layers),
        sum(layer.counts.multiply_adds for layer in layers),
    )


def add_shortcut(x: Matrix, residual: Matrix) -> tuple[Matrix, Matrix]:
    """Add what a block computed to its input: the sum, and the sum after its ReLU."""
    total = tuple(
        tuple(first + second for first, second in zip(one, other, strict=True))
        for one, other in zip(x, residual, strict=True)
    )
    return total, tuple(tuple(max(0, value) for value in row) for row in total)


def write_shortcut() -> tuple[str, str]:
    """Write a lecture's example of a shortcut as LaTeX: the sum, and the ReLU of it."""
    total, output = add_shortcut(SKIP_INPUT, SKIP_RESIDUAL)
    parts = [_write_matrix(matrix) for matrix in (SKIP_INPUT, SKIP_RESIDUAL, total, output)]
    return (
        rf"x + F(x) = {parts[0]} + {parts[1]} = {parts[2]}",
        rf"\operatorname{{ReLU}}(x + F(x)) = {parts[3]}",
    )


def _write_matrix(matrix: Matrix) -> str:
    rows = r" \\ ".join(" & ".join(map(str, row)) for row in matrix)
    return rf"\begin{{pmatrix}} {rows} \end{{pmatrix}}"

"""What papers measured, as tables, and a shortcut's sum as matrices."""

from collections.abc import Sequence
from itertools import pairwise

from cnnviz.figures.format import format_count, format_points
from cnnviz.networks.zoo.findings import SKIP_INPUT, SKIP_RESIDUAL, Finding

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

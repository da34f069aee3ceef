"""A part of a network in words and formulas: shapes, costs, and the layers inside."""

from collections.abc import Mapping

from cnnviz.figures.format import format_quantity
from cnnviz.figures.formulas import (
    describe_shape,
    name_layer,
    write_cost_formulas,
    write_field,
    write_size_formulas,
)
from cnnviz.networks.graph.layer_facts import LayerFacts
from cnnviz.networks.graph.layers import Graph
from cnnviz.networks.graph.stages import Part, PartKind, count_part

_MAX_LINES = 14


def list_part_facts(graph: Graph, part: Part, facts: Mapping[str, LayerFacts]) -> list[str]:
    """List a part's kind, shape, costs and field."""
    counts = count_part(graph, part)
    kind = str(facts[part.head].layer.kind) if part.kind is PartKind.LAYER else str(part.kind)
    if part.kind is PartKind.REPEAT:
        kind = f"{len(part.parts)} equal parts"
    found = [kind, describe_shape(facts[part.shown].layer)]
    if counts.parameters:
        # The formula below is of the layer alone.
        rest = counts.parameters - facts[part.head].parameters
        note = f" ({format_quantity(rest)} of normalization)" if rest and not part.parts else ""
        found.append(f"{format_quantity(counts.parameters)} parameters{note}")
    if counts.multiply_adds:
        found.append(f"{format_quantity(counts.multiply_adds)} multiply-adds")
    if any(not facts[name].is_counted for name in part.layers):
        found.append("multiply-adds not counted")
    field = write_field(facts[part.shown])
    return [*found, field] if field else found


def list_small_formulas(facts: LayerFacts) -> list[str]:
    """List a layer's formulas, set small for a narrow place."""
    sizes = write_size_formulas(facts.terms) if facts.terms else ()
    return [_fold_formula(formula) for formula in (*sizes, *write_cost_formulas(facts))]


def _fold_formula(formula: str) -> str:
    """Set a formula small, on a line for each equals sign, for the narrow place beside."""
    if "aligned" in formula:
        head, equals, result = formula.rpartition(" = ")
        return rf"\footnotesize {head} \\ &{equals}{result}"
    left, *right = formula.split(" = ")
    lines = "".join(rf" \\ & = {part}" for part in right)
    return rf"\footnotesize \begin{{aligned}} & {left}{lines} \end{{aligned}}"


def write_inside(part: Part, facts: Mapping[str, LayerFacts]) -> str:
    """Write the layers of a block, or of the first of equal ones: shapes and costs, a line each."""
    inner = part.parts[0] if part.kind is PartKind.REPEAT else part
    steps = inner.parts or (inner,)
    lines = [f"**{inner.title}: layer, output, multiply-adds**"]
    for step in steps[:_MAX_LINES]:
        name = name_layer(facts[step.head].layer).rpartition(", ")[2]
        shape = "×".join(map(str, facts[step.shown].layer.shape))
        done = sum(facts[layer].multiply_adds for layer in step.layers)
        lines.append(f"{name} · {shape}" + (f" · {format_quantity(done)}" if done else ""))
    if len(steps) > _MAX_LINES:
        lines.append(f"and {len(steps) - _MAX_LINES} more; open the part to see them")
    return "  \n".join(lines)

"""What the chosen part of the network is: beside its picture."""

import streamlit as st

from cnnviz.cached import get_facts, get_whole
from cnnviz.figures.format import format_quantity
from cnnviz.figures.formulas import (
    describe_shape,
    name_layer,
    write_cost_formulas,
    write_field,
    write_size_formulas,
)
from cnnviz.inference import LoadedModel
from cnnviz.layer_facts import LayerFacts
from cnnviz.stages import Part, PartKind, count_part, find_part, fold_network
from cnnviz.web.page import link_to
from cnnviz.web.pages.whole_network.controls import Controls
from cnnviz.web.state import PageState

_MAX_LINES = 14


def show_details(page: PageState[Controls]) -> None:
    """Say what the chosen part is: shapes, formulas, costs, and where to look further."""
    model: LoadedModel = page.at.bench.model
    part = find_part(fold_network(model.graph), page.values.part)
    if part is None:
        return
    facts = get_facts(page.at.bench.network)
    st.subheader(part.title, anchor=False)
    st.markdown(" · ".join(_list_facts(model, part, facts)))
    if part.kind is PartKind.LAYER:
        _show_formulas(facts[part.head])
    else:
        _show_inside(part, facts)
    _show_links(page, part)


def _list_facts(model: LoadedModel, part: Part, facts: dict[str, LayerFacts]) -> list[str]:
    counts = count_part(model.graph, part)
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
    field = write_field(facts[part.shown])
    return [*found, field] if field else found


def _show_formulas(facts: LayerFacts) -> None:
    formulas = list(write_size_formulas(facts.terms)) if facts.terms else []
    for formula in (*formulas, *write_cost_formulas(facts)):
        st.latex(_fold_formula(formula), width="content")


def _fold_formula(formula: str) -> str:
    """Set a formula small, on a line for each equals sign, for the narrow place beside."""
    if "aligned" in formula:
        head, equals, result = formula.rpartition(" = ")
        return rf"\footnotesize {head} \\ &{equals}{result}"
    left, *right = formula.split(" = ")
    lines = "".join(rf" \\ & = {part}" for part in right)
    return rf"\footnotesize \begin{{aligned}} & {left}{lines} \end{{aligned}}"


def _show_inside(part: Part, facts: dict[str, LayerFacts]) -> None:
    """List the layers of a block, or of the first of equal ones: shapes and costs."""
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
    st.caption("  \n".join(lines))


def _show_links(page: PageState[Controls], part: Part) -> None:
    bench = page.at.bench
    layer = bench.model.graph.find(part.shown)
    if bench.image is None or len(layer.shape) not in (1, 3):
        return
    channel = page.values.channel
    if channel is None:
        maps = get_whole(bench.network, bench.image).maps.get(part.shown)
        channel = 0 if maps is None or not layer.is_spatial else maps.channels[0]
    shared = bench.write_address()
    noun = "map" if layer.is_spatial else "unit"
    link_to(
        "activations",
        f"Activations: {noun} {channel}",
        icon=":material/layers:",
        layer=part.shown,
        channel=str(channel),
        **shared,
    )
    link_to("costs", "Costs of this network", icon=":material/table:", architecture=bench.network)

"""Formulas with a layer's or a cell's own numbers in them, as LaTeX, and counts as words."""

from collections.abc import Sequence

from torch import nn

from cnnviz.figures.format import format_count, format_latex, format_shape
from cnnviz.networks.graph.layer_facts import LayerFacts, SizeTerms
from cnnviz.networks.graph.layers import Layer

# What a screen 390 pixels wide holds.
_LINE = 34  # signs of an equation
_PARTS = 5  # parts of a sum


def write_equation(left: str, *right: str) -> str:
    """Write an equation as LaTeX, on a line for each right side where one would be too long.

    Args:
        left: LaTeX.
        right: LaTeX of what it equals, in steps.
    """
    shown = " = ".join((left, *right)).replace(r" \cdot ", "·").replace("{,}", ",")
    shown = shown.replace(r"\,\text", "")
    if len(shown) <= _LINE:
        return " = ".join((left, *right))
    steps = r" \\ &= ".join(right)
    return rf"\begin{{aligned}} & {left} \\ &= {steps} \end{{aligned}}"


def write_long_sum(parts: Sequence[str], result: str) -> str:
    """Write a sum as LaTeX, a few parts a line, so that a narrow screen holds it."""
    lines = [" + ".join(parts[at : at + _PARTS]) for at in range(0, len(parts), _PARTS)]
    if len(lines) == 1:
        return f"{lines[0]} = {result}"
    sums = r" \\ & + ".join(lines)
    return rf"\begin{{aligned}} & {sums} \\ &= {result} \end{{aligned}}"


def name_layer(layer: Layer) -> str:
    """Name a layer in running text: its title without the kind that stands behind a plain name."""
    return layer.title.removesuffix(f" ({layer.kind})")


def describe_shape(layer: Layer) -> str:
    """Say a layer's shape: “6 maps of 28×28”, “84 numbers”."""
    if layer.is_spatial:
        channels, height, width = layer.shape
        noun = "map" if channels == 1 else "maps"
        return f"{format_count(channels)} {noun} of {height}×{width}"
    if len(layer.shape) == 1:
        return f"{format_count(layer.shape[0])} numbers"
    return format_shape(layer.shape)


def write_field(facts: LayerFacts) -> str | None:
    """Say how much of the input a cell sees; None where that is not known."""
    if facts.field is None:
        return None
    height, width = facts.field.size
    return f"a cell sees {height}×{width} of the input"


def write_size_formulas(terms: tuple[SizeTerms, SizeTerms]) -> tuple[str, ...]:
    """Write a layer's output size worked out: once, or once an axis where they differ."""
    rows, columns = terms
    if rows == columns:
        return (write_size_formula(rows, name="N"),)
    return write_size_formula(rows, name="H"), write_size_formula(columns, name="W")


def write_size_formula(terms: SizeTerms, *, name: str) -> str:
    """Write the output size along one axis worked out."""
    window = terms.window
    general = rf"\frac{{{name} + 2P - D(K - 1) - 1}}{{S}} + 1"
    numbers = (
        rf"\frac{{{terms.size_in} + 2\cdot{window.padding} - {window.dilation}({window.kernel} - 1)"
        rf" - 1}}{{{window.stride}}} + 1"
    )
    fraction = (
        rf"\left\lceil {numbers} \right\rceil"
        if terms.rounds_up
        else rf"\left\lfloor {numbers} \right\rfloor"
        if terms.unread
        else numbers
    )
    left = rf"{name}_\text{{out}}"
    # Two lines, for narrow screens.
    lines = rf"{left} &= {general} \\ &= {fraction} = {terms.size_out}"
    return rf"\begin{{aligned}} {lines} \end{{aligned}}"


def write_layer_formulas(facts: LayerFacts) -> tuple[str, ...]:
    """Write a layer's output size, parameters and multiply-adds worked out, where it has any."""
    sizes = () if facts.terms is None else write_size_formulas(facts.terms)
    return (*sizes, *write_cost_formulas(facts))


def write_cost_formulas(facts: LayerFacts) -> tuple[str, ...]:
    """Write a convolution's or linear layer's parameters and multiply-adds worked out."""
    module, shape = facts.layer.module, facts.layer.shape
    bias = " + 1" if getattr(module, "bias", None) is not None else ""
    if isinstance(module, nn.Conv2d):
        per_map = module.in_channels // module.groups
        window = rf"{per_map}\cdot{module.kernel_size[0]}\cdot{module.kernel_size[1]}"
        learned = rf"{module.out_channels}\,({window}{bias})"
        done = rf"{shape[0]}\cdot{shape[1]}\cdot{shape[2]}\cdot({window})"
    elif isinstance(module, nn.Linear):
        learned = rf"{module.out_features}\,({module.in_features}{bias})"
        done = rf"{module.out_features}\cdot {module.in_features}"
    else:
        return ()
    return (
        rf"\text{{parameters}} = {learned} = {write_count(facts.parameters)}",
        rf"\text{{multiply-adds}} = {done} = {write_count(facts.multiply_adds)}",
    )


def write_count(number: int) -> str:
    """Write a count as LaTeX."""
    return format_latex(format_count(number))

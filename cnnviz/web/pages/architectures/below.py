"""Below the stage: two ways to do one job, VGG's rules, scaling, winners, and papers' results."""

import streamlit as st

from cnnviz.cached import get_architecture_costs
from cnnviz.costs.table import CostTable
from cnnviz.figures import block_text as text
from cnnviz.figures.blocks import Drawn, get_side
from cnnviz.figures.finding_text import (
    RATIO_ARCHITECTURES,
    tabulate_finding,
    tabulate_ratios,
    write_shortcut,
)
from cnnviz.figures.format import format_shape
from cnnviz.figures.scaling_text import tabulate_scaling
from cnnviz.networks.zoo.block_pairs import Pair, get_pair
from cnnviz.networks.zoo.efficientnet_lite import SCALINGS
from cnnviz.networks.zoo.findings import FINDINGS
from cnnviz.web.components.block.block import show_drawings
from cnnviz.web.page import link_to
from cnnviz.web.pages.architectures.controls import Page


def find_sides(page: Page) -> tuple[Pair, tuple[Drawn, Drawn]]:
    """Return the chosen comparison and its two drawings."""
    pair = get_pair(page.values.pair)
    shape = int(page.values.pair_channels), int(page.values.pair_size)
    return pair, (get_side(pair.name, 0, *shape), get_side(pair.name, 1, *shape))


def show_pair(page: Page) -> None:
    """Show the comparison."""
    st.subheader("Comparison", anchor=False)
    page.draw_row("pair", "pair_channels", "pair_size", widths=[2, 1, 1])
    pair, sides = find_sides(page)
    first, second = names = (pair.sides[0].title, pair.sides[1].title)
    tables = (sides[0].table, sides[1].table)
    st.markdown(f"{text.compare_tables(tables, titles=names)} {pair.note}")
    shape = page.make_key("pair_channels", "pair_size")
    if pair.slip and shape == (str(pair.channels), str(pair.size)):
        with st.container(border=True):
            st.markdown(f"**Printed and computed.** {pair.slip}")
    show_drawings(
        [(first, sides[0]), (second, sides[1])],
        file="-".join((pair.name, *shape)),
        key="architectures.drawings",
    )
    for column, table, name in zip(st.columns(2, gap="large"), tables, names, strict=True):
        with column:
            shape_out = format_shape(table.layers[-1].output_shape)
            st.markdown(f"**{name}**: {shape_out}, {text.write_totals(table)}")
            alt = f"Multiply-adds of {name}, layer by layer"
            st.table(text.tabulate_terms(table), alt=alt)


def show_rules(page: Page) -> None:
    """Show VGG's two rules for any C and H."""
    st.subheader("VGG’s two rules", anchor=False)
    with st.container(horizontal=True, gap="medium"):
        page.draw("c", "h", width=150)
    kernels, stages = st.columns(2, gap="large")
    c, h = page.values.c, page.values.h
    with kernels:
        st.markdown(page.text("kernels"))
        alt = "Weights of large and of stacked small kernels"
        st.table(text.tabulate_kernels(c), width="content", alt=alt)
    with stages:
        st.markdown(page.text("stages"))
        alt = "A 3×3 layer in two VGG stages"
        st.table(text.tabulate_stage_rule(c, h), width="content", alt=alt)


def find_scaling() -> list[CostTable]:
    """Return what EfficientNet-Lite's members cost, the first one first."""
    return [get_architecture_costs(one.name, one.side) for one in SCALINGS]


def show_scaling(page: Page) -> None:
    """Show depth, width and resolution growing together, and what that costs."""
    st.subheader("Compound scaling", anchor=False)
    st.markdown(page.text("scaling"))
    alt = "EfficientNet-Lite0, 1 and 2: factors, sizes, costs and published accuracy"
    st.table(tabulate_scaling(find_scaling()), width="content", alt=alt)
    st.caption(page.text("scaling_limits"))
    with st.container(horizontal=True, gap="medium"):
        arrow = ":material/arrow_outward:"
        names = "~".join(one.name for one in SCALINGS)
        link_to("compare", "Compare them on your image", icon=arrow, networks=names)
        link_to("evaluation", "Measure their accuracy", icon=arrow, networks=names)
        link_to("costs", "Layer by layer", icon=arrow, architecture=SCALINGS[-1].name)


def show_winners() -> None:
    """Show the challenge's winners and the human error with their sources."""
    with st.expander("ImageNet challenge, all years"):
        alt = "Winners of the ImageNet challenge by year, and the human error"
        st.table(text.tabulate_results(), alt=alt)


def show_ratios(page: Page) -> None:
    """Show what lectures print of VGG-16 against AlexNet and GoogLeNet's stem, and the count."""
    with st.expander("VGG-16 against AlexNet and GoogLeNet"):
        tables = map(get_architecture_costs, RATIO_ARCHITECTURES)
        alt = "Ratios of memory, parameters and multiply-adds, printed and computed"
        st.table(tabulate_ratios(*tables), width="content", alt=alt)
        st.caption(page.text("ratios"))


def show_findings(page: Page) -> None:
    """Show one published table, with our own count beside it where there is one."""
    st.subheader("Results of the papers", anchor=False)
    page.draw("finding", label_visibility="collapsed", width=520)
    finding = next(one for one in FINDINGS if one.name == page.values.finding)
    st.markdown(finding.says)
    parameters = [get_architecture_costs(name).parameters for name in finding.architectures]
    st.table(tabulate_finding(finding, parameters=parameters), width="content", alt=finding.title)
    st.caption(f"{finding.source}. These numbers are the paper's, not measured here.")
    if finding.name == "machines":
        arrow = ":material/arrow_outward:"
        link_to("costs", "Measure on this machine", icon=arrow, architecture="alexnet_2012")
    if finding.name == "shortcuts":
        st.markdown("**An identity shortcut**, worked out: the sum x + F(x), then the ReLU.")
        for formula in write_shortcut():
            st.latex(formula)

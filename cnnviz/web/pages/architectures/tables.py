"""Tables below the stage: VGG's rules for any C, the challenge's winners, and papers' results."""

import streamlit as st

from cnnviz.cached import get_architecture_costs
from cnnviz.figures.block_text import tabulate_kernels, tabulate_stage_rule
from cnnviz.figures.finding_text import tabulate_finding, write_shortcut
from cnnviz.web.pages.architectures.controls import ArchitectureControls
from cnnviz.web.state import PageState
from cnnviz.zoo.architectures import get_architecture
from cnnviz.zoo.findings import FINDINGS
from cnnviz.zoo.ilsvrc import HUMAN_SOURCE, HUMAN_TOP5_ERROR, RESULTS

Page = PageState[ArchitectureControls]


def show_rules(page: Page) -> None:
    """Show VGG's two rules for any C and H."""
    st.subheader("VGG’s two rules", anchor=False)
    with st.container(horizontal=True, gap="medium"):
        page.draw("c", "h", width=150)
    kernels, stages = st.columns(2, gap="large")
    with kernels:
        st.markdown(
            "**Stacked 3×3 kernels.** Two 3×3 layers have a receptive field of 5×5, three of 7×7, "
            "with fewer weights and more ReLUs."
        )
        st.table(
            tabulate_kernels(page.values.c),
            width="content",
            alt="Weights of large and of stacked small kernels",
        )
    with stages:
        st.markdown(
            "**Half the size, twice the channels.** A 3×3 layer of the next stage needs half the "
            "memory, four times the weights and the same multiply-adds."
        )
        st.table(
            tabulate_stage_rule(page.values.c, page.values.h),
            width="content",
            alt="A 3×3 layer in two VGG stages",
        )


def show_winners() -> None:
    """Show the challenge's winners and the human error with their sources."""
    rows = [
        (
            str(result.year),
            result.entry if result.place == 1 else f"{result.entry} (second)",
            result.team,
            str(result.layers or "–"),
            f"{result.top5_error} %",
            result.source,
        )
        for result in RESULTS
    ]
    rows.append(
        ("2014", "human", "one trained annotator", "–", f"{HUMAN_TOP5_ERROR} %", HUMAN_SOURCE)
    )
    names = ("year", "entry", "team", "layers", "top-5 error", "source")
    with st.expander("ImageNet challenge, all years"):
        st.table(
            dict(zip(names, (list(column) for column in zip(*rows, strict=True)), strict=True)),
            alt="Winners of the ImageNet challenge by year, and the human error",
        )


def show_findings(page: Page) -> None:
    """Show one published table, with our own count beside it where there is one."""
    st.subheader("Results of the papers", anchor=False)
    page.draw("finding", label_visibility="collapsed", width=520)
    finding = next(one for one in FINDINGS if one.name == page.values.finding)
    st.markdown(finding.says)
    parameters = [
        get_architecture_costs(name, get_architecture(name).input_size).parameters
        for name in finding.architectures
    ]
    st.table(tabulate_finding(finding, parameters=parameters), width="content", alt=finding.title)
    st.caption(f"{finding.source}. These numbers are the paper's, not measured here.")
    if finding.name == "shortcuts":
        st.markdown("**An identity shortcut**, worked out: the sum x + F(x), then the ReLU.")
        for formula in write_shortcut():
            st.latex(formula)

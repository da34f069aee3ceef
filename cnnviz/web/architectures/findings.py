"""What papers measured of these architectures, and a shortcut worked by hand."""

import streamlit as st

from cnnviz.figures.finding_text import tabulate_finding, write_shortcut
from cnnviz.web.caches import get_architecture_costs
from cnnviz.web.option_chooser import choose_listed
from cnnviz.zoo.architectures import get_architecture
from cnnviz.zoo.findings import FINDINGS

_FINDING = "finding"


def show_findings() -> None:
    """Choose one published table and show it, with our own count beside it where there is one."""
    st.header("What the papers found", anchor=False)
    by_title = {finding.title: finding for finding in FINDINGS}
    titles = list(by_title)
    aliases = {finding.name: finding.title for finding in FINDINGS}
    title = choose_listed(
        "Finding", titles, key=_FINDING, noun="finding", aliases=aliases, width=520
    )
    finding = by_title[title]
    st.markdown(finding.says)
    parameters = [
        get_architecture_costs(name, get_architecture(name).input_size).parameters
        for name in finding.architectures
    ]
    st.table(tabulate_finding(finding, parameters=parameters), width="content", alt=title)
    st.caption(f"{finding.source}. These numbers are theirs, not measured here.")
    if finding.name == "shortcuts":
        st.markdown(
            "**The identity shortcut by hand.** What came in is added, number by number, to what "
            "the layers made of it; then the ReLU."
        )
        for formula in write_shortcut():
            st.latex(formula)

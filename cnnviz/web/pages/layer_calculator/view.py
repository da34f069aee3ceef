"""The volumes, the numbers worked out, and other layers on the same input."""

import streamlit as st

from cnnviz.costs.calculator import LayerCount, list_alternatives
from cnnviz.figures.calculator import (
    count_unshared,
    describe,
    draw_volumes,
    list_rows,
    write_costs,
    write_sizes,
    write_volume,
)
from cnnviz.figures.format import format_bytes, format_count, format_quantity
from cnnviz.web.charts import show_chart, show_table
from cnnviz.web.pages.layer_calculator.controls import (
    EXAMPLES,
    ROWS,
    Page,
    list_sizes,
    read_setting,
)


def show_controls(page: Page) -> None:
    """Draw what changes the layer."""
    with st.popover("Examples", icon=":material/auto_awesome_motion:", width="stretch"):
        page.draw_presets("example", EXAMPLES)
    page.draw("type", "axes")
    page.draw_row(*list_sizes(page), "channels")
    for names in ROWS[page.values.type]:
        page.draw_row(*names)


def show_count(page: Page, count: LayerCount) -> None:
    """Draw the volumes over their numbers."""
    show_chart(draw_volumes(count), key="layer_calculator.volumes", alt=describe(count))
    with st.container(horizontal=True):
        st.metric("Output", write_volume(count.output))
        st.metric("Parameters", format_count(count.parameters))
        st.metric("Multiply-adds", format_quantity(count.multiply_adds))
        st.metric("Output memory", format_bytes(count.output_bytes))
    for formula in write_sizes(count):
        st.latex(formula)
    for part in count.parts:
        for column, formula in zip(st.columns(2), write_costs(count, part), strict=True):
            column.latex(formula)
    if count.parts and len(count.output) > 1:
        words = {
            "used": format_count(count.parts[0].places),
            "unshared": format_count(count_unshared(count)),
        }
        st.caption(page.text("sharing", **words))
    elif not count.parts:
        st.caption(page.text("pooling"))


def show_alternatives(page: Page) -> None:
    """Compare all types of layers on the same input."""
    st.subheader("Other layers on this input", anchor=False)
    counts = list_alternatives(read_setting(page))
    show_table(list_rows(counts), pinned="Layer", key="layer_calculator.alternatives")

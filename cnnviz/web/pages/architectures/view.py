"""The stage of the page of architectures: the timeline, and the block that is chosen on it."""

import streamlit as st

from cnnviz.figures import block_text as text
from cnnviz.figures.blocks import Drawn
from cnnviz.figures.format import format_bytes, format_shape
from cnnviz.networks.zoo.blocks import BLOCKS, get_block
from cnnviz.web.components.block.block import show_drawings
from cnnviz.web.components.timeline.timeline import show_timeline
from cnnviz.web.files import offer_file
from cnnviz.web.page import link_to
from cnnviz.web.pages.architectures.controls import Page

_TIMELINE, _DRAWING = "architectures.timeline", "architectures.drawing"


def show_years(page: Page) -> None:
    """Show the timeline; a click chooses a block."""

    def take(name: str) -> None:
        if any(block.name == name for block in BLOCKS):
            page.apply(block=name)

    show_timeline(selected=page.values.block, on_pick=take, key=_TIMELINE)


def step_block(page: Page, by: int) -> None:
    """Choose the next block of the timeline, or the one before."""
    page.step("block", [block.name for block in BLOCKS], by, is_ring=True)


def show_graph(page: Page, drawn: Drawn) -> None:
    """Draw the block; a click on a box chooses it."""
    values = page.values
    block = get_block(values.block)

    def take(name: str) -> None:
        if name in text.list_titles(drawn.layout):
            page.keep(box=name)

    show_drawings(
        [(f"{block.label}’s {block.title}", drawn)],
        selected=values.box,
        on_pick=take,
        file=f"{block.name}-{values.channels}-{values.size}",
        key=_DRAWING,
    )


def show_words(page: Page) -> None:
    """Show what the block is known for, and its input's controls."""
    block = get_block(page.values.block)
    st.markdown(f"**{block.label}, {block.network.year}: {block.title}.** {block.network.idea}")
    channels, size = st.columns(2, gap="medium")
    with channels:
        if block.choices:
            page.draw("channels")
        else:
            st.caption(f"This block has a fixed number of input channels: {block.channels}.")
    with size:
        page.draw("size")


def show_layer(page: Page, drawn: Drawn) -> None:
    """Show the block's totals, and one layer worked out."""
    table, layout = drawn.table, drawn.layout
    shapes = f"{format_shape(table.input_shape)} → {format_shape(table.layers[-1].output_shape)}"
    memory = f"{format_bytes(table.memory_bytes)} of activations"
    st.markdown(f"{shapes}: {text.write_totals(table)}, {memory}")
    page.draw("box", label_visibility="collapsed")
    box = next(box for box in layout.boxes if box.name == page.values.box)
    st.caption(text.describe_box(box, table=table))
    if box.layer is not None:
        for what, formula in text.explain_layer(box.layer, table=table):
            st.markdown(f"**{what}** ${formula}$")


def show_more(page: Page, drawn: Drawn | None) -> None:
    """Show what else there is to the block: what to look at, its paper, its table."""
    block = get_block(page.values.block)
    st.markdown(block.look)
    notes = "  \n".join((f"Module {block.place} of {block.network.title}.", *block.network.notes))
    st.caption(f"{block.network.paper}  \n{notes}")
    with st.container(horizontal=True, gap="medium", vertical_alignment="center"):
        if drawn is not None:
            offer_file(
                "Block as CSV",
                lambda: text.write_block_csv(drawn.table),
                f"{block.name}-{page.values.channels}-{page.values.size}.csv",
            )
        link_to(
            "costs",
            "Costs of the whole network",
            icon=":material/arrow_outward:",
            architecture=block.architecture,
        )

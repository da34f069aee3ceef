"""The architecture page's main parts: the timeline, one block, and two ways to do its job."""

import streamlit as st

from cnnviz.cost import CostTable
from cnnviz.errors import CNNVizError
from cnnviz.figures.block_text import (
    choose_heaviest,
    compare_tables,
    describe_box,
    explain_layer,
    list_terms,
    list_titles,
    write_block_csv,
)
from cnnviz.figures.format import format_bytes, format_count, format_quantity, format_shape
from cnnviz.web.chrome import show_error
from cnnviz.web.components.block.block import (
    Drawn,
    get_drawn,
    get_side,
    read_pick,
    show_drawings,
)
from cnnviz.web.components.timeline.timeline import show_timeline
from cnnviz.web.url_values import check_choice, keep_within
from cnnviz.zoo.block import Block
from cnnviz.zoo.block_pairs import PAIRS, Pair, get_pair
from cnnviz.zoo.blocks import BLOCKS, get_block

_TIMELINE, _DRAWING = "timeline", "drawing"
_BLOCK, _CHANNELS, _SIZE, _BOX = "block", "channels", "size", "box"
_PAIR, _PAIR_CHANNELS, _PAIR_SIZE = "pair", "paired", "side"
_SIZES = (3, 7, 14, 28, 56, 112)
_FIRST = "inception"


def show_years() -> Block:
    """Show the timeline and return the block that is chosen on it."""
    labels = {block.label: block for block in BLOCKS}
    _tell(
        check_choice(
            _BLOCK,
            list(labels),
            aliases={block.name: block.label for block in BLOCKS},
            noun="architecture",
        )
    )
    picture = st.container()
    label = st.selectbox(
        "Architecture (or click it above)",
        list(labels),
        index=list(labels).index(get_block(_FIRST).label),
        key=_BLOCK,
        bind="query-params",
        on_change=_start_block,
    )
    block = labels[label]
    with picture:
        show_timeline(selected=block.name, on_pick=_take_block, key=_TIMELINE)
        st.caption(
            "Bars: top-5 error of the winner of each year’s ImageNet challenge, 2010 to 2017; the "
            "dashed line is a person’s, 5.1 %. Each small picture is the graph of the block below "
            "it. The year is the paper’s."
        )
    return block


def _take_block() -> None:
    name = read_pick(_TIMELINE)
    if any(block.name == name for block in BLOCKS):
        st.session_state[_BLOCK] = get_block(name).label
        _start_block()


def _start_block() -> None:
    """Bring a newly chosen block in as it was published, with its own comparison."""
    block = next(block for block in BLOCKS if block.label == st.session_state[_BLOCK])
    st.session_state[_CHANNELS] = block.channels
    st.session_state[_SIZE] = block.size
    st.session_state.pop(_BOX, None)
    st.session_state[_PAIR] = get_pair(block.pair).title
    _start_pair()


def _start_pair() -> None:
    pair = _find_pair(st.session_state[_PAIR])
    st.session_state[_PAIR_CHANNELS] = pair.channels
    st.session_state[_PAIR_SIZE] = pair.size


def _find_pair(title: str) -> Pair:
    return next(pair for pair in PAIRS if pair.title == title)


def show_block(block: Block) -> None:
    """Show a block's idea, controls, totals, drawing, one box worked out, and its table."""
    network = block.network
    st.header(f"{block.label}, {network.year}: {block.title}", anchor=False)
    st.markdown(f"**{network.idea}** {block.look}")
    channels, size = _choose_input(block)
    try:
        drawn = get_drawn(block.name, channels, size)
    except CNNVizError as error:
        show_error(error)
        return
    _show_totals(drawn.table)
    titles = list_titles(drawn.layout)
    _tell(check_choice(_BOX, list(titles.values()), aliases={}, noun="box"))
    first = titles[choose_heaviest(drawn.layout)]
    keep_within(_BOX, list(titles.values()), fallback=first)
    place, words = st.columns([11, 9], gap="medium")
    with words:
        title = st.selectbox(
            "Box (or click one)",
            list(titles.values()),
            index=list(titles.values()).index(first),
            key=_BOX,
            bind="query-params",
        )
        name = next(name for name, own in titles.items() if own == title)
        _show_box(name, drawn)
        st.download_button(
            "Table of the block as CSV",
            write_block_csv(drawn.table),
            file_name=f"{block.name}-{channels}-{size}.csv",
            mime="text/csv",
            icon=":material/download:",
            on_click="ignore",
        )
        st.caption(f"Of {network.title}, module {block.place}. {network.paper}")
        for note in network.notes:
            st.caption(note)
    with place:
        show_drawings(
            [(f"{block.label}’s {block.title}", drawn)],
            selected=name,
            on_pick=lambda: _take_box(titles),
            file=f"{block.name}-{channels}-{size}",
            key=_DRAWING,
        )


def _take_box(titles: dict[str, str]) -> None:
    name = read_pick(_DRAWING)
    if name in titles:
        st.session_state[_BOX] = titles[name]


def _choose_input(block: Block) -> tuple[int, int]:
    left, right = st.columns(2, gap="large")
    with left:
        if block.choices:
            channels = _slide(
                "Channels C of the input",
                block.choices,
                block.channels,
                key=_CHANNELS,
                noun="number of channels",
            )
        else:
            channels = block.channels
            st.caption(
                f"This block is taken out of the network as it is: {channels} input channels."
            )
    with right:
        sizes = tuple(sorted({*_SIZES, block.size}))
        size = _slide("Height and width of the input", sizes, block.size, key=_SIZE, noun="size")
    return channels, size


def _slide(label: str, options: tuple[int, ...], start: int, *, key: str, noun: str) -> int:
    _tell(check_choice(key, [str(option) for option in options], aliases={}, noun=noun))
    keep_within(key, options, fallback=start)
    value: int = st.select_slider(label, options=options, value=start, key=key, bind="query-params")
    return value


def _tell(sentence: str | None) -> None:
    if sentence:
        st.warning(sentence, icon=":material/link_off:")


def _show_totals(table: CostTable) -> None:
    with st.container(horizontal=True, gap="small"):
        shapes = (
            f"{format_shape(table.input_shape)} → {format_shape(table.layers[-1].output_shape)}"
        )
        st.metric("Input → output", shapes, border=True, width="content")
        st.metric("Parameters", format_quantity(table.parameters), border=True, width="content")
        st.metric(
            "Multiply-adds", format_quantity(table.multiply_adds), border=True, width="content"
        )
        st.metric("Activations", format_bytes(table.memory_bytes), border=True, width="content")


def _show_box(name: str, drawn: Drawn) -> None:
    box = next(box for box in drawn.layout.boxes if box.name == name)
    st.markdown(describe_box(box, table=drawn.table).replace(", ", "  \n", 1))
    if box.layer is not None:
        for what, formula in explain_layer(box.layer, table=drawn.table):
            st.markdown(f"**{what}**")
            st.latex(formula)


def show_pair(block: Block) -> None:
    """Show two ways to do one job, with the same input, drawn and counted."""
    st.header("The same job, two ways", anchor=False)
    titles = [pair.title for pair in PAIRS]
    _tell(
        check_choice(
            _PAIR,
            titles,
            aliases={pair.name: pair.title for pair in PAIRS},
            noun="comparison",
        )
    )
    title = st.selectbox(
        "Compare",
        titles,
        index=titles.index(get_pair(block.pair).title),
        key=_PAIR,
        bind="query-params",
        on_change=_start_pair,
    )
    pair = _find_pair(title)
    left, right = st.columns(2, gap="large")
    with left:
        channels = _slide(
            "Channels C of both inputs",
            pair.choices,
            pair.channels,
            key=_PAIR_CHANNELS,
            noun="number of channels",
        )
    with right:
        sizes = tuple(sorted({*_SIZES, pair.size}))
        size = _slide("Height and width of both", sizes, pair.size, key=_PAIR_SIZE, noun="size")
    _show_sides(pair, channels=channels, size=size)


def _show_sides(pair: Pair, *, channels: int, size: int) -> None:
    sides = [get_side(pair.name, place, channels, size) for place in (0, 1)]
    names = (pair.sides[0].title, pair.sides[1].title)
    st.markdown(f"{compare_tables((sides[0].table, sides[1].table), titles=names)} {pair.note}")
    for column, side, name in zip(st.columns(2, gap="large"), sides, names, strict=True):
        with column:
            st.markdown(f"**{name}**, {format_shape(side.table.layers[-1].output_shape)} out")
            with st.container(horizontal=True, gap="small"):
                st.metric("Multiply-adds", format_quantity(side.table.multiply_adds), border=True)
                st.metric("Parameters", format_quantity(side.table.parameters), border=True)
    if pair.slip and (channels, size) == (pair.channels, pair.size):
        with st.container(border=True):
            st.markdown(f"**Printed and computed.** {pair.slip}")
    show_drawings(
        list(zip(names, sides, strict=True)),
        selected=None,
        on_pick=None,
        file=f"{pair.name}-{channels}-{size}",
        key="drawings",
    )
    st.subheader("The sums, layer by layer", anchor=False)
    for column, side, name in zip(st.columns(2, gap="large"), sides, names, strict=True):
        with column:
            _show_terms(side.table, name=name)


def _show_terms(table: CostTable, *, name: str) -> None:
    terms = list_terms(table)
    last = table.multiply_adds
    st.table(
        {
            name: [*(term.layer for term in terms), "together"],
            "factors": [*(term.product for term in terms), ""],
            "multiply-adds": [
                *(f"{format_count(term.multiply_adds)}" for term in terms),
                format_count(last),
            ],
        },
        alt=f"Multiply-adds of {name}, layer by layer",
    )

"""The page's controls, each bound to the URL, and the window that they describe."""

from dataclasses import dataclass

import numpy as np
import streamlit as st

from cnnviz.errors import CNNVizError
from cnnviz.figures.receptive_field import fit_square
from cnnviz.inference import load_model
from cnnviz.sliding import (
    KERNELS,
    MAX_SIDE,
    Grid,
    format_grid,
    list_first_filters,
    parse_grid,
    parse_kernel,
    read_grey,
)
from cnnviz.web.chrome import show_error
from cnnviz.web.convolution.scenes import FIRST, NUMBERS, PICTURE, SCENES, Scene
from cnnviz.web.picture_chooser import PictureSource, choose_picture
from cnnviz.web.runnable import list_runnable
from cnnviz.web.url_values import check_choice, check_number

SLIDE = "slide"
_LONGEST = 1200
_WIDTH = 108
_TAKEN = "taken_kernel"


@dataclass(frozen=True, slots=True)
class _Number:
    """A whole number among the controls: its key, label, bounds, and what is said of it."""

    key: str
    label: str
    least: int
    most: int
    help: str


# Zero is let through where the formula has a sentence for it: that is part of the lesson.
_WINDOW = (
    _Number("stride", "Stride S", 0, 8, "Cells from one window to the next."),
    _Number("padding", "Padding P", 0, 8, "Zeros on each side of the input."),
    _Number("dilation", "Dilation D", 0, 8, "Cells from one tap of the kernel to the next."),
    _Number("pool", "Pool K", 1, 8, "Side of the pooling window."),
    _Number("pool_stride", "Pool S", 0, 8, "Cells from one pooling window to the next."),
)
_DIVISOR = _Number("divisor", "Divide by", 1, 9999, "Divides each sum: 9 makes nine ones a mean.")
_SIDE = _Number("side", "Side", 3, MAX_SIDE, "The picture is scaled to this many pixels a side.")


@dataclass(frozen=True, slots=True, eq=False)
class Choices:
    """What the visitor set.

    Attributes:
        grid: The input, (H, W).
        grey: Whether the input is a picture's grey levels, 0 to 255.
        kernel: (K, K).
        stride: Of the convolution.
        padding: Of the convolution.
        dilation: Of the convolution.
        divisor: What each sum of products is divided by.
        bias: Added to each sum.
        pool: Side of the pooling window.
        pool_stride: Stride of the pooling.
    """

    grid: Grid
    grey: bool
    kernel: Grid
    stride: int
    padding: int
    dilation: int
    divisor: int
    bias: float
    pool: int
    pool_stride: int


def read_choices() -> Choices | None:
    """Show the controls; None, with a sentence, where they describe no input or no kernel."""
    with st.container(horizontal=True, gap="small"):
        for scene in SCENES:
            st.button(scene.title, on_click=_take_scene, args=(scene,), key=f"scene-{scene.title}")
    found = _choose_input()
    _offer_kernels()
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        text = st.text_input(
            "Kernel",
            FIRST.kernel,
            max_chars=_LONGEST,
            key="kernel",
            bind="query-params",
            width=264,
            help="Rows parted by commas, numbers by spaces. The table below edits it too.",
        )
        divisor = _ask(_DIVISOR)
        bias = st.number_input(
            "Bias b",
            -9999.0,
            9999.0,
            FIRST.bias,
            1.0,
            "%g",
            key="bias",
            bind="query-params",
            width=_WIDTH,
            help="Added to each sum.",
        )
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        numbers = {number.key: _ask(number) for number in _WINDOW}
    try:
        kernel = parse_kernel(text or "")
    except CNNVizError as error:
        show_error(error)
        return None
    taken = st.session_state.get(_TAKEN)
    if taken is not None and taken[0] == text:
        st.caption(taken[1])
    if found is None:
        return None
    grid, grey = found
    return Choices(
        grid=grid, grey=grey, kernel=kernel, divisor=divisor, bias=float(bias), **numbers
    )


def _ask(number: _Number) -> int:
    problem = check_number(
        number.key, least=number.least, most=number.most, noun=f"“{number.label}”"
    )
    if problem:
        st.warning(problem)
    value: int = st.number_input(
        number.label,
        number.least,
        number.most,
        getattr(FIRST, number.key),
        key=number.key,
        bind="query-params",
        width=_WIDTH,
        help=number.help,
    )
    return value


def _choose_input() -> tuple[Grid, bool] | None:
    """The numbers to slide over, and whether they are grey levels."""
    problem = check_choice("input", (NUMBERS, PICTURE), aliases={}, noun="kind of input")
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        kind = st.segmented_control(
            "Input",
            (NUMBERS, PICTURE),
            default=FIRST.input,
            required=True,
            key="input",
            bind="query-params",
            width="content",
        )
        try:
            found = _read_numbers() if kind == NUMBERS else _read_picture()
        except CNNVizError as error:
            show_error(error)
            found = None
    if problem:
        st.warning(problem)
    return found


def _read_numbers() -> tuple[Grid, bool]:
    text = st.text_input(
        "Numbers: rows parted by commas, numbers by spaces",
        FIRST.numbers,
        max_chars=_LONGEST,
        key="numbers",
        bind="query-params",
        width=420,
    )
    return parse_grid(text or "", name="The input", most=MAX_SIDE), False


def _read_picture() -> tuple[Grid, bool] | None:
    with st.popover("Choose the picture", icon=":material/image:"):
        picture = choose_picture(load_model("lenet5"))
    side = _ask(_SIDE)
    if picture is None:
        st.info("Draw, upload or choose a picture; its grey levels are the input.")
        return None
    return read_grey(fit_square(picture.pixels, size=side)), True


def _offer_kernels() -> None:
    """A button for each of the lecture's kernels, and the first layer of a network."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        for name in KERNELS:
            st.button(name, on_click=_take_kernel, args=(name,), key=f"kernel-{name}")
        with st.popover("of a network"):
            _offer_network_kernels()


def _offer_network_kernels() -> None:
    titles = {listing.name: listing.title for listing in list_runnable()}
    name = st.selectbox(
        "Network", list(titles), format_func=lambda key: titles.get(key, key), key="kernel_network"
    )
    try:
        found = list_first_filters(load_model(name).graph)
    except CNNVizError as error:
        show_error(error)
        return
    if found is None:
        st.markdown(f"No square kernel of {titles[name]} reads the picture itself.")
        return
    layer, kernels = found
    index = st.number_input(f"Filter of {layer}", 0, len(kernels) - 1, key=f"filter-{name}")
    text = format_grid(kernels[index])
    said = (
        f"Filter {index} of {layer} in {titles[name]}, its kernels for red, green and blue summed "
        "as a grey picture has all three alike, rounded to three decimals. The network scales "
        "pixels and adds its own bias besides."
    )
    st.button("Take this kernel", on_click=_take_text, args=(text, said), type="primary")


def _take_text(text: str, said: str) -> None:
    st.session_state["kernel"] = text
    st.session_state["divisor"] = 1
    st.session_state[_TAKEN] = (text, said)


def _take_kernel(name: str) -> None:
    st.session_state["kernel"], st.session_state["divisor"] = KERNELS[name]


def take_edit() -> None:
    """Take over a kernel that was edited in the picture's table."""
    edit = st.session_state[SLIDE]["edited"]
    if isinstance(edit, str):
        try:
            st.session_state["kernel"] = format_grid(parse_kernel(edit[:_LONGEST]))
        except CNNVizError:
            return  # no table of ours sends this


def _take_scene(scene: Scene) -> None:
    for key in ("input", "kernel", "bias", *(each.key for each in (_DIVISOR, *_WINDOW))):
        st.session_state[key] = getattr(scene, key)
    if scene.input == NUMBERS:
        st.session_state["numbers"] = scene.numbers
        return
    st.session_state["side"] = scene.side
    st.session_state["picture"] = PictureSource.SAMPLE
    st.session_state["sample"] = scene.sample


def list_numbers(grid: Grid) -> list[list[float]]:
    """Take a grid as lists for the browser, six digits behind the point."""
    rounded: list[list[float]] = np.round(grid, 6).tolist()
    return rounded

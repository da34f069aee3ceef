"""The receptive-field page's controls, each bound to the URL, and the stacks they describe."""

from dataclasses import dataclass

import streamlit as st

from cnnviz.errors import CNNVizError
from cnnviz.figures.receptive_field import fit_square
from cnnviz.gallery import list_samples, load_sample
from cnnviz.imaging import Pixels
from cnnviz.stacks import (
    MAX_CHANNELS,
    MAX_SIZE,
    StackLayer,
    StackRow,
    format_stack,
    grow_stack,
    parse_stack,
)
from cnnviz.web.chrome import show_error
from cnnviz.web.components.field.field import DrawnStack

PICTURE = "field"
_STACK, _AGAINST, _SIZE, _CHANNELS, _PHOTOGRAPH = "stack", "against", "size", "channels", "picture"
_LONGEST = 400


@dataclass(frozen=True, slots=True)
class Preset:
    """A stack worth seeing.

    Attributes:
        title: On its button.
        stack: Its notation.
        against: Notation of the stack beside it, empty for none.
        size: Side of the input.
        channels: Channels of every layer.
    """

    title: str
    stack: str
    against: str
    size: int
    channels: int


_VGG16 = "3p1, 3p1, m2, 3p1, 3p1, m2" + ", 3p1, 3p1, 3p1, m2" * 3
PRESETS = (
    Preset("three 3×3 or 7×7", "3, 3, 3", "7", 13, 64),
    Preset("two 3×3 or 5×5", "3, 3", "5", 11, 64),
    Preset("dilated 1, 2, 4", "3d1, 3d2, 3d4", "3, 3, 3", 21, 64),
    Preset("dropped pixels", "3s2, 3s2", "3p1s2, 3p1s2", 16, 64),
    Preset("LeNet-5", "5, a2, 5, a2, 5", "", 32, 16),
    Preset("AlexNet", "11s4p2, m3s2, 5p2, m3s2, 3p1, 3p1, 3p1, m3s2", "", 224, 256),
    Preset("VGG-16", _VGG16, "", 224, 256),
)


@dataclass(frozen=True, slots=True, eq=False)
class Choices:
    """What the visitor built.

    Attributes:
        stacks: One stack or two to compare.
        size: Side of the input.
        channels: Channels of every layer.
        photograph: What lies on the input, (size, size, 3), or None.
    """

    stacks: tuple[DrawnStack, ...]
    size: int
    channels: int
    photograph: Pixels | None


def read_choices() -> Choices:
    """Show the controls and return what they say; what makes no layer is told in its place."""
    with st.container(horizontal=True, gap="small"):
        for preset in PRESETS:
            st.button(preset.title, on_click=_take_preset, args=(preset,), key=preset.title)
    first = PRESETS[0]
    with st.container(horizontal=True, vertical_alignment="top", gap="small"):
        stack = st.text_input(
            "Stack", first.stack, max_chars=_LONGEST, key=_STACK, bind="query-params", width=200
        )
        against = st.text_input(
            "Against",
            first.against,
            max_chars=_LONGEST,
            key=_AGAINST,
            bind="query-params",
            placeholder="none",
            width=130,
        )
        size = st.number_input(
            "Input side",
            1,
            MAX_SIZE,
            first.size,
            key=_SIZE,
            bind="query-params",
            width=130,
        )
        channels = st.number_input(
            "Channels C",
            1,
            MAX_CHANNELS,
            first.channels,
            key=_CHANNELS,
            bind="query-params",
            width=120,
        )
        photograph = _choose_photograph()
    st.caption(
        "A layer is its kernel, then s stride, p padding, d dilation; m or a in front makes it a "
        "max or average pooling: 11s4p2, m3s2, 3d2. The first layer stands next to the input."
    )
    drawn = [_draw_stack(_STACK, "Stack", stack or "", size=size, channels=channels)]
    if (against or "").strip():
        drawn.append(_draw_stack(_AGAINST, "Against", against, size=size, channels=channels))
    return Choices(
        stacks=tuple(entry for entry in drawn if entry is not None),
        size=size,
        channels=channels,
        photograph=_read_photograph(photograph, size=size),
    )


def _choose_photograph() -> str | None:
    titles = {sample.key: sample.title for sample in list_samples()}
    return st.selectbox(
        "Picture under it",
        list(titles),
        index=None,
        format_func=lambda key: titles.get(key, key),
        placeholder="bare pixels",
        key=_PHOTOGRAPH,
        bind="query-params",
        width=165,
    )


def _read_photograph(key: str | None, *, size: int) -> Pixels | None:
    return None if key is None else _fit_sample(key, size)


@st.cache_data(max_entries=32, show_spinner=False)
def _fit_sample(key: str, size: int) -> Pixels:
    return fit_square(load_sample(key).pixels, size=size)


def _draw_stack(key: str, name: str, text: str, *, size: int, channels: int) -> DrawnStack | None:
    """Grow a stack as far as it fits; show the sentence about the layer that does not."""
    try:
        layers = parse_stack(text)
    except CNNVizError as error:
        show_error(error)
        return None
    rows = _grow_part(layers, size=size, channels=channels)
    return DrawnStack(key=key, title=f"{name}: {format_stack(layers)}", layers=layers, rows=rows)


def _grow_part(layers: tuple[StackLayer, ...], *, size: int, channels: int) -> tuple[StackRow, ...]:
    try:
        return grow_stack(layers, size=size, channels=channels)
    except CNNVizError as error:
        show_error(error)
    for count in range(len(layers) - 1, 0, -1):
        try:
            return grow_stack(layers[:count], size=size, channels=channels)
        except CNNVizError:
            continue  # the first fault has been told; look for the part below it
    return ()


def take_edit() -> None:
    """Take over a stack that was edited layer by layer in the picture."""
    edit = st.session_state[PICTURE]["edited"]
    if isinstance(edit, dict) and edit.get("stack") in (_STACK, _AGAINST):
        text = str(edit.get("text", ""))[:_LONGEST]
        try:
            text = format_stack(parse_stack(text))
        except CNNVizError:
            return  # no editor of ours sends this
        st.session_state[edit["stack"]] = text


def _take_preset(preset: Preset) -> None:
    st.session_state[_STACK] = preset.stack
    st.session_state[_AGAINST] = preset.against
    st.session_state[_SIZE] = preset.size
    st.session_state[_CHANNELS] = preset.channels

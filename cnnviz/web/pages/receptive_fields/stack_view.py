"""The stack builder: presets, the moving drawing, and the formula with its numbers."""

from dataclasses import dataclass
from functools import partial

import streamlit as st

from cnnviz.errors import CNNVizError
from cnnviz.figures.receptive_field import (
    DrawnStack,
    compare_weights,
    describe_top,
    fit_square,
    tabulate_stack,
    write_stack_csv,
)
from cnnviz.stacks import StackLayer, StackRow, format_stack, grow_stack, parse_stack
from cnnviz.web.chrome import show_error
from cnnviz.web.components.field.field import show_fields
from cnnviz.web.files import offer_file
from cnnviz.web.pages.receptive_fields.controls import (
    MAX_NOTATION,
    ReceptiveFieldsControls,
    View,
)
from cnnviz.web.state import PageState

_KEY = "receptive_fields.field"
# A line each, for narrow screens.
_FORMULA = (
    r"\begin{aligned} r_l &= r_{l-1} + (K_l - 1)\,D_l\,j_{l-1} \\ j_l &= j_{l-1}\,S_l \\ "
    r"a_l &= a_{l-1} - P_l\,j_{l-1} \\ r_0 &= j_0 = 1,\; a_0 = 0 \end{aligned}"
)


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


def show_stacks(page: PageState[ReceptiveFieldsControls]) -> tuple[DrawnStack, ...]:
    """Draw the builder and one stack or two; return those that are right so far as they fit."""
    figure, beside = st.columns([4, 1], gap="medium")
    with beside:
        with st.popover("Presets", icon=":material/stacks:", width="stretch"):
            for preset in PRESETS:
                st.button(
                    preset.title,
                    on_click=take_preset,
                    args=(page, preset),
                    key=f"receptive_fields.preset.{preset.title}",
                    width="stretch",
                )
        page.draw("stack", "against", "size", "channels", "ground")
    with figure:
        return _show_fields(page)


def _show_fields(page: PageState[ReceptiveFieldsControls]) -> tuple[DrawnStack, ...]:
    values, image = page.values, page.at.bench.image
    texts = {"stack": ("Stack", values.stack), "against": ("Against", values.against)}
    found = [
        _draw_stack(name, title, text, size=values.size, channels=values.channels)
        for name, (title, text) in texts.items()
        if name == "stack" or text.strip()
    ]
    stacks = tuple(stack for stack in found if stack is not None)
    if stacks:
        ground = values.ground and image is not None
        show_fields(
            stacks,
            size=values.size,
            channels=values.channels,
            picture=fit_square(image.pixels, size=values.size) if ground else None,
            on_edit=partial(_take_edit, page),
            key=_KEY,
        )
    return stacks


def take_preset(page: PageState[ReceptiveFieldsControls], preset: Preset) -> None:
    """Set the builder to a preset, as one step of the visitor's."""
    page.apply(
        view=View.STACK,
        stack=preset.stack,
        against=preset.against,
        size=preset.size,
        channels=preset.channels,
    )


def show_sums(stacks: tuple[DrawnStack, ...]) -> None:
    """Compare the stacks, and work out every layer's field with its own numbers."""
    complete = all(len(stack.rows) == len(stack.layers) for stack in stacks)
    if len(stacks) > 1 and complete:
        st.markdown(compare_weights(*(stack.rows for stack in stacks)) or "")
    st.latex(_FORMULA)
    for stack in stacks:
        if stack.rows:
            st.markdown(f"**{stack.title}**")
            st.table(tabulate_stack(stack.rows), width="content", alt=f"Fields of {stack.title}")
            st.markdown(describe_top(stack.rows))
            offer_file(
                "Table as CSV",
                partial(write_stack_csv, stack.rows),
                f"receptive-field-{stack.key}.csv",
                key=f"receptive_fields.csv.{stack.key}",
            )


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


def _take_edit(page: PageState[ReceptiveFieldsControls], edit: object) -> None:
    """Take over a stack that was edited layer by layer in the drawing."""
    if isinstance(edit, dict) and edit.get("stack") in ("stack", "against"):
        try:
            text = format_stack(parse_stack(str(edit.get("text", ""))[:MAX_NOTATION]))
        except CNNVizError:
            return  # no editor of ours sends this
        page.keep(**{edit["stack"]: text})

"""The stack builder: presets, the moving drawing, and the formula with its numbers."""

from contextlib import suppress
from functools import partial

import streamlit as st

from cnnviz.errors import CNNVizError
from cnnviz.figures import receptive_field as figures
from cnnviz.figures.receptive_field import DrawnStack
from cnnviz.receptive_fields.stacks import format_stack, grow_fitting, parse_stack
from cnnviz.web.chrome import show_error, showing_errors
from cnnviz.web.components.field.field import show_fields
from cnnviz.web.files import offer_file
from cnnviz.web.pages.receptive_fields.controls import MAX_NOTATION, Page

_KEY = "receptive_fields.field"
# A line each, for narrow screens.
_FORMULA = (
    r"\begin{aligned} r_l &= r_{l-1} + (K_l - 1)\,D_l\,j_{l-1} \\ j_l &= j_{l-1}\,S_l \\ "
    r"a_l &= a_{l-1} - P_l\,j_{l-1} \\ r_0 &= j_0 = 1,\; a_0 = 0 \end{aligned}"
)


def _preset(stack: str, against: str, size: int, channels: int) -> dict[str, object]:
    """A stack, the one beside it or none, the input's side, and every layer's channels."""
    return {"stack": stack, "against": against, "size": size, "channels": channels}


_VGG16 = "3p1, 3p1, m2, 3p1, 3p1, m2" + ", 3p1, 3p1, 3p1, m2" * 3
_ALEXNET = "11s4p2, m3s2, 5p2, m3s2, 3p1, 3p1, 3p1, m3s2"
PRESETS = {
    "three 3×3 or 7×7": _preset("3, 3, 3", "7", 13, 64),
    "two 3×3 or 5×5": _preset("3, 3", "5", 11, 64),
    "dilated 1, 2, 4": _preset("3d1, 3d2, 3d4", "3, 3, 3", 21, 64),
    "dropped pixels": _preset("3s2, 3s2", "3p1s2, 3p1s2", 16, 64),
    "LeNet-5": _preset("5, a2, 5, a2, 5", "", 32, 16),
    "AlexNet": _preset(_ALEXNET, "", 224, 256),
    "VGG-16": _preset(_VGG16, "", 224, 256),
}


def show_stacks(page: Page) -> tuple[DrawnStack, ...]:
    """Draw the builder and one stack or two; return those that are right so far as they fit."""
    figure, beside = st.columns([4, 1], gap="medium")
    with beside:
        with st.popover("Presets", icon=":material/stacks:", width="stretch"):
            page.draw_presets("preset", PRESETS)
        page.draw("stack", "against", "size", "channels", "ground")
    with figure:
        return _show_fields(page)


def _show_fields(page: Page) -> tuple[DrawnStack, ...]:
    values, image = page.values, page.at.bench.image
    names = ["stack", *(["against"] if values.against.strip() else [])]
    stacks = tuple(filter(None, (_draw_stack(page, name) for name in names)))
    if stacks:
        ground = values.ground and image is not None
        show_fields(
            stacks,
            size=values.size,
            channels=values.channels,
            image=figures.fit_square(image.pixels, size=values.size) if ground else None,
            on_edit=partial(_take_edit, page),
            key=_KEY,
        )
    return stacks


def show_sums(stacks: tuple[DrawnStack, ...]) -> None:
    """Compare the stacks, and work out every layer's field with its own numbers."""
    complete = all(len(stack.rows) == len(stack.layers) for stack in stacks)
    if len(stacks) > 1 and complete:
        st.markdown(figures.compare_weights(*(stack.rows for stack in stacks)) or "")
    st.latex(_FORMULA)
    for stack in stacks:
        if stack.rows:
            st.markdown(f"**{stack.title}**")
            st.table(
                figures.tabulate_stack(stack.rows), width="content", alt=f"Fields of {stack.title}"
            )
            st.markdown(figures.describe_top(stack.rows))
            offer_file(
                "Table as CSV",
                partial(figures.write_stack_csv, stack.rows),
                f"receptive-field-{stack.key}.csv",
                key=f"receptive_fields.csv.{stack.key}",
            )


def _draw_stack(page: Page, name: str) -> DrawnStack | None:
    """Grow a stack as far as it fits; show the sentence about the layer that does not."""
    values = page.values
    with showing_errors():
        layers = parse_stack(getattr(values, name))
        rows, problem = grow_fitting(layers, size=values.size, channels=values.channels)
        if problem is not None:
            show_error(problem)
        return DrawnStack(name, f"{name.capitalize()}: {format_stack(layers)}", layers, rows)
    return None


def _take_edit(page: Page, edit: object) -> None:
    """Take over a stack that was edited layer by layer in the drawing."""
    if isinstance(edit, dict) and edit.get("stack") in ("stack", "against"):
        with suppress(CNNVizError):  # no editor of ours sends what is none
            text = format_stack(parse_stack(str(edit.get("text", ""))[:MAX_NOTATION]))
            page.keep(**{edit["stack"]: text})

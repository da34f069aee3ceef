"""The stack builder: controls, the moving picture, and the formula with its numbers."""

import streamlit as st

from cnnviz.figures.receptive_field import (
    compare_weights,
    describe_top,
    tabulate_stack,
    write_stack_csv,
)
from cnnviz.web.components.field.field import DrawnStack, show_fields
from cnnviz.web.receptive_fields.controls import PICTURE, read_choices, take_edit

# A line each, for narrow screens.
_FORMULA = (
    r"\begin{aligned} r_l &= r_{l-1} + (K_l - 1)\,D_l\,j_{l-1} \\ j_l &= j_{l-1}\,S_l \\ "
    r"a_l &= a_{l-1} - P_l\,j_{l-1} \\ r_0 &= j_0 = 1,\; a_0 = 0 \end{aligned}"
)


def show_builder() -> None:
    """Build one stack or two, watch the field grow, and read the sums."""
    choices = read_choices()
    if not choices.stacks:
        return
    show_fields(
        choices.stacks,
        size=choices.size,
        channels=choices.channels,
        picture=choices.photograph,
        on_edit=take_edit,
        key=PICTURE,
    )
    complete = all(len(stack.rows) == len(stack.layers) for stack in choices.stacks)
    if len(choices.stacks) > 1 and complete:
        sentence = compare_weights(*(stack.rows for stack in choices.stacks))
        if sentence:
            st.markdown(sentence)
    st.subheader("The formula with these numbers", anchor=False)
    st.latex(_FORMULA)
    for stack in choices.stacks:
        if stack.rows:
            _show_table(stack)


def _show_table(stack: DrawnStack) -> None:
    st.markdown(f"**{stack.title}**")
    st.table(tabulate_stack(stack.rows), width="content", alt=f"Fields of {stack.title}")
    st.markdown(describe_top(stack.rows))
    st.download_button(
        "Table as CSV",
        write_stack_csv(stack.rows),
        f"receptive-field-{stack.key}.csv",
        "text/csv",
        key=f"csv-{stack.key}",
    )

"""The digit page's controls, each bound to the URL, and the drawing they speak of."""

from dataclasses import dataclass

import streamlit as st

from cnnviz.digits import PEN_RANGE, Stroke, check_strokes, sample_digits
from cnnviz.web.components.digit.digit import STAGE_TITLES, Values

PAD = "pad"
_SAMPLE = "digit"
_DRAWING = "digit_drawing"


@dataclass(frozen=True, slots=True, eq=False)
class Choices:
    """What the visitor chose.

    Attributes:
        sample: The sample digit on the pad, None for a drawing of their own.
        strokes: The drawing on the pad.
        pen: Diameter of the pen as a fraction of the pad's side.
        values: Activations before or after each ReLU.
        titles: Stages to draw.
    """

    sample: str | None
    strokes: tuple[Stroke, ...]
    pen: float
    values: Values
    titles: list[str]


def read_choices() -> Choices:
    """Show the controls and return what they say."""
    with st.container(horizontal=True, vertical_alignment="top", gap="medium"):
        sample = st.pills(
            "Sample digit",
            [str(digit) for digit in range(10)],
            default="7",
            wrap=True,
            key=_SAMPLE,
            bind="query-params",
        )
        values = st.segmented_control(
            "Values",
            list(Values),
            default=Values.RECTIFIED,
            required=True,
            key="values",
            bind="query-params",
        )
        low, high = (round(end * 100) for end in PEN_RANGE)
        pen = st.slider(
            "Pen width",
            low,
            high,
            9,
            format="%d %%",
            width=150,
            key="pen",
            bind="query-params",
        )
        titles = _choose_layers()
    if sample is not None:
        st.session_state[_DRAWING] = sample_digits()[int(sample)]
    return Choices(
        sample=sample,
        strokes=st.session_state.get(_DRAWING, ()),
        pen=pen / 100,
        values=Values(values),
        titles=titles,
    )


def _choose_layers() -> list[str]:
    """Show the stages to draw behind a button that lines up with the controls beside it."""
    with st.container(width="content", gap="xsmall"):
        st.markdown(":small[Layers]")
        with st.popover("Hide or show"):
            return st.pills(
                "Layers",
                STAGE_TITLES,
                default=STAGE_TITLES,
                selection_mode="multi",
                wrap=True,
                label_visibility="collapsed",
                key="layers",
                bind="query-params",
            )


def take_drawing() -> None:
    """Take over what was just drawn; the pad then holds no sample any more.

    Raises:
        DrawingError: The browser sent something that is no drawing.
    """
    st.session_state[_DRAWING] = check_strokes(st.session_state[PAD]["strokes"])
    st.session_state[_SAMPLE] = None

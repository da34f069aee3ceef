"""What a visitor chooses on the digit page: the drawing, the pen, and what is shown of it."""

from dataclasses import dataclass
from typing import Any

import streamlit as st

from cnnviz.digits.mnist import PEN_RANGE, Stroke
from cnnviz.digits.strokes import unpack_strokes
from cnnviz.errors import CNNVizError
from cnnviz.figures.digit_stages import STAGE_TITLES, Values
from cnnviz.images.names import DRAWING, find_strokes
from cnnviz.web.controls.kinds import AddressError, Control, choice, declare, number, several
from cnnviz.web.state import PageState

EMPTY = "none"
_SAMPLES = tuple(f"digit-{digit}" for digit in range(10))


@dataclass(frozen=True, slots=True, kw_only=True)
class DrawingChoice(Control):
    """A drawing: one of the sample digits, packed strokes, or an empty pad."""

    def accepts(self, value: Any, at: Any) -> bool:
        return isinstance(value, str)

    def parse(self, text: str, at: Any) -> str:
        if text == EMPTY or text in _SAMPLES:
            return text
        if not text.startswith(DRAWING):
            raise AddressError(f"There is no drawing “{text[:20]}” here")
        try:
            unpack_strokes(text.removeprefix(DRAWING))
        except (ValueError, CNNVizError) as error:
            raise AddressError("The drawing in the link is damaged") from error
        return text

    def to_widget(self, value: Any, at: Any) -> str | None:
        return value if value in _SAMPLES else None

    def show(self, at: Any, **look: Any) -> None:
        st.pills(self.label, _SAMPLES, format_func=lambda key: key[-1], **look)


@dataclass(frozen=True)
class DigitControls:
    """The drawing, the pen, and what is shown of the network."""

    drawing: str = declare(DrawingChoice(label="Sample digit", default="digit-7"))
    values: Values = choice(Values, "Values")
    pen: int = number(
        "Pen width", *(round(end * 100) for end in PEN_RANGE), default=9, pattern="%d %%"
    )
    layers: tuple[str, ...] = several(
        STAGE_TITLES, "Layers", most=len(STAGE_TITLES), default=STAGE_TITLES
    )


Page = PageState[DigitControls]


def read_strokes(drawing: str) -> tuple[Stroke, ...]:
    """Return the strokes of a drawing; none of an empty pad."""
    return () if drawing == EMPTY else find_strokes(drawing)

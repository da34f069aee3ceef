"""What a visitor chooses on the digit page: the drawing, the pen, the network and what is shown."""

from dataclasses import dataclass
from typing import Any

import streamlit as st

from cnnviz.digits.answers import NETWORK, list_lenets
from cnnviz.digits.mnist import PEN_RANGE, Stroke
from cnnviz.figures.digit_stages import STAGE_TITLES, Values
from cnnviz.images.names import DRAWING, find_strokes
from cnnviz.web.bench import NetworkChoice
from cnnviz.web.controls.image import check_drawing
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
        if text.startswith(DRAWING):
            return check_drawing(text)
        raise AddressError(f"There is no drawing “{text[:20]}” here")

    def to_widget(self, value: Any, at: Any) -> str | None:
        return value if value in _SAMPLES else None

    def show(self, at: Any, **look: Any) -> None:
        st.pills(self.label, _SAMPLES, format_func=lambda key: key[-1], **look)


@dataclass(frozen=True, slots=True, kw_only=True)
class LeNetChoice(NetworkChoice):
    """LeNet-5, or a network with its layers, such as one that was fine-tuned on a class's drawings.

    It is the page's own: a link to a drawing must not bring LeNet-5 to the pages of photographs.
    """

    def list_titles(self, at: Any) -> dict[Any, str]:
        return list_lenets()

    def find_default(self, at: Any) -> str:
        held: str = at.bench.values.network
        return held if held in list_lenets() else NETWORK


@dataclass(frozen=True)
class DigitControls:
    """The network, the drawing, the pen, and what is shown of them."""

    network: str = declare(LeNetChoice(label="Network", look="list", follows=("network",)))
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

"""The drawing pad with the whole of LeNet-5, or of a network like it, beside it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import streamlit as st

from cnnviz.digits.mnist import INK_VALUE, PAPER_VALUE, Stroke
from cnnviz.figures.colors import Colored
from cnnviz.networks.load import LoadedModel
from cnnviz.web.components.bundle import Take, create_component

_digit = create_component("digit")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Payload(Colored):
    """What the script reads; its type `Payload` says of each field what it is."""

    network: str
    drawing: str
    serial: int
    strokes: tuple[Stroke, ...]
    pen: float
    paper: float = PAPER_VALUE
    ink: float = INK_VALUE
    classes: Sequence[str]
    plan: list[dict[str, Any]]


def show_network(
    model: LoadedModel,
    *,
    drawing: str,
    strokes: tuple[Stroke, ...],
    pen: float,
    plan: list[dict[str, Any]],
    key: str,
    on_draw: Take,
) -> None:
    """Mount the pad with the network beside it; see `Payload`.

    `on_draw` is called with the strokes after every finished one; nobody has checked them.
    """

    def read(drawn: Any) -> dict[str, Any]:
        return drawn if isinstance(drawn, dict) else {}

    held = read((st.session_state.get(key) or {}).get("drawn"))
    payload = Payload(
        network=model.spec.name,
        drawing=drawing,
        serial=held.get("serial", 0),
        strokes=strokes,
        pen=pen,
        classes=model.spec.classes,
        plan=plan,
    )
    _digit.show(payload, key=key, drawn=lambda drawn: on_draw(read(drawn).get("strokes")))

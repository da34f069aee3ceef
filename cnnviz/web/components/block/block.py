"""Blocks drawn from their graphs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cnnviz.figures.blocks import Drawn, pack_drawn
from cnnviz.figures.network import KIND_COLORS, KIND_NAMES
from cnnviz.web.components.bundle import Take, create_component

_block = create_component("block")


@dataclass(frozen=True, slots=True, eq=False)
class Payload:
    """What the script reads; its type `Payload` says of each field what it is."""

    plans: list[dict[str, Any]]
    selected: str | None
    colors: Mapping[str, tuple[str, str]]
    legend: Sequence[tuple[str, str]]
    file: str


def show_drawings(
    drawings: Sequence[tuple[str, Drawn]],
    *,
    selected: str | None = None,
    on_pick: Take | None = None,
    file: str,
    key: str,
) -> None:
    """Draw one module, whose boxes can be picked, or two side by side.

    Args:
        drawings: Titles and modules; a single one shows no title.
        selected: Name of the box to point out.
        on_pick: Called with the name of the box that was clicked.
        file: Name of the file that the drawing is saved as.
        key: Key of the component.
    """
    plans = [
        pack_drawn(drawn)
        | {"title": title if len(drawings) > 1 else "", "label": f"Graph of {title}"}
        for title, drawn in drawings
    ]
    legend = tuple((KIND_NAMES | {"join": "sum +, product ×, joined ∥"}).items())
    payload = Payload(plans=plans, selected=selected, colors=KIND_COLORS, legend=legend, file=file)
    _block.show(payload, key=key, picked=on_pick)

"""A pad to draw on."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from cnnviz.web.components.bundle import Take, create_component

_board = create_component("board")


@dataclass(frozen=True, slots=True)
class Payload:
    """What the script reads; its type `Payload` says of each field what it is."""

    pen: float
    strokes: Sequence[Any]


def show_board(strokes: Sequence[Any], *, pen: float, key: str, on_draw: Take) -> None:
    """Mount a pad; `on_draw` is called with the strokes after every finished one."""
    _board.show(Payload(pen=pen, strokes=strokes), key=key, strokes=on_draw)

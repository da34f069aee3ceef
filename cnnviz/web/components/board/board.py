"""A pad to draw on."""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from cnnviz.web.components.bundle import create_component

_board = create_component("board")


@dataclass(frozen=True, slots=True)
class Payload:
    """What the script reads.

    Attributes:
        pen: Diameter of the pen as a fraction of the pad's side.
        strokes: The drawing, for a pad that has none yet.
    """

    pen: float
    strokes: Sequence[Any]


def show_board(
    strokes: Sequence[Any], *, pen: float, key: str, on_draw: Callable[[], None]
) -> None:
    """Mount a pad; its state `strokes` holds the drawing after every finished stroke.

    Args:
        strokes: The drawing, for a pad that has none yet.
        pen: Diameter of the pen as a fraction of the pad's side.
        key: Key of the component.
        on_draw: Called before the rerun that follows a finished stroke.
    """
    payload = Payload(pen=pen, strokes=strokes)
    _board(key=key, data=asdict(payload), on_strokes_change=on_draw)

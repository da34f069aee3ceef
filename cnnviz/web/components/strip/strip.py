"""The component that paints a strip of maps in the visitor's theme."""

from dataclasses import asdict, dataclass
from typing import Any

from cnnviz.figures.strip import Strip, pack_tables
from cnnviz.web.components.bundle import create_component
from cnnviz.web.components.shared.packing import pack

_mount = create_component("strip")


@dataclass(frozen=True, slots=True, eq=False)
class Payload:
    """What the script reads.

    Attributes:
        panels: The pictures, each with the same number of moments.
        layout: "flow" from left to right, "tiles" or "rows".
        label: The picture in words.
        classes: Names of the classes, empty without a guess.
        probabilities: Of each class, one list a moment.
        tables: Colour scales.
    """

    panels: list[dict[str, Any]]
    layout: str
    label: str
    classes: tuple[str, ...]
    probabilities: tuple[list[float], ...]
    tables: dict[str, dict[str, str]]


def show_strip(strip: Strip, *, key: str) -> None:
    """Paint a strip; with several moments it plays once and rests on the last."""
    payload = Payload(**asdict(strip), tables=pack_tables())
    _mount(data=pack(payload), key=key, height="content")

"""Maps and kernels side by side."""

from dataclasses import asdict, dataclass
from typing import Any

from cnnviz.figures.strip import Panel
from cnnviz.web.components.bundle import create_component
from cnnviz.web.components.shared.packing import color_tables, pack

_tiles = create_component("tiles")


@dataclass(frozen=True, slots=True, eq=False)
class Payload:
    """What the script reads.

    Attributes:
        panels: The pictures; of each the first moment.
        label: All of them in words.
        least: Smallest width of one in CSS pixels.
        colors: Colour scales.
    """

    panels: list[dict[str, Any]]
    label: str
    least: int
    colors: dict[str, dict[str, str]]


def show_tiles(panels: tuple[Panel, ...], *, label: str, least: int, key: str) -> None:
    """Show maps or kernels side by side in the colours of the visitor's theme.

    Args:
        panels: The pictures; of each the first moment.
        label: All of them in words, for screen readers.
        least: Smallest width of one in CSS pixels.
        key: Key of the component.
    """
    data = pack(
        Payload(
            panels=[asdict(panel) for panel in panels],
            label=label,
            least=least,
            colors=color_tables(),
        )
    )
    _tiles(key=key, data=data)

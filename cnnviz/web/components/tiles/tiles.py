"""Maps and kernels side by side."""

from collections.abc import Sequence
from dataclasses import dataclass

from cnnviz.figures.colors import Colored
from cnnviz.figures.strip import Panel
from cnnviz.web.components.bundle import create_component

_tiles = create_component("tiles")


@dataclass(frozen=True, slots=True, eq=False)
class Payload(Colored):
    """What the script reads; its type `Payload` says of each field what it is."""

    panels: Sequence[Panel]
    label: str
    least: int


def show_tiles(panels: Sequence[Panel], *, label: str, least: int, key: str) -> None:
    """Show maps or kernels side by side in the colours of the visitor's theme; see `Payload`."""
    _tiles.show(Payload(panels=panels, label=label, least=least), key=key)

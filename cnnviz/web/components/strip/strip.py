"""The component that paints a strip of maps in the visitor's theme."""

from dataclasses import asdict, dataclass, field

from cnnviz.figures.strip import Strip, pack_tables
from cnnviz.web.components.bundle import create_component
from cnnviz.web.components.shared.packing import pack

_mount = create_component("strip")


@dataclass(frozen=True, slots=True, eq=False)
class Payload(Strip):
    """What the script reads: the strip, and the color scales."""

    tables: dict[str, dict[str, str]] = field(default_factory=pack_tables)


def show_strip(strip: Strip, *, key: str) -> None:
    """Paint a strip; with several moments it plays once and rests on the last."""
    _mount(data=pack(Payload(**asdict(strip))), key=key, height="content")

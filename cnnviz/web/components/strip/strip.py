"""The component that paints a strip of maps in the visitor's theme."""

from cnnviz.figures.strip import Strip as Payload
from cnnviz.web.components.bundle import create_component

_strip = create_component("strip")


def show_strip(strip: Payload, *, key: str) -> None:
    """Paint a strip; with several moments it plays once and rests on the last."""
    _strip.show(strip, key=key)

"""The component that paints a strip of maps in the visitor's theme."""

from dataclasses import asdict

from cnnviz.figures.strip import pack_tables
from cnnviz.web.components.bundle import create_component
from cnnviz.web.home.strip import Strip

_mount = create_component("strip")


def show_strip(strip: Strip, *, key: str) -> None:
    """Paint a strip; with several moments it plays once and rests on the last."""
    _mount(data={**asdict(strip), "tables": pack_tables()}, key=key, height="content")

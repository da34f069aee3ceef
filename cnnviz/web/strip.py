"""The component that paints a strip of maps in the visitor's theme."""

from dataclasses import asdict
from pathlib import Path

import streamlit as st

from cnnviz.figures.strip import pack_tables
from cnnviz.web.home.strip import Strip

_FOLDER = Path(__file__).parent / "components"


def _read(*names: str) -> str:
    return "\n".join((_FOLDER / name).read_text(encoding="utf-8") for name in names)


_mount = st.components.v2.component(
    "cnnviz_strip",
    html=_read("strip.html"),
    css=_read("strip.css"),
    js=_read("strip.js"),
)


def show_strip(strip: Strip, *, key: str) -> None:
    """Paint a strip; with several moments it plays once and rests on the last."""
    _mount(data={**asdict(strip), "tables": pack_tables()}, key=key, height="content")

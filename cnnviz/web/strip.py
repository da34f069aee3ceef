"""The component that paints a strip of maps in the visitor's theme."""

from dataclasses import asdict

import streamlit as st

from cnnviz.figures.strip import pack_tables
from cnnviz.web.component_files import read_files, read_styles
from cnnviz.web.home.strip import Strip

_mount = st.components.v2.component(
    "cnnviz_strip",
    html=read_files("strip.html"),
    css=read_styles("strip.css"),
    js=read_files("strip.js"),
)


def show_strip(strip: Strip, *, key: str) -> None:
    """Paint a strip; with several moments it plays once and rests on the last."""
    _mount(data={**asdict(strip), "tables": pack_tables()}, key=key, height="content")

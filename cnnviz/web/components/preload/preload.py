"""The scripts of Streamlit's charts and tables, loaded while the visitor still reads."""

from dataclasses import dataclass
from pathlib import Path

import streamlit as st

from cnnviz.web.components.bundle import create_component

_STATIC = Path(st.__file__).parent / "static"
# The chart library first: it takes a browser a second, all others together a fifth of one.
_SCRIPTS = (
    "PlotlyChart",
    "rehype-katex",
    "DataFrame",
    "Slider",
    "Selectbox",
    "FileUploader",
)
_preload = create_component("preload")


@dataclass(frozen=True, slots=True, eq=False)
class Payload:
    """What the script reads; its type `Payload` says of each field what it is."""

    scripts: list[str]


def preload_scripts() -> None:
    """Have the visitor's browser load Streamlit's charts and tables once it has nothing to do."""
    _preload.show(Payload(scripts=_find_scripts()), key="ahead", height=1)


@st.cache_resource(max_entries=1, show_spinner=False)
def _find_scripts() -> list[str]:
    """Where the scripts lie; their names carry a checksum, so they are looked up."""
    found = (next(_STATIC.glob(f"static/js/{name}.*.js"), None) for name in _SCRIPTS)
    return [script.relative_to(_STATIC).as_posix() for script in found if script]

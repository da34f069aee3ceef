"""What the next page will need, got while the visitor still reads the first one."""

import gc
import threading
from pathlib import Path

import streamlit as st

from cnnviz.cost import compute_costs
from cnnviz.tradeoffs import list_reported
from cnnviz.web.component_files import read_files
from cnnviz.web.picture_chooser import make_thumbnails
from cnnviz.zoo import list_networks
from cnnviz.zoo.architectures import get_architecture

_STATIC = Path(st.__file__).parent / "static"
# The chart library first: it takes a browser a second, all others together a fifth of one.
_SCRIPTS = (
    "PlotlyChart",
    "rehype-katex",
    "DataFrame",
    "Slider",
    "Selectbox",
    "FileUploader",
    "DownloadButton",
)
_mount = st.components.v2.component(
    "cnnviz_ahead",
    js=read_files("ahead.js"),
)
_REST_SECONDS = 3.0


def load_scripts_ahead() -> None:
    """Have the visitor's browser load Streamlit's charts and tables once it has nothing to do."""
    _mount(data={"scripts": _find_scripts()}, key="ahead", height=1)


@st.cache_resource(max_entries=1, show_spinner=False)
def _find_scripts() -> list[str]:
    """Where the scripts lie; their names carry a checksum, so they are looked up."""
    found = (next(_STATIC.glob(f"static/js/{name}.*.js"), None) for name in _SCRIPTS)
    return [script.relative_to(_STATIC).as_posix() for script in found if script]


def prepare_ahead() -> None:
    """Do, a little after the start, what the first visitor of a page would wait for.

    Shapes on the meta device bring in 1,000 modules in a second, torchvision's metadata another
    one in two; the samples' thumbnails take a third of one.
    """
    timer = threading.Timer(_REST_SECONDS, _prepare)
    timer.daemon = True
    timer.start()


def _prepare() -> None:
    make_thumbnails()
    list_reported()
    list_networks()
    lenet = get_architecture("lenet5")
    compute_costs(
        lambda: lenet.build(lenet.input_size),
        input_shape=(lenet.channels, lenet.input_size, lenet.input_size),
    )
    # As after the start: what is there for good need not be looked through after every rerun.
    gc.collect()
    gc.freeze()

"""The slim bar on top of a page: the image, the network and the class of the workbench."""

import streamlit as st

from cnnviz.networks.runnable import list_runnable
from cnnviz.networks.weights.downloads import list_running
from cnnviz.networks.zoo import list_names
from cnnviz.web.bench import Bench, BenchControls
from cnnviz.web.state import BENCH, draw_control, list_controls
from cnnviz.web.weights_panel import offer_missing, show_running

# In pixels, in their order: with a title of two words they fit one line beside the open sidebar at
# 1280 pixels.
_WIDTHS = {"image": 180, "network": 180, "target": 160}


def show_bar(bench: Bench) -> None:
    """Draw the choosers of what a page uses, side by side."""
    controls, used = list_controls(BenchControls), bench.uses.list_names()
    with st.container(key="workbench", horizontal=True, vertical_alignment="center", gap="small"):
        for name in [name for name in _WIDTHS if name in used]:
            look = {} if name == "image" else {"label_visibility": "collapsed"}
            with st.container(key=f"workbench.{name}", width=_WIDTHS[name]):
                draw_control(BENCH, name, controls[name], bench.at, **look)
            if name == "network":
                offer_more()


def offer_more() -> None:
    """Offer the networks that have no weights here, with their downloads."""
    running = list_running()  # before the files: see `offer_missing`
    runnable = list_runnable()
    missing = [one for one in list_names() if one not in runnable]
    window = st.popover(
        "More",  # always the same: with another label the window would be another, and closed
        type="tertiary",
        help="Networks without weights on this machine",
        key="bench.more",
        on_change="rerun",
    )
    if window.open:
        with window:
            offer_missing(missing, running=running)
    elif running:
        with st.container(key="unseen"):  # a closed window has no bar that could notice the end
            show_running(running)

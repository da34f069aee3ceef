"""What every page shares: navigation, logo, footer, and how an error looks."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import streamlit as st
from streamlit.navigation.page import Page

from cnnviz import __version__
from cnnviz.errors import CNNVizError
from cnnviz.web.sitemap import GROUPS, HOME, JOIN, PageEntry

_ROOT = Path(__file__).parent.parent.parent
_ICONS = _ROOT / "assets" / "icon"
_SIDEBAR_WIDTH = 240


def open_frame() -> Page:
    """Declare every page to Streamlit, set the frame, and return the page that was asked for."""
    # Before the navigation, so that the sidebar is made with its width.
    st.set_page_config(
        page_icon=str(_ICONS / "icon.svg"),
        layout="wide",
        initial_sidebar_state=_SIDEBAR_WIDTH,
        menu_items={"About": f"CNNViz {__version__}: look inside a network while it runs."},
    )
    pages = {"": [declare_page(HOME), declare_page(JOIN)]}
    for name, entries in GROUPS.items():
        pages[name] = [declare_page(entry) for entry in entries]
    page = st.navigation(pages, expanded=True)
    title = "CNNViz" if page.url_path == HOME.url else f"{page.title} · CNNViz"
    st.set_page_config(page_title=title)
    st.logo(str(_ICONS / "logo.svg"), size="large", icon_image=str(_ICONS / "icon.svg"))
    return page


def declare_page(entry: PageEntry) -> Page:
    """Make the site map's entry a page of Streamlit's, to navigate or link to."""
    # No icon: Streamlit would fetch it from a font server as the browser tab's icon.
    return st.Page(
        _ROOT / "pages" / f"{entry.name}.py",
        title=entry.title,
        url_path=entry.url or None,
        default=entry is HOME,
        visibility="hidden" if entry is JOIN else "visible",
        help=entry.summary,
    )


def show_error(error: CNNVizError) -> None:
    """Show what was wrong and what to do, in the error's own sentence."""
    st.error(str(error), icon=":material/error:")


@contextmanager
def showing_errors() -> Iterator[None]:
    """Show an error of ours in its own sentence; what stands behind the block goes on."""
    try:
        yield
    except CNNVizError as error:
        show_error(error)


def draw_action(
    label: str, act: Callable[[], object], *, key: str, about: str = "", **look: Any
) -> None:
    """Draw a button that acts at once, with the error of its last click below it.

    It acts in a callback: where a page reads the click in its run, another event that comes during
    that run, such as a job's next result, begins it anew without the click.

    Args:
        label: On the button.
        act: What a click does; may raise a CNNVizError.
        key: Of the button.
        about: Key of the widget that an error is about; when it changes, the error goes.
        look: Further arguments of the button.
    """
    told = f"{key}.told"

    def click() -> None:
        st.session_state.pop(told, None)
        try:
            act()
        except CNNVizError as error:
            st.session_state[told] = st.session_state.get(about), error

    st.button(label, key=key, on_click=click, **look)
    held, error = st.session_state.get(told, (None, None))
    if error is not None and held == st.session_state.get(about):
        show_error(error)


def show_finding(text: str) -> None:
    """Frame what a page found out: part of the lesson, not an alert about the visitor's doing."""
    with st.container(border=True):
        st.markdown(text)


def show_script_error(error: Exception) -> bool:
    """Answer an error that a page or a part of it let through; Streamlit calls this.

    Returns:
        True: nothing more is to be shown. The traceback is on the terminal.
    """
    if isinstance(error, CNNVizError):
        show_error(error)
    else:
        st.error(
            "This page failed for a reason that nobody foresaw. Reload it; if it fails again, the "
            "server's terminal says where.",
            icon=":material/error:",
        )
    return True


def show_footer() -> None:
    """Close a page with the version and the license."""
    st.space("small")
    with st.container(horizontal=True, vertical_alignment="center", key="footer"):
        st.caption(f"CNNViz {__version__} · your drawings and images stay on this server")
        with st.popover("MIT license", type="tertiary"):
            st.text((_ROOT / "LICENSE").read_text(encoding="utf-8"))

"""What every page shares: navigation, logo, footer, and how an error looks."""

from pathlib import Path

import streamlit as st
from streamlit.navigation.page import Page

from cnnviz import __version__
from cnnviz.web.sitemap import GROUPS, HOME, PageEntry

_PAGES = Path(__file__).parent.parent.parent / "pages"


def build_navigation() -> Page:
    """Declare every page to Streamlit and return the one that was asked for."""
    groups = {"": [_declare(HOME)]}
    for name, entries in GROUPS.items():
        pages = [_declare(entry) for entry in entries if (_PAGES / entry.script).exists()]
        if pages:
            groups[name] = pages
    return st.navigation(groups)


def _declare(entry: PageEntry) -> Page:
    return st.Page(
        _PAGES / entry.script,
        title=entry.title,
        url_path=entry.url or None,
        default=entry is HOME,
        help=entry.summary,
    )


def show_footer() -> None:
    """Close a page with the version and the licence."""
    st.caption(f"CNNViz {__version__}")

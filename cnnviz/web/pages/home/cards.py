"""The home page's larger pieces: a page's card, and the address for the class."""

from contextlib import suppress

import streamlit as st

from cnnviz.errors import CNNVizError
from cnnviz.showcase.cards import compute_card
from cnnviz.web.chrome import declare_page
from cnnviz.web.components.strip.strip import show_strip
from cnnviz.web.qr import find_address, show_code
from cnnviz.web.sitemap import PageEntry

_CODE_WIDTH = 150


def show_card(entry: PageEntry, *, digit: int) -> None:
    """Show a page's title and summary around a figure computed now; the whole card is a link.

    Args:
        entry: The page.
        digit: Which sample drawing the figure is made of.
    """
    with st.container(border=True, height="stretch", gap="xxsmall", key=f"card-{entry.url}"):
        st.page_link(declare_page(entry), label=f"**{entry.title}**")
        with suppress(CNNVizError):  # without its network or files the page itself says so
            show_strip(compute_card(entry.url, digit), key=f"home.card.{entry.url}")
        st.caption(entry.summary)


def show_address() -> None:
    """Show under which address others reach this server, as text and as a QR code."""
    address = find_address()
    if address is None:
        st.markdown("This machine is in no network. Connect it to your class's network and reload.")
        return
    st.markdown(f"Open in class: **`{address}`**")
    show_code(address, width=_CODE_WIDTH)

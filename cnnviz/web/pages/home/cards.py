"""The home page's larger pieces: a page's card, and the address for the class."""

from contextlib import suppress

import segno
import streamlit as st

from cnnviz.errors import CNNVizError
from cnnviz.share import choose_address, find_network_host
from cnnviz.showcase.cards import compute_card
from cnnviz.web.chrome import declare_page
from cnnviz.web.components.strip.strip import show_strip
from cnnviz.web.sitemap import PageEntry

_QR_WIDTH = 150


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
    address = choose_address(
        visited=st.context.url or "",
        network_host=find_network_host(),
        base_path=st.get_option("server.baseUrlPath") or "",
    )
    if address is None:
        st.markdown("This machine is in no network. Connect it to your class's network and reload.")
        return
    st.markdown(f"Open in class: **`{address}`**")
    # Dark on white in either theme, so that cameras read it.
    code = segno.make_qr(address).svg_inline(border=4, light="white")
    st.image(code, width=_QR_WIDTH, alt=f"QR code of {address}")

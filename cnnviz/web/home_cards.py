"""The home page's larger pieces: a page's card, and the address for the class."""

import streamlit as st

from cnnviz.figures.qr import draw_qr, encode_qr
from cnnviz.web.chrome import declare_page
from cnnviz.web.home_view import compute_card
from cnnviz.web.share import choose_address, find_network_host
from cnnviz.web.sitemap import PageEntry
from cnnviz.web.strip import show_strip

_QR_WIDTH = 180


def show_card(entry: PageEntry, *, group: str, sample: int) -> None:
    """Show what a page is about, with a picture computed now.

    Args:
        entry: The page.
        group: Its group in the navigation.
        sample: Which sample drawing the picture is made of.

    Raises:
        WeightsError: The picture's network has no weights.
    """
    with st.container(border=True, height="stretch"):
        with st.container(gap="xxsmall"):
            st.caption(group)
            st.subheader(entry.title, anchor=False)
            st.markdown(entry.summary)
        show_strip(compute_card(entry.url, sample), key=f"card-{entry.url}")
        st.space("stretch")
        st.page_link(
            declare_page(entry),
            label=f"Open {entry.title}",
            icon=":material/arrow_forward:",
            icon_position="right",
        )


def show_address() -> None:
    """Show under which address others reach this server, large and as a QR code."""
    address = choose_address(visited=st.context.url or "", network_host=find_network_host())
    if address is None:
        st.markdown(
            "This machine is in no network. Connect it to the one your class uses, then reload "
            "this page."
        )
        return
    words, picture = st.columns([2, 1], gap="medium", vertical_alignment="center")
    with words:
        st.markdown("Everyone in the same network opens this address, or scans the code:")
        st.markdown(f"## `{address}`")
        st.caption(
            "Nothing to install, no account. Each visitor has a page of their own; the networks "
            "are shared."
        )
    code = encode_qr(address)
    if code is not None:
        picture.image(draw_qr(code), width=_QR_WIDTH, alt=f"QR code of {address}")

"""The address under which others reach this server, and its QR code."""

import segno
import streamlit as st

from cnnviz.share import choose_address, find_network_host


def find_address() -> str | None:
    """Return the address to give to a class; None where this machine is in no network."""
    return choose_address(
        visited=st.context.url or "",
        network_host=find_network_host(),
        base_path=st.get_option("server.baseUrlPath") or "",
    )


def draw_code(address: str) -> str:
    """Draw an address as a QR code; return it as the address of an SVG."""
    # Dark on white in either theme, so that cameras read it.
    return segno.make_qr(address).svg_data_uri(border=4, light="white")


def show_code(address: str, *, width: int) -> None:
    """Show an address as a QR code.

    Args:
        address: A URL.
        width: In CSS pixels.
    """
    st.image(draw_code(address), width=width, alt=f"QR code of {address}")

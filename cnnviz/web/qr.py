"""Shows the address under which others reach this server as a QR code."""

import streamlit as st

from cnnviz.share import choose_address, draw_code, find_network_host


def find_address() -> str | None:
    """Return the address to give to a class; None where this machine is in no network."""
    return choose_address(
        visited=st.context.url or "",
        network_host=find_network_host(),
        base_path=st.get_option("server.baseUrlPath") or "",
    )


def show_code(address: str, *, width: int) -> None:
    """Show an address as a QR code.

    Args:
        address: A URL.
        width: In CSS pixels.
    """
    st.image(draw_code(address), width=width, alt=f"QR code of {address}")

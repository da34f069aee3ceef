"""A picture that may soon be replaced."""

import base64
import html

import streamlit as st

from cnnviz.imaging import Pixels, to_png


def show_inline(pixels: Pixels, *, words: str) -> None:
    """Show a picture that may soon be replaced: within the page, so that none is ever missing."""
    data = base64.b64encode(to_png(pixels)).decode("ascii")
    st.html(
        f'<img src="data:image/png;base64,{data}" alt="{html.escape(words)}" '
        'style="display:block;width:100%;border-radius:4px;image-rendering:pixelated">'
    )

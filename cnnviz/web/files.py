"""The one way to offer a file: it is made when a visitor asks for it, not in every run."""

import mimetypes
from collections.abc import Callable, Mapping

import streamlit as st

_OTHER = "application/octet-stream"


def offer_file(
    label: str, make: Callable[[], str | bytes], name: str, *, key: str | None = None
) -> None:
    """Draw a button that downloads a file.

    Args:
        label: What stands on the button.
        make: Makes the content; it runs in a thread that knows no visitor.
        name: The file's name, whose ending says what it is; spaces become dashes.
        key: Key of the button, where the page has two of one label.
    """
    st.download_button(
        label,
        make,
        file_name=name.replace(" ", "-").replace(",", "").lower(),
        mime=mimetypes.guess_type(name)[0] or _OTHER,
        icon=":material/download:",
        on_click="ignore",
        key=key,
    )


def offer_files(files: Mapping[str, tuple[Callable[[], str | bytes], str]]) -> None:
    """Draw buttons that download files in one row: what makes each and its name, by label."""
    with st.container(horizontal=True):
        for label, (make, name) in files.items():
            offer_file(label, make, name)

"""The one way to offer a file: a link to a route that makes it when a visitor asks for it.

Not Streamlit's download button: it knows the file by a name that is another one in each run, so
that a click is lost while the page is drawn anew, as it is twice a second beside a running job.
"""

import html
import mimetypes
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from hashlib import blake2b
from weakref import WeakValueDictionary

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

_SHELF = "cnnviz_files"
_OTHER = "application/octet-stream"


@dataclass(frozen=True, slots=True)
class OfferedFile:
    """A file that a page offers.

    Attributes:
        make: Makes the content; it runs in a thread that knows no visitor.
        name: Its name.
    """

    make: Callable[[], str | bytes]
    name: str

    @property
    def kind(self) -> str:
        """Its media type."""
        return mimetypes.guess_type(self.name)[0] or _OTHER


@dataclass(eq=False)
class _Shelf:
    """The files of a visit's page.

    Attributes:
        page: The page that offers them.
        files: By what tells them apart.
        token: The visit's own, a secret.
    """

    page: str = ""
    files: dict[str, OfferedFile] = field(default_factory=dict)
    token: str = field(default_factory=secrets.token_urlsafe)


# Each lives as long as its visit.
_SHELVES: WeakValueDictionary[str, _Shelf] = WeakValueDictionary()


def offer_file(
    label: str, make: Callable[[], str | bytes], name: str, *, key: str | None = None
) -> None:
    """Draw a link that downloads a file.

    Args:
        label: What it says.
        make: Makes the content; it runs in a thread that knows no visitor.
        name: The file's name, whose ending says what it is; spaces become dashes.
        key: Of the link, where the page has two of one label.
    """
    name = name.replace(" ", "-").replace(",", "").lower()
    place = blake2b((key or label).encode(), digest_size=8).hexdigest()
    shelf = _open_shelf()
    shelf.files[place] = OfferedFile(make, name)
    base = (st.get_option("server.baseUrlPath") or "").strip("/")
    route = f"{base and '/'}{base}/api/files/{shelf.token}/{place}"
    with st.container(key=f"file.{key or label}", width="content"):
        st.html(
            f'<a class="cnnviz-file" href="{route}" download="{html.escape(name)}">'
            f'<span aria-hidden="true">download</span>{html.escape(label)}</a>',
            width="content",
        )


def offer_files(files: Mapping[str, tuple[Callable[[], str | bytes], str]]) -> None:
    """Draw links that download files in one row: what makes each and its name, by label."""
    with st.container(horizontal=True):
        for label, (make, name) in files.items():
            offer_file(label, make, name)


def find_file(token: str, place: str) -> OfferedFile | None:
    """Return a file that a visit's page offers; None for none, or where another page is shown."""
    shelf = _SHELVES.get(token)
    return None if shelf is None else shelf.files.get(place)


def _open_shelf() -> _Shelf:
    """Find this visit's shelf, emptied where another page has begun."""
    shelf: _Shelf | None = st.session_state.get(_SHELF)
    if shelf is None:
        shelf = st.session_state[_SHELF] = _Shelf()
        _SHELVES[shelf.token] = shelf
    context = get_script_run_ctx()
    page = "" if context is None else context.page_script_hash
    if shelf.page != page:
        shelf.page = page
        shelf.files.clear()
    return shelf

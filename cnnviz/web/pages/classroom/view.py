"""The wall, the way in for the phones, and the end of a class."""

from functools import partial
from urllib.parse import urlencode

import streamlit as st

from cnnviz.cache import forget_everywhere
from cnnviz.classroom.data_set import forget_drawings
from cnnviz.classroom.store import check_teacher, delete_class, open_class
from cnnviz.share import draw_code
from cnnviz.web.chrome import draw_action, showing_errors
from cnnviz.web.components.wall.wall import Payload, Way, show_wall
from cnnviz.web.pages.classroom.controls import Page, View, read_digit
from cnnviz.web.qr import find_address, show_code
from cnnviz.web.sitemap import JOIN, find_page

_CODE_WIDTH = 190
# Pages that a drawing is opened in, with what else is to be set there.
_WAYS = {
    "digit": "drawing=",
    "whole_network": "network=lenet5&image=",
    "activations": "network=lenet5&image=",
    "attribution": "network=lenet5&image=",
    "occlusion": "network=lenet5&image=",
    "adversarial": "network=lenet5&image=",
}


def is_taught(page: Page) -> bool:
    """Whether the address has the key of a class; says so where it has a wrong one."""
    if not page.values.code:
        return False
    with showing_errors():
        check_teacher(page.values.code, page.values.key)
        return True
    return False


def show_start(page: Page) -> None:
    """Draw the button that opens a class."""

    def start() -> None:
        code, key = open_class()
        page.apply(code=code, key=key)

    st.markdown(page.text("start"))
    draw_action("Open a class", start, type="primary", key="classroom.open")
    st.markdown(page.text("stored"))


def show_class(page: Page, *, drawn: int | None = None) -> None:
    """Draw the wall, or only what the class is asked.

    Args:
        page: The page.
        drawn: The class's version that the page draws in place of the wall; None for the wall.
    """
    values, link = page.values, _find_entrance(page)
    show_wall(
        Payload(
            code=values.code,
            secret=values.key,
            entrance=_shorten(link),
            qr=draw_code(link) if link else "",
            asked=read_digit(values.asked),
            guess=read_digit(values.guess),
            mistakes=values.mistakes,
            drawn=drawn,
            all_changes=values.show in (View.RESULTS, View.CONTEST),
            ways=[Way(find_page(name).title, f"{name}?{rest}") for name, rest in _WAYS.items()],
        ),
        key="classroom.wall",
    )


def _find_entrance(page: Page) -> str:
    """The address that the QR code leads to; empty where this machine is in no network."""
    address = find_address()
    if address is None:
        return ""
    return f"{address.rstrip('/')}/{JOIN.url}?{urlencode({'code': page.values.code})}"


def _shorten(link: str) -> str:
    """What is typed of an address."""
    return link.partition("?")[0].removeprefix("http://")


def show_entrance(page: Page) -> None:
    """Draw what the class needs to come in."""
    link = _find_entrance(page)
    st.markdown(f"## {page.values.code}")
    if link and page.values.show in (View.WALL, View.MAPS):
        show_code(link, width=_CODE_WIDTH)
        st.caption(_shorten(link).replace("/", "\u200b/"))  # broken there, where it is too long


def show_end(page: Page) -> None:
    """Draw the button that deletes the class."""
    with st.popover("Delete", icon=":material/delete:"):
        st.markdown(page.text("delete"))
        draw_action("Delete everything", partial(_delete, page), key="classroom.delete")


def _delete(page: Page) -> None:
    delete_class(page.values.code, page.values.key)
    forget_drawings()
    forget_everywhere(f"class {page.values.code} ")
    page.apply(code="", key="")

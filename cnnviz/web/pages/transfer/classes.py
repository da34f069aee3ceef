"""The window in which a visitor brings classes along: files, camera, drawings, a ZIP, a folder."""

from collections.abc import Callable, Sequence
from enum import StrEnum
from typing import Any

import streamlit as st

from cnnviz.digits.mnist import PEN, draw_strokes
from cnnviz.errors import CNNVizError, DataError
from cnnviz.evaluation.summary import describe_skipped
from cnnviz.figures.format import format_count
from cnnviz.images.image import clean_name
from cnnviz.labs.transfer.archive import ClassFile, pack_archive, sort_files, unpack_archive
from cnnviz.labs.transfer.sets import MAX_CLASSES
from cnnviz.web.chrome import draw_action, show_error
from cnnviz.web.components.board.board import show_board
from cnnviz.web.files import offer_file
from cnnviz.web.pages.transfer.controls import Page
from cnnviz.web.pages.transfer.own import NAME, OwnClasses, find_own

_READ = "transfer.read"
_STROKES, _DRAWN = "transfer.strokes", "transfer.drawn"
_NAME = "transfer.class"
_LOTS = "transfer.lots"


class Source(StrEnum):
    """Where images come from."""

    FILES = "Files"
    CAMERA = "Camera"
    DRAW = "Draw"
    ZIP = "ZIP"
    FOLDER = "Folder"


def show_own_classes(page: Page) -> None:
    """Draw the window with the visitor's own classes."""
    window = st.popover(
        "Your classes",
        icon=":material/add_photo_alternate:",
        width="stretch",
        on_change="rerun",
        key="transfer.own.window",
    )
    if not window.open:
        return
    with window:
        own = find_own()
        source = st.segmented_control(
            "Source",
            list(Source),
            default=Source.FILES,
            required=True,
            key="transfer.source",
            label_visibility="collapsed",
        )
        if source in (Source.FILES, Source.CAMERA, Source.DRAW):
            st.text_input("Class", key=_NAME, max_chars=40, placeholder="Name of the class")
        _SOURCES[Source(source)](page, own)
        _list_classes(own)
        st.caption(page.text("privacy"))


def _take(page: Page, own: OwnClasses, add: Callable[[], None]) -> None:
    """Add images, as below, and run the page with them."""
    _add(page, own, add)
    st.rerun()


def _add(page: Page, own: OwnClasses, add: Callable[[], None]) -> None:
    """Add images, and choose one's own classes once there are two.

    What was wrong is kept: the run that follows would wipe it off the window.
    """
    own.skipped, own.problem = [], ""
    try:
        add()
    except CNNVizError as error:
        own.problem = str(error)
    if len(own.classes) > 1:
        page.keep(images=NAME)


def _find_new(files: Sequence[Any]) -> list[Any]:
    """Files that no run before has read."""
    read: set[str] = st.session_state.setdefault(_READ, set())
    new = [file for file in files if file is not None and file.file_id not in read]
    read.update(file.file_id for file in new)
    return new


def _take_images(page: Page, own: OwnClasses, files: Sequence[Any]) -> None:
    label = st.session_state.get(_NAME, "")
    if not label.strip():
        if any(files):
            st.info(page.text("name_first"))
        return
    if new := _find_new(files):
        st.session_state[_LOTS] = _count_lots() + 1
        folder = clean_name(label)
        found = [ClassFile(f"{folder}/{file.name}", file.getvalue()) for file in new]
        _take(page, own, lambda: _add_files(own, found))


def _count_lots() -> int:
    """How many lots of files were added; each leaves an empty box for the next class."""
    return int(st.session_state.get(_LOTS, 0))


def _show_files(page: Page, own: OwnClasses) -> None:
    files = st.file_uploader(
        page.text("files"), accept_multiple_files=True, key=f"transfer.files.{_count_lots()}"
    )
    _take_images(page, own, files)


def _show_camera(page: Page, own: OwnClasses) -> None:
    file = st.camera_input("Photograph", key="transfer.camera", label_visibility="collapsed")
    _take_images(page, own, [file])


def _show_drawing(page: Page, own: OwnClasses) -> None:
    count = int(st.session_state.get(_DRAWN, 0))
    key = f"transfer.board.{count}"  # another board for each drawing: an empty one

    def note(strokes: Any) -> None:
        if count == st.session_state.get(_DRAWN, 0):
            st.session_state[_STROKES] = strokes

    def add() -> None:
        label = st.session_state.get(_NAME, "")
        if not label.strip():
            raise DataError(page.text("name_first"))
        # The last stroke may come with the click, and be noted after it.
        drawn = (st.session_state.get(key) or {}).get("strokes") or st.session_state.get(_STROKES)
        if not drawn:
            raise DataError(page.text("draw_first"))
        st.session_state[_DRAWN], st.session_state[_STROKES] = count + 1, ()
        _add(page, own, lambda: own.add(label, [draw_strokes(drawn, name="drawing")]))

    show_board(st.session_state.get(_STROKES, ()), pen=PEN, key=key, on_draw=note)
    draw_action("Add drawing", add, key="transfer.draw", about=_NAME, icon=":material/add:")


def _show_zip(page: Page, own: OwnClasses) -> None:
    file = st.file_uploader(page.text("zip"), key="transfer.zip")
    if new := _find_new([file]):
        _take(page, own, lambda: _add_files(own, unpack_archive(new[0].getvalue())))


def _show_folder(page: Page, own: OwnClasses) -> None:
    files = st.file_uploader(
        page.text("folder"), accept_multiple_files="directory", key="transfer.folder"
    )
    new = _find_new(files)
    if new:
        found = [ClassFile(file.name, file.getvalue()) for file in new]
        _take(page, own, lambda: _add_files(own, found))


def _add_files(own: OwnClasses, files: Sequence[ClassFile]) -> None:
    own.classes, own.skipped = sort_files(files, own.classes)


_SOURCES: dict[Source, Callable[[Page, OwnClasses], None]] = {
    Source.FILES: _show_files,
    Source.CAMERA: _show_camera,
    Source.DRAW: _show_drawing,
    Source.ZIP: _show_zip,
    Source.FOLDER: _show_folder,
}


def _list_classes(own: OwnClasses) -> None:
    """Draw what was wrong with the last upload, the classes, and what can be done with them."""
    if own.problem:
        show_error(DataError(own.problem))
    elif told := describe_skipped(own.skipped):
        st.caption(told)
    for label, images in own.classes.items():
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(f"**{label}**: {format_count(len(images))}", width="stretch")
            st.button(
                "Delete",
                icon=":material/delete:",
                key=f"transfer.remove.{label}",
                on_click=own.remove,
                args=(label,),
            )
    if own.classes:
        count = f"{len(own.classes)} of {MAX_CLASSES} classes"
        st.caption(count)
        offer_file("Classes as ZIP", lambda: pack_archive(own.classes), "classes.zip")

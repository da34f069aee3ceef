"""The one chooser for images: a sample, an upload, a drawing, or the camera.

An image's value is a short text: its name (see cnnviz.images.names), or "upload." with the
beginning of its digest. An upload is kept for its visitor alone.
"""

import base64
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import streamlit as st

from cnnviz.digits.mnist import PEN
from cnnviz.errors import CNNVizError
from cnnviz.images.image import CheckedImage, clean_name, read_image
from cnnviz.images.names import (
    DRAWING,
    draw_thumbnail,
    find_strokes,
    list_credits,
    list_groups,
    list_labels,
    list_titles,
    load_named,
    name_drawing,
)
from cnnviz.networks.zoo import get_network
from cnnviz.uploads import DIGEST, Uploads
from cnnviz.web.chrome import show_error
from cnnviz.web.components.board.board import show_board
from cnnviz.web.components.choices.choices import send_choices
from cnnviz.web.components.gallery.gallery import Thumbnail, show_gallery
from cnnviz.web.controls.kinds import AddressError, Control, declare, evaluate

UPLOAD = "upload."
_UPLOADS = "cnnviz_uploads"
_MAX_UPLOADS = 6  # at most 12 MB each
Take = Callable[[str], None]


class ImageSource(StrEnum):
    """Where an image comes from."""

    SAMPLE = "Samples"
    UPLOAD = "Upload"
    DRAW = "Draw"
    CAMERA = "Camera"


def _uploads() -> Uploads:
    found: Uploads | None = st.session_state.get(_UPLOADS)
    if found is None:
        found = st.session_state[_UPLOADS] = Uploads()
    return found


def find_image(value: str) -> CheckedImage | None:
    """Return the image of a value; None for an upload that this visit does not have.

    Raises:
        CNNVizError: A sample's file cannot be read.
    """
    return _uploads().get(value) if value.startswith(UPLOAD) else load_named(value)


def title_image(value: str) -> str:
    """Return what an image is called."""
    if value.startswith(DRAWING):
        return "Drawing"
    if value.startswith(UPLOAD):
        found = find_image(value)
        return "Upload" if found is None else found.name
    return list_titles()[value]


def keep_upload(image: CheckedImage) -> str:
    """Keep an upload for this visit, the last six of them, and return its value."""
    value = UPLOAD + image.digest[:DIGEST]
    uploads = _uploads()
    uploads.keep(value, image)
    while len(uploads) > _MAX_UPLOADS:
        del uploads[next(iter(uploads))]
    return value


def list_uploads() -> tuple[CheckedImage, ...]:
    """Return this visit's uploads and camera images, the oldest first."""
    return tuple(_uploads().values())


def list_upload_titles() -> dict[str, str]:
    """Return the names of this visit's uploads by the values of the images."""
    return {value: image.name for value, image in _uploads().items()}


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageChoice(Control):
    """An image, chosen in a small window behind a button that names it."""

    def find_default(self, at: Any) -> str:
        """Return the page's own sample; for a network that reads grey images a written digit."""
        if self.default is not None:
            return str(evaluate(self.default, at))
        bench = at.bench
        if get_network(bench.network).preprocessing.shape[0] == 1:
            return "digit-3"
        titles = list_titles()
        return at.uses.sample if at.uses.sample in titles else next(iter(titles))

    def accepts(self, value: Any, at: Any) -> bool:
        return isinstance(value, str)

    def parse(self, text: str, at: Any) -> str:
        for key, title in list_titles().items():
            if text.lower() in (key.lower(), title.lower()):
                return key
        if text.startswith(UPLOAD) and len(text) <= len(UPLOAD) + DIGEST:
            return text
        if text.startswith(DRAWING):
            return check_drawing(text)
        raise AddressError(f"There is no sample “{clean_name(text)}” here")

    def show(self, at: Any, **look: Any) -> None:
        key, on_change, args = (look.pop(name) for name in ("key", "on_change", "args"))

        def take(value: str) -> None:
            st.session_state[key] = value
            on_change(*args)

        value = st.session_state[key]
        # A window whose button is named anew closes; while somebody draws, it must stay open.
        place = f"{key}.title"
        is_drawn = st.session_state.get(f"{key}.source") == ImageSource.DRAW
        if not is_drawn or not value.startswith(DRAWING):
            st.session_state[place] = title_image(value)
        window = st.popover(
            st.session_state[place],
            icon=":material/image:",
            help=self.help or f"{self.label}: choose another",
            key=f"{key}.window",
            on_change="rerun",
            width="stretch",
            **look,
        )
        if window.open:
            with window:
                choose_image(value, key=key, take=take)


def check_drawing(text: str) -> str:
    """Return a drawing's value that an address names.

    Raises:
        AddressError: Its strokes cannot be read.
    """
    try:
        find_strokes(text)
    except (ValueError, CNNVizError) as error:
        raise AddressError("The drawing in the link is damaged") from error
    return text


def image(label: str = "Image", **rest: Any) -> Any:
    """Declare an image; see `ImageChoice`."""
    return declare(ImageChoice(label=label, **rest))


def choose_image(value: str, *, key: str, take: Take) -> None:
    """Draw the ways to an image.

    Args:
        value: The image that is chosen now.
        key: What the keys of the widgets begin with.
        take: Called with the value of the image that a visitor chose.
    """
    source = st.segmented_control(
        "Source",
        list(ImageSource),
        default=ImageSource.DRAW if value.startswith(DRAWING) else ImageSource.SAMPLE,
        required=True,
        key=f"{key}.source",
        label_visibility="collapsed",
        width="stretch",
    )
    if source == ImageSource.UPLOAD:
        # No list of types: Streamlit would refuse a file without a rerun and leave the old result.
        kinds = "PNG, JPEG, WebP, GIF, BMP, TIFF, AVIF or HEIC"
        file = st.file_uploader(f"An image of yours: {kinds}", key=f"{key}.file")
        st.caption("Read in memory by this server; written to no disk.")
        _take_file(file, name="" if file is None else file.name, key=key, take=take)
    elif source == ImageSource.CAMERA:
        file = st.camera_input("Photograph", key=f"{key}.camera", label_visibility="collapsed")
        _take_file(file, name="camera", key=key, take=take)
    elif source == ImageSource.DRAW:
        drawn = find_strokes(value) if value.startswith(DRAWING) else ()
        show_board(
            drawn,
            pen=PEN,
            key=f"{key}.board",
            on_draw=lambda strokes: take(name_drawing(strokes)) if strokes else None,
        )
    else:
        _show_gallery(value, key, take)


def _show_gallery(value: str, key: str, take: Take) -> None:
    groups, labels = list_groups(), list_labels()
    samples = [
        Thumbnail(one, title, groups[one], labels.get(one, ""))
        for one, title in list_titles().items()
    ]
    for one, upload in _uploads().items():
        thumbnail = base64.b64encode(draw_thumbnail(upload)).decode("ascii")
        samples.append(Thumbnail(one, upload.name, "Your uploads", image=thumbnail))
    place = f"{key}.gallery"

    def pick(picked: str) -> None:
        if any(sample.key == picked for sample in samples):
            take(picked)

    show_gallery(samples, key=place, on_pick=pick)
    send_choices(**{place: title_image(value)})
    st.caption(list_credits().get(value, "Drawn for CNNViz"))
    st.caption("Most photographs may not be redistributed, so few come with CNNViz. Upload more.")


def _take_file(file: Any, *, name: str, key: str, take: Take) -> None:
    """Decode a file once, not at every run; what was shown before stays if it cannot be read."""
    place = f"{key}.read"
    if file is None or st.session_state.get(place) == file.file_id:
        return
    try:
        value = keep_upload(read_image(file.getvalue(), name=name))
    except CNNVizError as error:
        show_error(error)
        return
    st.session_state[place] = file.file_id
    take(value)
    st.rerun()

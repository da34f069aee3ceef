"""The one chooser for images: a sample, an upload, a drawing, or the camera.

An image's value is a short text: a sample's key ("cat", "digit-3"), "drawing." with the packed
strokes, or "upload." with the beginning of its digest. An upload is kept for its visitor alone.
"""

import base64
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import streamlit as st

from cnnviz.digits import PEN, Stroke, check_strokes, draw_strokes, sample_digits
from cnnviz.errors import CNNVizError
from cnnviz.gallery import list_samples, load_sample, sample_thumbnail
from cnnviz.imaging import (
    CheckedImage,
    clean_name,
    read_image,
    resize_for_view,
    to_png,
)
from cnnviz.strokes import pack_strokes, unpack_strokes
from cnnviz.web.chrome import show_error
from cnnviz.web.components.board.board import show_board
from cnnviz.web.components.choices.choices import tell_choices
from cnnviz.web.components.gallery.gallery import Thumbnail, show_gallery
from cnnviz.web.controls.kinds import AddressError, Control, declare
from cnnviz.zoo import get_network

_THUMBNAIL = 96
DRAWING, UPLOAD = "drawing.", "upload."
_UPLOADS = "cnnviz_uploads"
_MAX_UPLOADS = 6  # at most 12 MB each
_DIGEST = 12


class ImageSource(StrEnum):
    """Where an image comes from."""

    SAMPLE = "Samples"
    UPLOAD = "Upload"
    DRAW = "Draw"
    CAMERA = "Camera"


@st.cache_resource(max_entries=1, show_spinner=False)
def list_titles() -> dict[str, str]:
    """Return the titles of all samples by key, the photographs first."""
    titles = {sample.key: sample.title for sample in list_samples()}
    return titles | {f"digit-{digit}": f"Written {digit}" for digit in range(10)}


@st.cache_resource(max_entries=1, show_spinner=False)
def _list_credits() -> dict[str, str]:
    return {sample.key: sample.credit for sample in list_samples()}


@st.cache_resource(max_entries=64, show_spinner=False)
def _load(value: str) -> CheckedImage:
    if value.startswith(DRAWING):
        return draw_strokes(unpack_strokes(value.removeprefix(DRAWING)), name="drawing")
    return load_sample(value)


def find_image(value: str) -> CheckedImage | None:
    """Return the image of a value; None for an upload that this visit does not have.

    Raises:
        CNNVizError: A sample's file cannot be read.
    """
    if value.startswith(UPLOAD):
        return _uploads().get(value)
    return _load(value)


def title_image(value: str) -> str:
    """Return what an image is called."""
    if value.startswith(DRAWING):
        return "Drawing"
    if value.startswith(UPLOAD):
        found = find_image(value)
        return "Upload" if found is None else found.name
    return list_titles()[value]


def find_strokes(value: str) -> tuple[Stroke, ...]:
    """Return the strokes of a drawing or of a sample digit; none for any other image."""
    if value.startswith(DRAWING):
        return unpack_strokes(value.removeprefix(DRAWING))
    if value.startswith("digit-"):
        return sample_digits()[int(value.removeprefix("digit-"))]
    return ()


def name_drawing(strokes: object) -> str:
    """Return the value of a drawing that came from a pad.

    Raises:
        DrawingError: It is none.
    """
    return DRAWING + pack_strokes(check_strokes(strokes))


def keep_upload(image: CheckedImage) -> str:
    """Keep an upload for this visit, the last six of them, and return its value."""
    value = UPLOAD + image.digest[:_DIGEST]
    uploads = _uploads()
    uploads.pop(value, None)
    uploads[value] = image
    while len(uploads) > _MAX_UPLOADS:
        del uploads[next(iter(uploads))]
    return value


def list_uploads() -> tuple[CheckedImage, ...]:
    """Return this visit's uploads and camera images, the oldest first."""
    return tuple(_uploads().values())


def list_upload_titles() -> dict[str, str]:
    """Return the names of this visit's uploads by the values of the images."""
    return {value: image.name for value, image in _uploads().items()}


def list_gallery() -> tuple[CheckedImage, ...]:
    """Return the sample photographs and patterns, and the photographs of the server's owner.

    One that cannot be read is left out.
    """
    images = []
    for sample in list_samples():
        with suppress(CNNVizError):
            images.append(_load(sample.key))
    return tuple(images)


def _uploads() -> dict[str, CheckedImage]:
    found: dict[str, CheckedImage] = st.session_state.setdefault(_UPLOADS, {})
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageChoice(Control):
    """An image, chosen in a small window behind a button that names it."""

    def find_default(self, at: Any) -> str:
        """Return the page's own sample; for a network that reads grey images a written digit."""
        if self.default is not None:
            return str(self.default(at) if callable(self.default) else self.default)
        bench = at.bench
        if get_network(bench.network).preprocessing.shape[0] == 1:
            return "digit-3"
        titles = list_titles()
        return at.uses.sample if at.uses.sample in titles else next(iter(titles))

    def accepts(self, value: Any, at: Any) -> bool:
        return isinstance(value, str)

    def parse(self, text: str, at: Any) -> str:
        titles = {title.lower(): key for key, title in list_titles().items()}
        titles |= {key.lower(): key for key in list_titles()}
        if text.lower() in titles:
            return titles[text.lower()]
        if text.startswith(UPLOAD) and len(text) <= len(UPLOAD) + _DIGEST:
            return text
        if text.startswith(DRAWING):
            try:
                unpack_strokes(text.removeprefix(DRAWING))
            except (ValueError, CNNVizError) as error:
                raise AddressError("The drawing in the link is damaged") from error
            return text
        raise AddressError(f"There is no sample “{clean_name(text)}” here")

    def show(self, at: Any, **look: Any) -> None:
        key, on_change, args = (look.pop(name) for name in ("key", "on_change", "args"))

        def take(value: str) -> None:
            st.session_state[key] = value
            on_change(*args)

        value = st.session_state[key]
        # A window whose button is named anew closes; while somebody draws, it must stay open.
        place = f"{key}.title"
        if st.session_state.get(f"{key}.source") != ImageSource.DRAW or not value.startswith(
            DRAWING
        ):
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


def image(label: str = "Image", **rest: Any) -> Any:
    """Declare an image; see `ImageChoice`."""
    return declare(ImageChoice(label=label, **rest))


def choose_image(value: str, *, key: str, take: Callable[[str], None]) -> None:
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
        _show_upload(key, take)
    elif source == ImageSource.CAMERA:
        _show_camera(key, take)
    elif source == ImageSource.DRAW:
        _show_board(value, key, take)
    else:
        _show_gallery(value, key, take)


def _show_gallery(value: str, key: str, take: Callable[[str], None]) -> None:
    samples = [Thumbnail(one, title, make_thumbnail(one)) for one, title in list_titles().items()]
    samples += [Thumbnail(one, image.name, _encode(image)) for one, image in _uploads().items()]
    place = f"{key}.gallery"

    def pick(picked: str) -> None:
        if any(sample.key == picked for sample in samples):
            take(picked)

    show_gallery(samples, key=place, on_pick=pick)
    tell_choices(**{place: title_image(value)})
    st.caption(_list_credits().get(value, "Drawn for CNNViz"))


def make_thumbnails() -> None:
    """Make the thumbnails of the samples now, so that no visitor waits for them."""
    for key in list_titles():
        make_thumbnail(key)


@st.cache_resource(max_entries=256, show_spinner=False)
def make_thumbnail(key: str) -> str:
    """Return a sample's thumbnail as a PNG in base64."""
    if key.startswith("digit-"):
        return _encode(_load(key))
    return base64.b64encode(sample_thumbnail(key, max_side=_THUMBNAIL)).decode("ascii")


def _encode(image: CheckedImage) -> str:
    small = to_png(resize_for_view(image.pixels, max_side=_THUMBNAIL))
    return base64.b64encode(small).decode("ascii")


def _show_upload(key: str, take: Callable[[str], None]) -> None:
    # No list of types: Streamlit would refuse a file without a rerun and leave the old result.
    file = st.file_uploader(
        "An image of yours: PNG, JPEG, WebP, GIF, BMP, TIFF, AVIF or HEIC", key=f"{key}.file"
    )
    st.caption("Read in memory by this server; written to no disk.")
    if file is not None:
        _take_file(file, name=file.name, key=key, take=take)


def _show_camera(key: str, take: Callable[[str], None]) -> None:
    file = st.camera_input("Photograph", key=f"{key}.camera", label_visibility="collapsed")
    if file is not None:
        _take_file(file, name="camera", key=key, take=take)


def _take_file(file: Any, *, name: str, key: str, take: Callable[[str], None]) -> None:
    """Decode a file once, not at every run; what was shown before stays if it cannot be read."""
    place = f"{key}.read"
    if st.session_state.get(place) == file.file_id:
        return
    try:
        value = keep_upload(read_image(file.getvalue(), name=name))
    except CNNVizError as error:
        show_error(error)
        return
    st.session_state[place] = file.file_id
    take(value)
    st.rerun()


def _show_board(value: str, key: str, take: Callable[[str], None]) -> None:

    def finish(strokes: object) -> None:
        if strokes:
            take(name_drawing(strokes))

    drawn = find_strokes(value) if value.startswith(DRAWING) else ()
    show_board(drawn, pen=PEN, key=f"{key}.board", on_draw=finish)

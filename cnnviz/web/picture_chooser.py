"""Where a visitor's picture comes from: a sample, a file, a drawing, or the camera."""

import base64
from collections.abc import Callable
from enum import StrEnum
from functools import partial

import streamlit as st
from streamlit.typing import UploadedFile

from cnnviz.digits import PEN, check_strokes, draw_strokes
from cnnviz.errors import CNNVizError
from cnnviz.gallery import list_samples, load_sample, sample_thumbnail
from cnnviz.imaging import CheckedImage, from_array, read_image, resize_for_view
from cnnviz.inference import LoadedModel
from cnnviz.web.chrome import show_error
from cnnviz.web.components.board.board import show_board
from cnnviz.web.components.gallery.gallery import Thumbnail, show_gallery
from cnnviz.web.option_chooser import choose_listed, choose_segment
from cnnviz.web.url_values import check_choices

_THUMBNAIL = 96
_GALLERY, _BOARD, _DRAWING, _DECODED = "gallery", "board", "drawing", "decoded_picture"
_SEVERAL = "decoded_pictures"
MAX_IMAGES = 4
_UPLOADS = "uploads"
_MOST_UPLOADS = 12
_UPLOAD_SIDE = 512


class PictureSource(StrEnum):
    """Where a picture comes from."""

    SAMPLE = "Sample"
    UPLOAD = "Upload"
    DRAW = "Draw"
    CAMERA = "Camera"


def choose_picture(
    model: LoadedModel, *, first: str | None = None, slot: str = "", label: str = "Picture"
) -> CheckedImage | None:
    """Show the ways to a picture and return the chosen one, None while there is none.

    Args:
        model: The network; one that reads grey pictures is offered the written digits first.
        first: Key of the sample to begin with where the network reads colours; None for the first.
        slot: What the keys of its controls begin with, where a page has more than one chooser.
        label: What it is for.
    """
    ways: dict[PictureSource, Callable[[], CheckedImage | None]] = {
        PictureSource.SAMPLE: lambda: _choose_sample(
            digits_first=_is_grey(model), first=first, slot=slot
        ),
        PictureSource.UPLOAD: lambda: _upload(slot),
        PictureSource.DRAW: lambda: _draw(slot),
        PictureSource.CAMERA: lambda: _photograph(slot),
    }
    source = _choose_source(slot, label=label)
    try:
        return ways[source]()
    except CNNVizError as error:
        show_error(error)
        return None


def choose_pictures() -> tuple[CheckedImage, ...]:
    """Show the ways to several pictures and return the chosen ones, at most four."""
    source = _choose_source()
    try:
        if source is PictureSource.SAMPLE:
            return _choose_samples()
        if source is PictureSource.UPLOAD:
            return _upload_several()
        picture = _draw() if source is PictureSource.DRAW else _photograph()
    except CNNVizError as error:
        show_error(error)
        return ()
    return () if picture is None else (picture,)


def _choose_source(slot: str = "", *, label: str = "Picture") -> PictureSource:
    return choose_segment(
        label,
        list(PictureSource),
        key=f"{slot}picture",
        noun="source of pictures",
        default=PictureSource.SAMPLE,
        width="stretch",
    )


def _is_grey(model: LoadedModel) -> bool:
    return model.spec.preprocessing.shape[0] == 1


@st.cache_resource(max_entries=1, show_spinner=False)
def _list_titles() -> dict[str, str]:
    """Titles of all samples by key, the photographs first."""
    titles = {sample.key: sample.title for sample in list_samples()}
    return titles | {f"digit-{digit}": f"Written {digit}" for digit in range(10)}


@st.cache_resource(max_entries=1, show_spinner=False)
def _list_credits() -> dict[str, str]:
    return {sample.key: sample.credit for sample in list_samples()}


@st.cache_resource(max_entries=64, show_spinner=False)
def _load(key: str) -> CheckedImage:
    return load_sample(key)


def make_thumbnails() -> None:
    """Make the pictures of the samples now, so that no visitor waits for them."""
    for key in _list_titles():
        _thumbnail(key)


def _list_thumbnails(keys: tuple[str, ...]) -> list[Thumbnail]:
    titles = _list_titles()
    return [Thumbnail(key=key, title=titles[key], picture=_thumbnail(key)) for key in keys]


@st.cache_resource(max_entries=64, show_spinner=False)
def _thumbnail(key: str) -> str:
    data = sample_thumbnail(key, max_side=_THUMBNAIL)
    return base64.b64encode(data).decode("ascii")


def _choose_sample(*, digits_first: bool, first: str | None, slot: str) -> CheckedImage:
    control, gallery = f"{slot}sample", f"{slot}{_GALLERY}"
    titles = _list_titles()
    keys = sorted(titles, key=lambda key: key.startswith("digit-") is not digits_first)
    shown = [titles[key] for key in keys]
    aliases = {key.lower(): title for key, title in titles.items()}
    start = keys.index(first) if first in keys and not digits_first else 0
    title = choose_listed(
        "Sample", shown, key=control, noun="sample", default=shown[start], aliases=aliases
    )
    key = keys[shown.index(title)]
    show_gallery(
        _list_thumbnails(tuple(keys)),
        key=gallery,
        on_pick=partial(_take_sample, control, gallery),
    )
    st.caption(_list_credits().get(key, "Written for CNNViz"))
    return _load(key)


def _take_sample(control: str, gallery: str) -> None:
    title = _list_titles().get(st.session_state[gallery].get("picked"))
    if title is not None:
        st.session_state[control] = title


def _choose_samples() -> tuple[CheckedImage, ...]:
    titles = _list_titles()
    keys = {title: key for key, title in titles.items()}
    aliases = {key.lower(): title for key, title in titles.items()}
    problem = check_choices("samples", list(keys), aliases=aliases, noun="sample")
    chosen = st.multiselect(
        f"Samples, at most {MAX_IMAGES}",
        list(keys),
        default=list(keys)[:2],
        max_selections=MAX_IMAGES,
        key="samples",
        bind="query-params",
    )
    if problem:
        st.warning(problem)
    credit = _list_credits()
    told = {credit.get(keys[title], "Written for CNNViz"): None for title in chosen}
    with st.container(horizontal=True, vertical_alignment="center"):
        with st.popover("See them", icon=":material/photo_library:"):
            show_gallery(_list_thumbnails(tuple(titles)), key=_GALLERY, on_pick=_add_sample)
        st.caption(" · ".join(told))
    return tuple(_load(keys[title]) for title in chosen)


def _add_sample() -> None:
    """Put the clicked sample beside the chosen ones; where there are four, in the last one's place.

    One that is chosen already is taken away.
    """
    title = _list_titles().get(st.session_state[_GALLERY].get("picked"))
    if title is None:
        return
    chosen: list[str] = st.session_state["samples"]
    if title in chosen:
        st.session_state["samples"] = [each for each in chosen if each != title]
    else:
        st.session_state["samples"] = [*chosen[: MAX_IMAGES - 1], title]


def _upload_several() -> tuple[CheckedImage, ...]:
    files = st.file_uploader(
        f"Pictures of yours, at most {MAX_IMAGES}: PNG, JPEG, WebP, GIF, BMP, TIFF or AVIF",
        accept_multiple_files=True,
        key="files",
    )
    st.caption("Read in memory by this server; written to no disk.")
    if len(files) > MAX_IMAGES:
        st.warning(f"The first {MAX_IMAGES} of {len(files)} pictures are compared.")
    before: dict[str, CheckedImage] = st.session_state.get(_SEVERAL, {})
    pictures: dict[str, CheckedImage] = {}
    for file in files[:MAX_IMAGES]:
        try:
            kept = before.get(file.file_id)
            pictures[file.file_id] = kept or read_image(file.getvalue(), name=file.name)
        except CNNVizError as error:
            show_error(error)
    st.session_state[_SEVERAL] = pictures
    return tuple(pictures.values())


def _upload(slot: str) -> CheckedImage | None:
    # No list of types: Streamlit would refuse a file without a rerun and leave the old result.
    file = st.file_uploader(
        "A picture of yours: PNG, JPEG, WebP, GIF, BMP, TIFF or AVIF", key=f"{slot}file"
    )
    st.caption("Read in memory by this server; written to no disk.")
    return None if file is None else _read(file, name=file.name, slot=slot)


def _photograph(slot: str = "") -> CheckedImage | None:
    file = st.camera_input("Take a picture", key=f"{slot}camera")
    return None if file is None else _read(file, name="camera picture", slot=slot)


def _draw(slot: str = "") -> CheckedImage | None:
    board, drawing = f"{slot}{_BOARD}", f"{slot}{_DRAWING}"
    strokes = st.session_state.get(drawing, [])
    show_board(strokes, pen=PEN, key=board, on_draw=partial(_take_drawing, board, drawing))
    return draw_strokes(check_strokes(strokes), name="drawing") if strokes else None


def _take_drawing(board: str, drawing: str) -> None:
    st.session_state[drawing] = st.session_state[board]["strokes"]


def _read(file: UploadedFile, *, name: str, slot: str) -> CheckedImage:
    """Decode a file once, not at every rerun; it is kept for this visitor only."""
    place = f"{slot}{_DECODED}"
    kept = st.session_state.get(place)
    if kept is not None and kept[0] == file.file_id:
        picture: CheckedImage = kept[1]
        return picture
    st.session_state.pop(place, None)
    picture = read_image(file.getvalue(), name=name)
    st.session_state[place] = (file.file_id, picture)
    _remember(picture)
    return picture


def _remember(picture: CheckedImage) -> None:
    """Keep a small copy of an upload for this visit, the last twelve of them."""
    small = from_array(resize_for_view(picture.pixels, max_side=_UPLOAD_SIDE), name=picture.name)
    kept = [one for one in st.session_state.get(_UPLOADS, []) if one.digest != small.digest]
    st.session_state[_UPLOADS] = [*kept, small][-_MOST_UPLOADS:]


def list_uploads() -> tuple[CheckedImage, ...]:
    """Return this visit's uploads and camera pictures, each at most 512 pixels a side."""
    return tuple(st.session_state.get(_UPLOADS, ()))

"""The set of pictures that bias and robustness are measured on."""

from collections.abc import Sequence

import streamlit as st

from cnnviz.figures.format import format_count
from cnnviz.inference import LoadedModel
from cnnviz.texture.bias import Naming
from cnnviz.texture.images import LabelledImage, find_truth, list_images
from cnnviz.web.picture_chooser import list_uploads
from cnnviz.web.texture.controls import choose_naming

_ENOUGH_TRUTHS = 6


@st.cache_resource(max_entries=8, show_spinner=False)
def _list_pictures(_uploads: Sequence[object], digests: str) -> tuple[LabelledImage, ...]:
    del digests  # the key of the cache
    return list_images(list_uploads())


def list_set() -> tuple[LabelledImage, ...]:
    """Return the pictures of this visit's set."""
    uploads = list_uploads()
    with st.spinner("Reading the pictures …"):
        return _list_pictures(uploads, "/".join(one.digest for one in uploads))


def choose_set(models: Sequence[LoadedModel]) -> tuple[tuple[LabelledImage, ...], Naming]:
    """Show what counts as a picture's name and return the set with the choice."""
    pictures = list_set()
    known = max(
        sum(bool(find_truth(model.spec, one.truth)) for one in pictures) for model in models
    )
    naming = choose_naming(truths=known, least=_ENOUGH_TRUTHS)
    classes = max(len(model.spec.classes) for model in models)
    st.caption(
        f"{len(pictures)} pictures: {len(list_uploads())} of yours, the sample photographs and "
        "textures, and those of the folders in `CNNVIZ_PHOTOS` and `CNNVIZ_CLASSES`, if the server "
        f"was started with any. Of {known} it is known which of the classes they show, by the name "
        f"of the file or folder; the largest network here tells {format_count(classes)} classes "
        f"apart."
    )
    return pictures, naming

"""The set of images that shape bias and robustness are measured on."""

from collections.abc import Sequence

import streamlit as st

from cnnviz.inference import LoadedModel
from cnnviz.texture.images import LabelledImage, find_truth, list_images
from cnnviz.web.controls.image import list_uploads


@st.cache_resource(max_entries=8, show_spinner=False)
def _list_images(_uploads: Sequence[object], digests: str) -> tuple[LabelledImage, ...]:
    del digests  # the key of the cache
    return list_images(list_uploads())


def list_set() -> tuple[LabelledImage, ...]:
    """Return the images of this visit's set."""
    uploads = list_uploads()
    with st.spinner("Reading the images …"):
        return _list_images(uploads, "/".join(one.digest for one in uploads))


def tell_set(models: Sequence[LoadedModel]) -> None:
    """Say what the set is made of."""
    images = list_set()
    known = max(sum(bool(find_truth(model.spec, one.truth)) for one in images) for model in models)
    st.caption(
        f"{len(images)} images: {len(list_uploads())} of yours, the samples, and those of the "
        "folders in `CNNVIZ_PHOTOS` and `CNNVIZ_CLASSES`. The label is known of "
        f"{known}, by the name of the file or folder."
    )

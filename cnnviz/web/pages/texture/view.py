"""What stands beside and below the figure of “Shape against texture”, and its program."""

from collections.abc import Sequence

import streamlit as st

from cnnviz.cache import SizedLRUCache, estimate_bytes
from cnnviz.images.names import DRAWING
from cnnviz.networks.class_names import match_classes
from cnnviz.networks.load import LoadedModel
from cnnviz.shape_texture.images import LabelledImage, list_images
from cnnviz.web.controls.bar import offer_more
from cnnviz.web.controls.corruption import list_weakest
from cnnviz.web.controls.image import UPLOAD, list_uploads, title_image
from cnnviz.web.page import link_pages
from cnnviz.web.pages.texture.controls import DISTORTIONS, IN_TURN, Method, Page, View

_SETS: SizedLRUCache[tuple[tuple[str, str], ...], tuple[LabelledImage, ...]]
_SETS = SizedLRUCache(max_bytes=64 * 2**20)


def show_controls(page: Page) -> None:
    """Draw what the view needs."""
    with st.container(horizontal=True, gap="small"):
        with st.popover("Networks", icon=":material/hub:"):
            page.draw("networks")
        offer_more()
    if page.values.show is View.DISTORT:
        page.draw(*DISTORTIONS)
        icon, apply = ":material/restart_alt:", lambda: page.apply(**list_weakest(DISTORTIONS))
        st.button("No distortion", icon=icon, key="texture.clean", on_click=apply)
        return
    if page.values.show is View.CONFLICT:
        st.caption("Texture image")
        page.draw("texture")
    else:
        page.draw("pairs", "rule", "naming")
    page.draw("method")
    is_patched = page.values.method is Method.PATCHES
    page.draw(*(("patch", "outline") if is_patched else ("maker", "weight", "steps")))
    with st.popover("Settings", icon=":material/tune:"):
        page.draw(*(("seed", "ground") if is_patched else ("noise",)))
        if not is_patched and page.values.maker != IN_TURN:
            page.draw("style", "content")


def show_links(page: Page) -> None:
    """Offer the image on pages that explain a prediction."""
    link_pages("compare", "attribution", "occlusion", image=page.at.bench.values.image)


def list_set() -> tuple[LabelledImage, ...]:
    """Return the images that shape bias and robustness are measured on in this visit."""
    uploads = list_uploads()
    key = tuple((one.name, one.digest) for one in uploads)  # a file's name says what it shows
    with st.spinner("Reading the images …"):
        return _SETS.get_or_load(key, lambda: list_images(uploads), size=estimate_bytes)


def show_set(page: Page, models: Sequence[LoadedModel]) -> None:
    """Say what the set is made of."""
    images = list_set()
    known = max(
        sum(bool(match_classes(model.spec, one.truth)) for one in images) for model in models
    )
    st.caption(page.text("set", count=len(images), uploads=len(list_uploads()), known=known))


def write_key(models: Sequence[LoadedModel]) -> str:
    """Write what a measurement of the set depends on: the networks and the images."""
    names = "/".join(model.key for model in models)
    return names + "/" + "/".join(f"{one.digest[:16]} {one.truth}" for one in list_set())


def describe_program(page: Page) -> dict[str, object] | None:
    """Return the constants of the page's program; None with a drawing, which is no file."""
    values, images = page.values, (page.at.bench.values.image, page.values.texture)
    if any(one.startswith(DRAWING) for one in images):
        return None
    shape, texture = (title_image(one) if one.startswith(UPLOAD) else one for one in images)
    return {
        "SHAPE": shape,
        "TEXTURE": texture,
        "METHOD": values.method,
        "WEIGHT": float(values.weight),
        "STEPS": values.steps,
        "SIDE": values.patch,
        "NETWORKS": values.networks,
    } | ({} if values.maker == IN_TURN else {"MAKER": values.maker})

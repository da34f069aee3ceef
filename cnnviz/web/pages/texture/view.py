"""What stands beside the figure of “Shape against texture”, and its program."""

import streamlit as st

from cnnviz.web.controls.bar import offer_more
from cnnviz.web.controls.image import DRAWING, UPLOAD, title_image
from cnnviz.web.page import link_to
from cnnviz.web.pages.texture.controls import (
    DISTORTIONS,
    IN_TURN,
    Method,
    TextureControls,
    View,
    find_least,
)
from cnnviz.web.state import PageState

Page = PageState[TextureControls]


def show_controls(page: Page) -> None:
    """Draw what the view needs."""
    with st.container(horizontal=True, gap="small"):
        with st.popover("Networks", icon=":material/hub:"):
            page.draw("networks")
        offer_more()
    if page.values.show is View.DISTORT:
        _show_distortions(page)
        return
    if page.values.show is View.CONFLICT:
        st.caption("Texture image")
        page.draw("texture")
    else:
        page.draw("pairs", "rule", "naming")
    page.draw("method")
    if page.values.method is Method.PATCHES:
        page.draw("patch", "outline")
        with st.popover("More", icon=":material/tune:"):
            page.draw("seed", "ground")
        return
    page.draw("maker", "weight", "steps")
    with st.popover("More", icon=":material/tune:"):
        page.draw("noise")
        if page.values.maker != IN_TURN:
            page.draw("style", "content")


def _show_distortions(page: Page) -> None:
    page.draw(*DISTORTIONS)
    undistorted = {name: find_least(one) for name, one in DISTORTIONS.items()}
    st.button(
        "No distortion",
        icon=":material/restart_alt:",
        key="texture.clean",
        on_click=lambda: page.apply(**undistorted),
    )


def show_links(page: Page) -> None:
    """Offer the image on pages that explain a prediction."""
    with st.container(horizontal=True):
        for name in ("compare", "attribution", "occlusion"):
            link_to(
                name,
                name.capitalize(),
                icon=":material/arrow_outward:",
                image=page.at.bench.values.image,
            )


def describe_program(page: Page) -> dict[str, object] | None:
    """Return the constants of the page's program; None with a drawing, which is no file."""
    values, shape = page.values, page.at.bench.values.image
    if any(one.startswith(DRAWING) for one in (shape, values.texture)):
        return None
    found: dict[str, object] = {
        "SHAPE": title_image(shape) if shape.startswith(UPLOAD) else shape,
        "TEXTURE": title_image(values.texture)
        if values.texture.startswith(UPLOAD)
        else values.texture,
        "METHOD": values.method,
        "WEIGHT": float(values.weight),
        "STEPS": values.steps,
        "SIDE": values.patch,
        "NETWORKS": values.networks,
    }
    return found if values.maker == IN_TURN else found | {"MAKER": values.maker}

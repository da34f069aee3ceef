"""The home page's larger pieces: a page's card, the networks, and the address for the class."""

import segno
import streamlit as st

from cnnviz.errors import CNNVizError
from cnnviz.figures.format import format_count, format_percent
from cnnviz.inference import LoadedModel, load_model
from cnnviz.web.chrome import declare_page, show_error
from cnnviz.web.components.strip.strip import show_strip
from cnnviz.web.home.view import compute_card
from cnnviz.web.share import choose_address, find_network_host
from cnnviz.web.sitemap import PageEntry, list_pages
from cnnviz.weights import BUNDLED, list_weights
from cnnviz.zoo import list_names

_QR_WIDTH = 180
_DATA_TITLES = {
    "mnist_test": "right on MNIST's test set",
    "load_digits": "right on other writers' digits",
    "top1": "top-1 accuracy",
    "top5": "top-5 accuracy",
}


def show_card(entry: PageEntry, *, group: str, sample: int) -> None:
    """Show what a page is about, with a picture computed now.

    Args:
        entry: The page.
        group: Its group in the navigation.
        sample: Which sample drawing the picture is made of.

    Raises:
        WeightsError: The picture's network has no weights.
    """
    with st.container(border=True, height="stretch"):
        with st.container(gap="xxsmall"):
            st.caption(group)
            st.subheader(entry.title, anchor=False)
            st.markdown(entry.summary)
        show_strip(compute_card(entry.url, sample), key=f"card-{entry.url}")
        st.space("stretch")
        st.page_link(
            declare_page(entry),
            label=f"Open {entry.title}",
            icon=":material/arrow_forward:",
            icon_position="right",
        )


def show_networks() -> None:
    """Show the networks that come with the app, with what their model cards measured."""
    for file in list_weights().values():
        if file.path.parent != BUNDLED:
            continue
        try:
            model = load_model(file.name)
        except CNNVizError as error:
            show_error(error)
        else:
            _show_network(model)
    networks = next(page for page in list_pages() if page.url == "networks")
    st.page_link(
        declare_page(networks),
        label=f"All {len(list_names())} networks, and how to add yours",
        icon=":material/arrow_forward:",
        icon_position="right",
    )


def _show_network(model: LoadedModel) -> None:
    facts = model.card.facts
    with st.container(gap="xxsmall"):
        st.subheader(f"{model.spec.title}, {model.spec.year}", anchor=False)
        st.markdown(f"{model.spec.idea} Trained on {facts['data']['trained_on']}.")
    with st.container(horizontal=True, gap="large"):
        for name, score in facts["accuracy"].items():
            label = _DATA_TITLES.get(name, f"right on {name}")
            st.metric(label, format_percent(score["percent"] / 100), width="content")
        st.metric("parameters", format_count(facts["parameters"]), width="content")
        st.metric("multiply-adds a picture", format_count(facts["multiply_adds"]), width="content")


def show_address() -> None:
    """Show under which address others reach this server, large and as a QR code."""
    address = choose_address(visited=st.context.url or "", network_host=find_network_host())
    if address is None:
        st.markdown(
            "This machine is in no network. Connect it to the one your class uses, then reload "
            "this page."
        )
        return
    words, picture = st.columns([2, 1], gap="medium", vertical_alignment="center")
    with words:
        st.markdown("Everyone in the same network opens this address, or scans the code:")
        st.header(f"`{address}`", anchor=False)
        st.caption(
            "Nothing to install, no account. Each visitor has a page of their own; the networks "
            "are shared."
        )
    # Dark on white in either theme, so that cameras read it.
    code = segno.make_qr(address).svg_inline(border=4, light="white")
    picture.image(code, width=_QR_WIDTH, alt=f"QR code of {address}")

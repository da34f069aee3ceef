"""The activations page's frame: the picture, what a layer is, and what it costs."""

import streamlit as st

from cnnviz.figures import formulas
from cnnviz.graph import Layer
from cnnviz.imaging import CheckedImage, resize_for_view, upscale_nearest
from cnnviz.inference import LoadedModel
from cnnviz.web.activations.text import KIND_SENTENCES
from cnnviz.web.caches import get_facts, get_input

_VIEW = 165


def show_picture(model: LoadedModel, picture: CheckedImage) -> None:
    """Show a picture beside what the network sees of it, and say what was done to it."""
    view = model.spec.preprocessing.view(get_input(model.spec.name, picture))
    width, height = picture.original_size
    # Not columns: these two stay side by side on a phone.
    with st.container(horizontal=True, gap="small"):
        with st.container(width=_VIEW, gap="xsmall"):
            st.image(
                resize_for_view(picture.pixels, max_side=2 * _VIEW),
                width="stretch",
                output_format="PNG",
                alt=f"The picture {picture.name}",
            )
            st.caption(f"**{picture.name}** · {width}×{height}")
        with st.container(width=_VIEW, gap="xsmall"):
            st.image(
                upscale_nearest(view, min_size=2 * _VIEW),
                width="stretch",
                output_format="PNG",
                alt=f"{picture.name} as {model.spec.title} sees it",
            )
            st.caption(f"**What {model.spec.title} sees** · {view.shape[1]}×{view.shape[0]}")
    st.caption(tell_preparation(model, picture))


def tell_preparation(model: LoadedModel, picture: CheckedImage) -> str:
    """Say what is done to a picture before the network sees it."""
    return " ".join((model.spec.preprocessing.description, *picture.notes))


def show_head(model: LoadedModel, layer: Layer) -> None:
    """Name a layer, and say what it does and how its size and cost come about."""
    facts = get_facts(model.spec.name)[layer.name]
    st.header(formulas.name_layer(layer), anchor=False)
    pieces = [f"**{str(layer.kind).capitalize()}**, {formulas.describe_shape(layer)}"]
    field = formulas.write_field(facts)
    if field:
        pieces.append(field)
    st.markdown(f"{'; '.join(pieces)}. {KIND_SENTENCES[layer.kind]}")


def show_costs(model: LoadedModel, layer: Layer) -> None:
    """Work out a layer's size, parameters and multiply-adds with its own numbers."""
    facts = get_facts(model.spec.name)[layer.name]
    lines = formulas.write_cost_formulas(facts)
    if facts.terms is not None:
        lines = (*formulas.write_size_formulas(facts.terms), *lines)
    if not lines:
        return
    st.header(f"{formulas.name_layer(layer)} in numbers", anchor=False)
    for line in lines:
        st.latex(line)
    if facts.terms is not None and any(term.unread for term in facts.terms):
        unread = max(term.unread for term in facts.terms)
        st.caption(
            f"The stride does not fit exactly: the division is rounded down and the last {unread} "
            "cells of a row are never read."
        )

"""Shape against texture: which of the two a network goes by."""

import streamlit as st

from cnnviz.web.components.choices.choices import tell_choices
from cnnviz.web.runnable import choose_several, load_networks
from cnnviz.web.texture.bias import show_bias
from cnnviz.web.texture.conflict import show_conflict
from cnnviz.web.texture.controls import MOST_NETWORKS, View, choose_view
from cnnviz.web.texture.distort import show_distortions
from cnnviz.web.texture.lesson import show_lesson, show_sources

st.title("Shape against texture", anchor=False)
st.markdown(
    "Give a cup the fur of a cat: people still name it by its shape. Does a network? Make such "
    "pictures, take shape or texture away, and count which of the two each network goes by."
)
view = choose_view()
models = load_networks(choose_several(most=MOST_NETWORKS, colored=True))
if models:
    {View.CONFLICT: show_conflict, View.BIAS: show_bias, View.DISTORT: show_distortions}[view](
        models
    )
else:
    st.info("Choose networks; what they go by appears here.")
show_lesson()
show_sources()
tell_choices(
    gallery=st.session_state.get("sample"),
    shape_gallery=st.session_state.get("shape_sample"),
    texture_gallery=st.session_state.get("texture_sample"),
)

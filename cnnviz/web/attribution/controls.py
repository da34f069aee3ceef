"""What is asked of the attribution page: classes, methods, layer and look, each in the address."""

from dataclasses import dataclass

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from cnnviz.attribution.methods import Method, list_cam_layers
from cnnviz.figures.formulas import name_layer
from cnnviz.imaging import CheckedImage
from cnnviz.inference import LoadedModel, Prediction
from cnnviz.web.attribution.maps import get_pair
from cnnviz.web.components.overlay.overlay import Look
from cnnviz.web.option_chooser import choose_listed
from cnnviz.web.url_values import check_choice, check_number, keep_within

FIRST_METHODS = (
    Method.GRAD_CAM,
    Method.GUIDED_BACKPROP,
    Method.GUIDED_GRAD_CAM,
    Method.GRAD_CAM_PLUS_PLUS,
    Method.SALIENCY,
)
_GUESSES = 10
_SHOWN = "attributed"
_POSITIVE, _SIGNED = "for the class", "for and against"
_CLASSES = (("first", "Class of the first row"), ("second", "Class of the second row"))


@dataclass(frozen=True, slots=True, eq=False)
class Asked:
    """What the figure shows.

    Attributes:
        targets: Indices of the two classes.
        methods: The methods, in their order.
        layer: Layer that the methods of layers read; None where the network has none for them.
        look: How maps are drawn.
    """

    targets: tuple[int, int]
    methods: tuple[Method, ...]
    layer: str | None
    look: Look


def choose_all(
    model: LoadedModel, picture: CheckedImage, guesses: Prediction, *, below: DeltaGenerator
) -> Asked:
    """Show the controls and return what they say.

    Args:
        model: The network.
        picture: The picture.
        guesses: What the network says of it.
        below: The place under the figure, for what is tried while the figure is looked at.
    """
    targets = _choose_classes(model, picture, guesses)
    methods = _choose_methods()
    with below, st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        layer = _choose_layer(model)
        look = _choose_look()
    return Asked(targets=targets, methods=methods, layer=layer, look=look)


def name_classes(model: LoadedModel) -> tuple[str, ...]:
    """Name the classes, each name the only one of its kind."""
    names: dict[str, None] = {}
    for index, name in enumerate(model.spec.classes):
        names[name if name not in names else f"{name} ({index})"] = None
    return tuple(names)


def _choose_classes(
    model: LoadedModel, picture: CheckedImage, guesses: Prediction
) -> tuple[int, int]:
    names = name_classes(model)
    top = [names[index] for index in guesses.ranking[:_GUESSES]]
    first_view = [names[index] for index in get_pair(model.spec.name, picture)]
    options = list(dict.fromkeys([*top, *first_view, *sorted(names)]))
    shown = (model.spec.name, picture.digest)
    is_new = st.session_state.get(_SHOWN, shown) != shown
    st.session_state[_SHOWN] = shown
    chosen = []
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        for place, (key, label) in enumerate(_CLASSES):
            fallback = first_view[place]
            if is_new:  # another picture: what the network finds on it
                st.session_state[key] = fallback
            aliases = {name.lower(): name for name in options}
            name = choose_listed(
                label, options, key=key, noun="class", default=fallback, aliases=aliases
            )
            chosen.append(names.index(name))
    return chosen[0], chosen[1]


def _choose_methods() -> tuple[Method, ...]:
    known = list(Method)
    asked = [] if "methods" in st.session_state else st.query_params.get_all("methods")
    unknown = [name for entry in asked for name in entry.split(",") if name not in known]
    chosen = st.pills(
        "Methods",
        known,
        selection_mode="multi",
        default=list(FIRST_METHODS),
        key="methods",
        bind="query-params",
        wrap=True,
    )
    if unknown:
        st.warning("The address names a method that is not here; choose among these.")
    # In the order of the list, whichever was clicked first: the figure's columns keep their places.
    return tuple(method for method in known if method in (chosen or [Method.GRAD_CAM]))


def list_layers(model: LoadedModel) -> dict[str, str]:
    """List the layers that the slider goes through: title by name, from the first to the last.

    Behind those that Grad-CAM can use stands the first with maps of one cell, where there is one:
    it shows what “too late” means.
    """
    names = list(list_cam_layers(model))
    order = [layer.name for layer in model.graph.layers]
    start = order.index(names[-1]) if names else 0
    late = next(
        (layer.name for layer in model.graph.layers[start:] if layer.shape[1:] == (1, 1)), None
    )
    titles: dict[str, str] = {}
    for name in [*names, *([late] if late and names else [])]:
        title = name_layer(model.graph.find(name))
        titles[name] = title if title not in titles.values() else f"{title}, {name}"
    return titles


def _choose_layer(model: LoadedModel) -> str | None:
    titles = list_layers(model)
    usual = list_cam_layers(model)[-1:]
    if len(titles) < 2:
        return usual[0] if usual else None
    shown = list(titles.values())
    aliases = {name.lower(): title for name, title in titles.items()}
    problem = check_choice("layer", shown, aliases=aliases, noun="layer for Grad-CAM")
    fallback = titles[usual[0]]
    keep_within("layer", shown, fallback=fallback)
    title = st.select_slider(
        "Grad-CAM reads this layer, from the first to the last",
        shown,
        value=fallback,
        key="layer",
        bind="query-params",
        width=340,
    )
    if problem:
        st.warning(problem)
    return next(name for name, each in titles.items() if each == title)


def _choose_look() -> Look:
    problems = (
        check_choice("show", (_POSITIVE, _SIGNED), aliases={}, noun="way to show maps"),
        check_number("opacity", least=0, most=100, noun="The opacity"),
    )
    opacity = st.slider(
        "Opacity of the heat, %", 0, 100, 90, step=5, key="opacity", bind="query-params", width=170
    )
    show = st.segmented_control(
        "Show what speaks",
        (_POSITIVE, _SIGNED),
        default=_POSITIVE,
        required=True,
        key="show",
        bind="query-params",
    )
    raw = st.toggle("Raw maps, cell by cell", key="raw", bind="query-params")
    for problem in filter(None, problems):
        st.warning(problem)
    return Look(opacity=opacity / 100, signed=show == _SIGNED, raw=raw)

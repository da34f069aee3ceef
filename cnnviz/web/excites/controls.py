"""The controls of “What excites it”, each bound to the URL."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import streamlit as st

from cnnviz.errors import CNNVizError
from cnnviz.graph import Layer, LayerKind
from cnnviz.inference import LoadedModel
from cnnviz.maps import read_layer
from cnnviz.synthesis.canvas import Parametrization
from cnnviz.synthesis.regularizers import PRESETS, Preset, Settings
from cnnviz.synthesis.targets import Target, TargetKind, check_target, target_class
from cnnviz.web.caches import get_facts, get_input
from cnnviz.web.chrome import show_error
from cnnviz.web.layer_chooser import choose_layer, show_layers
from cnnviz.web.option_chooser import choose_listed, choose_segment
from cnnviz.web.picture_chooser import choose_picture
from cnnviz.web.url_values import check_choice, check_index, check_number

_CLASS_KINDS = (TargetKind.PROBABILITY, TargetKind.LOGIT)
_PRESET = "preset"
MAX_STEPS = 256


class View(StrEnum):
    """What the page shows."""

    GROW = "One target"
    DEPTH = "Layer by layer"
    ACROSS = "Across networks"
    DREAM = "Dream on a photo"
    PICTURES = "In pictures"


@dataclass(frozen=True, slots=True, eq=False)
class ChosenTarget:
    """A target with its names.

    Attributes:
        target: What is to be excited.
        name: For people.
        key: For caches.
        symbol: In formulas.
        layer: Its layer.
    """

    target: Target
    name: str
    key: str
    symbol: str
    layer: Layer


def choose_view() -> View:
    """Show what there is to see and return the choice."""
    return choose_segment(
        "Show",
        list(View),
        key="show",
        noun="view",
        default=View.GROW,
        width="stretch",
        has_label=False,
    )


def choose_class(model: LoadedModel) -> int:
    """Show the list of classes and return the chosen one's index."""
    classes = list(dict.fromkeys(model.spec.classes))
    aliases = {name.lower(): name for name in classes}
    name = choose_listed("Class", classes, key="class", noun="class", aliases=aliases)
    return model.spec.classes.index(name)


def choose_channel(layer: Layer) -> int:
    """Show the field for a channel and return it."""
    count = layer.shape[0]
    problem = check_index("channel", count=count, noun="channel")
    if not 0 <= (st.session_state.get("channel") or 0) < count:
        st.session_state["channel"] = 0
    channel = st.number_input(
        f"Channel, 0 to {count - 1}", 0, count - 1, 0, key="channel", bind="query-params"
    )
    if problem:
        st.warning(problem)
    return int(channel or 0)


def choose_target(model: LoadedModel) -> ChosenTarget | None:
    """Show the choice of a target and return it; None where it is not whole or wrong."""
    kinds = [TargetKind.PROBABILITY, TargetKind.LOGIT, *list(TargetKind)[2:]]
    problem = check_choice("target", kinds, aliases={}, noun="target")
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        kind = TargetKind(st.selectbox("Target", kinds, key="target", bind="query-params"))
        negative = st.toggle("As little as possible", key="negative", bind="query-params")
    if problem:
        st.warning(problem)
    try:
        if kind in _CLASS_KINDS:
            return _name_class(model, choose_class(model), kind=kind, negative=negative)
        return _choose_in_layer(model, kind=kind, negative=negative)
    except CNNVizError as error:
        show_error(error)
        return None


def _name_class(
    model: LoadedModel, index: int, *, kind: TargetKind, negative: bool
) -> ChosenTarget:
    probability = kind is TargetKind.PROBABILITY
    target = target_class(model.graph, index, probability=probability, negative=negative)
    name = model.spec.classes[index]
    letter = "p" if probability else "S"
    return ChosenTarget(
        target=target,
        name=name,
        key=f"{kind}/{index}/{negative}",
        symbol=rf"{letter}_{{\text{{{name}}}}}",
        layer=model.graph.layers[-1],
    )


def _choose_in_layer(
    model: LoadedModel, *, kind: TargetKind, negative: bool
) -> ChosenTarget | None:
    layer = choose_part_layer(model)
    title = layer.title
    if kind is TargetKind.DIRECTION:
        return _choose_direction(model, layer, negative=negative)
    check_target(model.graph, Target(kind=kind, layer=layer.name))
    channel = choose_channel(layer)
    place = None
    if kind is TargetKind.NEURON and layer.is_spatial:
        place = _choose_place(layer)
    target = Target(kind=kind, layer=layer.name, channel=channel, place=place, negative=negative)
    check_target(model.graph, target)
    where = "" if place is None else f" at row {place[0]}, column {place[1]}"
    index = str(channel) if place is None else f"{channel},{place[0]},{place[1]}"
    bar = kind is TargetKind.CHANNEL and layer.is_spatial
    symbol = rf"\overline{{a_{{{index}}}}}" if bar else rf"a_{{{index}}}"
    return ChosenTarget(
        target=target,
        name=f"{title}, {'channel' if layer.is_spatial else 'unit'} {channel}{where}",
        key=f"{kind}/{layer.name}/{channel}/{place}/{negative}",
        symbol=symbol,
        layer=layer,
    )


def choose_part_layer(model: LoadedModel) -> Layer:
    """Show the list of layers; it begins where a cell sees parts, not edges nor the whole picture.

    That is the convolution with the largest receptive field of at most four fifths of the input.
    """
    most = 0.8 * model.spec.preprocessing.shape[1]
    fields = {
        facts.layer.name: facts.field.size[0]
        for facts in get_facts(model.spec.name).values()
        if facts.layer.kind is LayerKind.CONVOLUTION
        and facts.field is not None
        and facts.field.size[0] <= most
    }
    layer, _ = choose_layer(model, usual=max(fields, key=lambda name: fields[name], default=None))
    return layer


def _choose_place(layer: Layer) -> tuple[int, int]:
    place = []
    with st.container(horizontal=True, gap="small"):
        for key, count in zip(("row", "column"), layer.shape[1:], strict=True):
            problem = check_index(key, count=count, noun=key)
            if not 0 <= (st.session_state.get(key) or 0) < count:
                st.session_state[key] = count // 2
            chosen = st.number_input(
                key.capitalize(), 0, count - 1, count // 2, key=key, bind="query-params"
            )
            place.append(int(chosen or 0))
            if problem:
                st.warning(problem)
    return place[0], place[1]


def _choose_direction(model: LoadedModel, layer: Layer, *, negative: bool) -> ChosenTarget | None:
    st.caption(
        "The direction: what this layer's channels hold on a picture of yours, each channel's mean."
    )
    picture = choose_picture(model)
    if picture is None:
        st.info("Choose a picture; its direction in the layer is followed.")
        return None
    reading = read_layer(model, get_input(model.spec.name, picture), layer=layer.name)
    target = Target(
        kind=TargetKind.DIRECTION,
        layer=layer.name,
        direction=reading.statistics.channel_mean,
        negative=negative,
    )
    check_target(model.graph, target)
    return ChosenTarget(
        target=target,
        name=f"{layer.title}, the direction of {picture.name}",
        key=f"direction/{layer.name}/{picture.digest}/{negative}",
        symbol=r"\langle a, d \rangle",
        layer=layer,
    )


def show_targets(model: LoadedModel, chosen: ChosenTarget | None) -> None:
    """Draw the network to choose a layer from, where the target lies in one."""
    if st.session_state.get("target") not in _CLASS_KINDS or chosen is None:
        show_layers(model)


_SLIDERS: tuple[tuple[str, str, float, float, float, str], ...] = (
    ("decay", "L2 decay", 0.0, 0.2, 0.01, "Share of the picture that each step takes away."),
    ("blur", "Gaussian blur", 0.0, 2.0, 0.1, "Deviation in pixels, every fourth step."),
    ("clip_small", "Clip small pixels", 0.0, 0.9, 0.05, "Share of the faintest, set to grey."),
    (
        "clip_contribution",
        "Clip small contributions",
        0.0,
        0.9,
        0.05,
        "Share of the pixels that matter least to the score, set to grey.",
    ),
    ("jitter", "Jitter", 0, 16, 1, "Random move before each step, in pixels."),
    ("rotate", "Rotation", 0.0, 45.0, 1.0, "Random turn before each step, in degrees."),
    ("scale", "Scaling", 0.0, 0.5, 0.05, "Random enlargement or reduction before each step."),
    ("settle", "Still at the end", 0, 64, 8, "Last steps in which the picture is not moved."),
)


def _apply_preset() -> None:
    chosen = st.session_state.get(_PRESET)
    if chosen is None:
        return
    settings = PRESETS[Preset(chosen)]
    st.session_state["basis"] = str(settings.parametrization)
    st.session_state["colors"] = settings.decorrelate
    st.session_state["rate"] = settings.step_size
    for key, _, low, *_rest in _SLIDERS:
        st.session_state[key] = type(low)(getattr(settings, key))


def choose_settings() -> Settings:
    """Show the presets and a slider for each regulariser, and return what they say."""
    presets = st.container()
    default = PRESETS[Preset.OLAH]
    options = list(Parametrization)
    problem = check_choice("basis", options, aliases={}, noun="parametrisation")
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        basis = st.segmented_control(
            "The ascent changes",
            options,
            default=default.parametrization,
            required=True,
            key="basis",
            bind="query-params",
        )
        colors = st.toggle(
            "Independent colours",
            value=default.decorrelate,
            key="colors",
            bind="query-params",
            help="In the basis in which the colours of photographs are not correlated.",
        )
    if problem:
        st.warning(problem)
    values: dict[str, Any] = {}
    left, right = st.columns(2, gap="medium")
    for place, (key, label, low, high, step, words) in enumerate(_SLIDERS):
        with left if place % 2 == 0 else right:
            start = type(low)(getattr(default, key))
            values[key] = st.slider(
                label, low, high, start, step, key=key, bind="query-params", help=words
            )
    with left:
        rate = st.slider(
            "Step size", 0.01, 0.2, default.step_size, 0.01, key="rate", bind="query-params"
        )
    settings = Settings(
        parametrization=Parametrization(basis), decorrelate=colors, step_size=rate, **values
    )
    with presets:
        _show_presets(settings)
    return settings


def _show_presets(settings: Settings) -> None:
    fitting = next((name for name, one in PRESETS.items() if one == settings), None)
    st.session_state[_PRESET] = None if fitting is None else str(fitting)
    st.pills("Regularisers as in", list(Preset), key=_PRESET, on_change=_apply_preset)


@dataclass(frozen=True, slots=True)
class Amount:
    """How much is made.

    Attributes:
        steps: Steps of the ascent.
        count: Pictures at once.
        diversity: Weight of their likeness.
        seed: Of the start and the transformations.
    """

    steps: int
    count: int
    diversity: float
    seed: int


def choose_amount() -> Amount:
    """Show how many steps and pictures, and from which start."""
    problem = check_number("seed", least=0, most=999, noun="The seed")
    with st.container(horizontal=True, gap="medium", vertical_alignment="bottom"):
        steps = st.slider("Steps", 32, MAX_STEPS, 128, 32, key="steps", bind="query-params")
        count = st.segmented_control(
            "Pictures at once",
            [1, 4, 9],
            default=1,
            required=True,
            key="count",
            bind="query-params",
        )
        seed = st.number_input("Seed", 0, 999, 0, key="seed", bind="query-params", width=110)
    if problem:
        st.warning(problem)
    diversity = 0.0
    if count > 1:
        diversity = st.slider(
            "Diversity",
            0.0,
            2.0,
            0.5,
            0.1,
            key="diversity",
            bind="query-params",
            help="How much the pictures' likeness (of their Gram matrices) is held against them.",
        )
    return Amount(steps=steps, count=int(count), diversity=diversity, seed=int(seed or 0))

"""The controls of “Shape against texture”, each bound to the URL."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

import streamlit as st

from cnnviz.corruptions import CUES, STRENGTHS, Corruption
from cnnviz.inference import LoadedModel
from cnnviz.texture.bias import Naming
from cnnviz.texture.patchwork import PatchworkOptions
from cnnviz.texture.style import StyleOptions, choose_style, list_style_layers
from cnnviz.web.layer_chooser import title_layers
from cnnviz.web.option_chooser import choose_listed, choose_segment
from cnnviz.web.runnable import PHOTOGRAPH_NETWORKS, list_runnable, load_networks, reads_colors
from cnnviz.web.url_values import check_choices, check_number

MOST_NETWORKS = 8
_WEIGHTS = (0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30, 100)
IN_TURN = "each of the networks in turn"
_SLIDER = 124


class View(StrEnum):
    """What the page shows."""

    CONFLICT = "Cue conflict"
    BIAS = "Shape bias"
    DISTORT = "Distortions"


class Method(StrEnum):
    """How a cue conflict is made."""

    STYLE = "style transfer"
    PATCHES = "patches"


@dataclass(frozen=True, slots=True, eq=False)
class Making:
    """How cue conflicts are made.

    Attributes:
        makers: The networks whose features are used, one after the other where there are several,
            each with its style transfer; none for patches.
        patches: Of the patches.
    """

    makers: tuple[tuple[LoadedModel, StyleOptions], ...]
    patches: PatchworkOptions

    @property
    def key(self) -> str:
        """All that a cue conflict depends on besides its pictures, as text."""
        if not self.makers:
            return f"{self.patches}"
        return "+".join(
            f"{maker.spec.name}/{maker.card.sha256}/{style}" for maker, style in self.makers
        )

    @property
    def greyed(self) -> str:
        """Name of the network that made all conflicts; empty where none did."""
        return self.makers[0][0].spec.name if len(self.makers) == 1 else ""


def choose_view() -> View:
    """Show what there is to see and return the choice."""
    return choose_segment(
        "Show",
        list(View),
        key="show",
        noun="view",
        default=View.CONFLICT,
        width="stretch",
        has_label=False,
    )


def choose_making(judges: Sequence[LoadedModel] = ()) -> Making | None:
    """Show how cue conflicts are to be made; None where no network can make them.

    Args:
        judges: Networks that may make them in turn, where there are to be many.
    """
    method = choose_segment(
        "Made by",
        list(Method),
        key="method",
        noun="method",
        default=Method.STYLE,
        width="stretch",
    )
    if method is Method.PATCHES:
        return Making((), _choose_patches())
    makers = _choose_makers(judges)
    if not makers:
        return None
    weight, steps, noise = _choose_amount()
    styles = [choose_style(maker.graph) for maker in makers]
    if len(makers) == 1:
        styles = [_choose_layers(makers[0], styles[0])]
    styles = [replace(one, weight=weight, steps=steps, from_noise=noise) for one in styles]
    return Making(tuple(zip(makers, styles, strict=True)), PatchworkOptions())


def _choose_makers(judges: Sequence[LoadedModel]) -> tuple[LoadedModel, ...]:
    listings = {one.title: one for one in list_runnable() if reads_colors(one)}
    names = [one.name for one in listings.values()]
    if not names:
        st.info("No network that reads colour pictures has its weights here.")
        return ()
    usual = next((names.index(name) for name in PHOTOGRAPH_NETWORKS if name in names), 0)
    titles = [IN_TURN, *listings] if len(judges) > 1 else list(listings)
    start = 0 if len(judges) > 1 else usual
    aliases = {one.name.lower(): title for title, one in listings.items()}
    chosen = choose_listed(
        "With the features of",
        titles,
        key="maker",
        noun="network",
        default=titles[start],
        aliases=aliases,
    )
    return tuple(judges) if chosen == IN_TURN else load_networks([listings[chosen].name])


def _choose_amount() -> tuple[float, int, bool]:
    """Ask for the weight of the style, the steps, and where to start."""
    with st.container(horizontal=True, gap="medium", vertical_alignment="bottom"):
        weight = st.select_slider(
            "Style against content",
            _WEIGHTS,
            value=10,
            key="weight",
            bind="query-params",
            width=230,
            help="w in the formula: how much a wrong texture counts beside a lost shape.",
        )
        steps = st.slider("Steps", 20, 200, 60, 20, key="steps", bind="query-params", width=150)
        noise = st.toggle("Start from noise", key="noise", bind="query-params")
    return float(weight), steps, noise


def _choose_layers(maker: LoadedModel, usual: StyleOptions) -> StyleOptions:
    layers = list_style_layers(maker.graph)
    names = dict(zip(title_layers(layers), (one.name for one in layers), strict=True))
    back = {name: title for title, name in names.items()}
    with st.popover("Layers", icon=":material/layers:"):
        style = _choose_style_layers(names, [back[name] for name in usual.style])
        content = _choose_content_layer(names, back[usual.content])
    return replace(usual, style=style, content=content)


def _choose_style_layers(names: dict[str, str], usual: list[str]) -> tuple[str, ...]:
    aliases = {name.lower(): title for title, name in names.items()}
    problem = check_choices("texture_layers", list(names), aliases=aliases, noun="layer")
    if "texture_layers" in st.session_state:
        kept = [title for title in st.session_state["texture_layers"] if title in names]
        st.session_state["texture_layers"] = kept or usual
    chosen = st.multiselect(
        "Texture: the Gram matrices of",
        list(names),
        default=usual,
        key="texture_layers",
        bind="query-params",
    )
    if problem:
        st.warning(problem)
    return tuple(names[title] for title in (chosen or usual))


def _choose_content_layer(names: dict[str, str], usual: str) -> str:
    titles = list(names)
    aliases = {name.lower(): title for title, name in names.items()}
    title = choose_listed(
        "Shape: the maps of",
        titles,
        key="shape_layer",
        noun="layer",
        default=usual,
        aliases=aliases,
    )
    return names[title]


def _choose_patches() -> PatchworkOptions:
    problem = check_number("seed", least=0, most=999, noun="The seed")
    with st.container(horizontal=True, gap="medium", vertical_alignment="bottom"):
        side = st.slider(
            "Patch, % of the side", 5, 50, 15, 5, key="patch", bind="query-params", width=150
        )
        edges = st.slider(
            "Edges drawn, %", 0, 100, 50, 10, key="outline", bind="query-params", width=150
        )
        seed = st.number_input("Seed", 0, 999, 0, key="seed", bind="query-params", width=110)
        ground = st.toggle("Leave the ground", key="ground", bind="query-params")
    if problem:
        st.warning(problem)
    return PatchworkOptions(side=side, edges=edges, ground=ground, seed=int(seed or 0))


def choose_naming(*, truths: int, least: int) -> Naming:
    """Ask what a picture is taken to show.

    Args:
        truths: Pictures of the set whose class is known.
        least: So many have to be known for the truth to be the usual choice.
    """
    return choose_segment(
        "Pictures that count",
        list(Naming),
        key="naming",
        noun="choice",
        default=Naming.TRUTH if truths >= least else Naming.OWN,
    )


def choose_distortions() -> dict[Corruption, float]:
    """Show a slider for each distortion, and return those that change anything."""
    strengths: dict[Corruption, float] = {}
    problems = []
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        for corruption in CUES:
            found, key = STRENGTHS[corruption], corruption.name.lower()
            least = find_least(corruption)
            problems.append(check_number(key, least=least, most=found.most, noun=str(corruption)))
            strengths[corruption] = st.slider(
                corruption,
                least,
                found.most,
                least,
                found.step,
                key=key,
                help=f"Measured in {found.unit}.",
                bind="query-params",
                width=_SLIDER,
            )
    for problem in filter(None, problems):
        st.warning(problem)
    return {one: value for one, value in strengths.items() if value > find_least(one)}


def find_least(corruption: Corruption) -> int:
    """Return the strength that changes nothing: one patch is the whole picture."""
    return 1 if corruption is Corruption.SHUFFLE else 0


def offer_undistorted() -> None:
    """Offer to set all distortions back."""
    st.button("Undistorted", icon=":material/restart_alt:", on_click=_clean, key="clean")


def _clean() -> None:
    for corruption in CUES:
        st.session_state[corruption.name.lower()] = find_least(corruption)


def choose_followed() -> Corruption:
    """Show the list of distortions and return the one whose strength the curves follow."""
    options = [Corruption.SHUFFLE, *(one for one in CUES if one is not Corruption.SHUFFLE)]
    aliases = {one.name.lower(): one for one in options}
    return choose_segment(
        "What grows to the right", options, key="follow", noun="distortion", aliases=aliases
    )

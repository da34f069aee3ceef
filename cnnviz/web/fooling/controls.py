"""Which network is to be fooled, into which class and how: all in the address."""

from dataclasses import dataclass
from enum import StrEnum

import streamlit as st

from cnnviz.inference import LoadedModel
from cnnviz.web.layer_chooser import choose_network
from cnnviz.web.url_values import check_choice, check_number, keep_within

EVERY = "every class at once"
_HUNDRED = "a hundred classes at once"
_MOST_CLASSES = 100  # a picture each is kept and shown while it changes
_MOST_SEED = 999


class Way(StrEnum):
    """How a fooling image is made."""

    PATTERNS = "Evolve patterns"
    PIXELS = "Evolve pixels"
    GRADIENT = "By gradient"


_EXPLAINED = {
    Way.PATTERNS: "Each picture is drawn by a small network of sines, bells and sigmoids that "
    "tells every pixel's colour from its place (a CPPN). Its weights, connections and functions "
    "mutate.",
    Way.PIXELS: "Each picture begins as noise, and its values mutate one by one.",
    Way.GRADIENT: "Noise is changed along the network's own gradient, with nothing to keep it "
    "smooth.",
}
_ALIASES = {"cppn": Way.PATTERNS, "pixels": Way.PIXELS, "gradient": Way.GRADIENT}


@dataclass(frozen=True, slots=True, eq=False)
class Wish:
    """What a visitor asks for.

    Attributes:
        model: The network.
        way: How.
        classes: For which classes, by index.
        name: Of the class, or that there are many.
        seed: Of what is drawn.
    """

    model: LoadedModel
    way: Way
    classes: tuple[int, ...]
    name: str
    seed: int

    @property
    def key(self) -> str:
        """All that the result depends on, as text."""
        model = self.model
        return f"fool/{self.way}/{model.spec.name}/{model.card.sha256}/{self.classes}/{self.seed}"


def read_wish() -> Wish:
    """Show all controls and return what they ask for."""
    problems = [check_choice("how", list(Way), aliases=_ALIASES, noun="way")]
    way = st.segmented_control(
        "How",
        list(Way),
        default=Way.PATTERNS,
        required=True,
        key="how",
        bind="query-params",
        label_visibility="collapsed",
        width="stretch",
    )
    way = Way(way)
    st.caption(_EXPLAINED[way])
    network, goal, start = st.columns([5, 5, 2], gap="medium")
    with network:
        model = choose_network()
    with goal:
        names = list(dict.fromkeys(model.spec.classes))
        many = EVERY if len(names) <= _MOST_CLASSES else _HUNDRED
        options = [many, *names]
        aliases = {name.lower(): name for name in options} | {EVERY: many, _HUNDRED: many}
        problems.append(check_choice("class", options, aliases=aliases, noun="class"))
        keep_within("class", options, fallback=many)
        name = st.selectbox("Recognised as", options, key="class", bind="query-params") or many
    with start:
        problems.append(check_number("seed", least=0, most=_MOST_SEED, noun="The seed"))
        seed = st.number_input("Seed", 0, _MOST_SEED, 0, key="seed", bind="query-params")
    for problem in filter(None, problems):
        st.warning(problem)
    count = len(model.spec.classes)
    classes = spread_classes(count) if name == many else (model.spec.classes.index(name),)
    return Wish(model=model, way=way, classes=classes, name=name, seed=int(seed or 0))


def spread_classes(count: int) -> tuple[int, ...]:
    """Return all of so many classes, or a hundred of them, evenly spread."""
    shown = min(count, _MOST_CLASSES)
    return tuple(place * count // shown for place in range(shown))

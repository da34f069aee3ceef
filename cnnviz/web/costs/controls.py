"""The cost page's controls, each bound to the URL."""

from dataclasses import dataclass

import streamlit as st

from cnnviz.cost_rows import Convention, Fold
from cnnviz.imaging import clean_name
from cnnviz.web.option_chooser import choose_segment
from cnnviz.web.url_values import check_choice
from cnnviz.zoo.architecture import Architecture
from cnnviz.zoo.architectures import get_architecture, list_architectures

_LARGEST_INPUT = 2048
_FIRST = "alexnet_2012"
_ALSO = {
    "biases": "biases",
    "normalization": "normalisation",
    "elementwise": "activations, sums",
    "pooling": "pooling",
}
_TWICE = "each as two"


@dataclass(frozen=True, slots=True, eq=False)
class Choices:
    """What the visitor chose.

    Attributes:
        networks: The architecture, and a second one to compare with, if any.
        size: Height and width of the input; None for each network's own.
        convention: What counts as an operation.
    """

    networks: tuple[Architecture, ...]
    size: int | None
    convention: Convention

    def input_size(self, network: Architecture) -> int:
        """Return the input size at which a network is to be measured."""
        return self.size or network.input_size


def read_choices() -> Choices:
    """Show the controls and return what they say."""
    networks = {entry.title: entry for entry in list_architectures()}
    first, second, size_place = st.columns([4, 4, 3], gap="medium")
    titles = {entry.name: entry.title for entry in list_architectures()}
    problems = [_check_name(key, titles) for key in ("network", "beside")]
    problems.append(_check_size())
    title = first.selectbox(
        "Architecture",
        list(networks),
        index=list(networks).index(get_architecture(_FIRST).title),
        key="network",
        bind="query-params",
    )
    other = second.selectbox(
        "Beside it",
        list(networks),
        index=None,
        placeholder="Nothing",
        key="beside",
        bind="query-params",
    )
    size = size_place.number_input(
        "Input size",
        min_value=1,
        max_value=_LARGEST_INPUT,
        value=None,
        step=1,
        placeholder=f"{networks[title].input_size} (its own)",
        help="Height and width in pixels; empty for the size that each network was published for.",
        key="size",
        bind="query-params",
    )
    for problem in filter(None, problems):
        st.warning(problem)
    chosen = (networks[title],) if other is None else (networks[title], networks[other])
    return Choices(networks=chosen, size=size, convention=_read_convention())


def _check_name(key: str, titles: dict[str, str]) -> str | None:
    """Let an address give a network's short name, such as vgg16_d, for its title.

    Returns:
        One sentence if the address names no architecture.
    """
    value = st.query_params.get(key)
    if value is None or key in st.session_state or value in titles.values():
        return None
    if value.lower() in titles:
        st.session_state[key] = titles[value.lower()]
        return None
    shown = "AlexNet" if key == "network" else "none"
    return (
        f"There is no architecture “{clean_name(value)}”; {shown} is shown. Choose one of the list."
    )


def _check_size() -> str | None:
    value = st.query_params.get("size")
    if value is None or "size" in st.session_state:
        return None
    if value.isascii() and value.isdigit() and len(value) < 9 and 1 <= int(value) <= _LARGEST_INPUT:
        return None
    return (
        f"“{clean_name(value)}” is no input size; give a whole number from 1 to {_LARGEST_INPUT}. "
        "Each network is shown at its own size."
    )


def _read_convention() -> Convention:
    units = ["as one", _TWICE]
    problem = check_choice("unit", units, aliases={}, noun="unit")
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        unit = st.segmented_control(
            "Multiply-adds count",
            units,
            default="as one",
            required=True,
            key="unit",
            bind="query-params",
        )
        also = st.pills(
            "Count also",
            list(_ALSO),
            selection_mode="multi",
            wrap=True,
            format_func=_ALSO.__getitem__,
            key="also",
            bind="query-params",
        )
    if problem:
        st.warning(problem)
    return Convention(twice=unit == _TWICE, **dict.fromkeys(also, True))


def read_fold() -> Fold:
    """Show how fine the table is, and return it."""
    return choose_segment(
        "Rows", list(Fold), key="rows", noun="way to fold the rows", default=Fold.LAYERS
    )

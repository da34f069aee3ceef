"""All blocks by year, above them the challenge's winners and the human line."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import streamlit as st

from cnnviz.figures.blocks import pack_years
from cnnviz.figures.network import KIND_COLORS
from cnnviz.networks.zoo.ilsvrc import HUMAN_TOP5_ERROR, list_winners
from cnnviz.web.components.bundle import Take, create_component

_timeline = create_component("timeline")


@dataclass(frozen=True, slots=True, eq=False)
class Payload:
    """What the script reads; its type `Payload` says of each field what it is."""

    years: list[dict[str, Any]]
    selected: str
    human: float
    most: float
    colors: Mapping[str, tuple[str, str]]


def show_timeline(*, selected: str, on_pick: Take, key: str) -> None:
    """Show the timeline; `on_pick` is called with the name of the block that was clicked."""
    payload = Payload(
        years=_pack_years(),
        selected=selected,
        human=HUMAN_TOP5_ERROR,
        most=max(result.top5_error for result in list_winners()),
        colors=KIND_COLORS,
    )
    _timeline.show(payload, key=key, picked=on_pick)


@st.cache_resource(max_entries=1, show_spinner="Tracing the blocks …")
def _pack_years() -> list[dict[str, Any]]:
    return pack_years()

"""All blocks by year, above them the challenge's winners and the human line."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import streamlit as st

from cnnviz.figures.block_layout import COLORS
from cnnviz.web.components.block.block import get_drawn, pack_layout
from cnnviz.web.components.bundle import create_component
from cnnviz.web.components.shared.packing import pack
from cnnviz.zoo.block import Block
from cnnviz.zoo.blocks import BLOCKS
from cnnviz.zoo.ilsvrc import HUMAN_TOP5_ERROR, list_winners

# Years that few networks share a column.
_LATE = 2018

_timeline = create_component("timeline")


@dataclass(frozen=True, slots=True, eq=False)
class Payload:
    """What the script reads.

    Attributes:
        years: From left to right, each with its blocks.
        selected: Name of the block to point out.
        human: Top-5 error of a person, in percent.
        most: The largest error of a winner, in percent.
        colors: Of each kind, on the light and the dark ground.
    """

    years: list[dict[str, Any]]
    selected: str
    human: float
    most: float
    colors: Mapping[str, Sequence[str]]


def show_timeline(*, selected: str, on_pick: Callable[[], None], key: str) -> None:
    """Show all blocks by year, above them the challenge's winners and the human line."""
    _timeline(
        key=key,
        data=pack(
            Payload(
                years=_list_years(),
                selected=selected,
                human=HUMAN_TOP5_ERROR,
                most=max(result.top5_error for result in list_winners()),
                colors=COLORS,
            )
        ),
        on_picked_change=on_pick,
    )


@st.cache_resource(max_entries=1, show_spinner="Tracing the blocks …")
def _list_years() -> list[dict[str, Any]]:
    winners = {result.year: result for result in list_winners()}
    years = sorted({*winners, *(min(block.network.year, _LATE) for block in BLOCKS)})
    return [
        {
            "name": f"{year} on" if year == _LATE else str(year),
            "error": winners[year].top5_error if year in winners else None,
            "won": f"{winners[year].entry}, {winners[year].team}" if year in winners else "",
            "blocks": [
                _pack_block(block) for block in BLOCKS if min(block.network.year, _LATE) == year
            ],
        }
        for year in years
    ]


def _pack_block(block: Block) -> dict[str, Any]:
    return {
        "name": block.name,
        "label": block.label,
        "title": block.title,
        "year": block.network.year,
        "idea": block.network.idea,
        "plan": pack_layout(get_drawn(block.name, block.channels, block.size)),
    }

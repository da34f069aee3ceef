"""The component that shows the networks' cards side by side."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cnnviz.web.components.bundle import create_component

_compare = create_component("compare")


@dataclass(frozen=True, slots=True, eq=False)
class Payload:
    """What the script reads; its type `Payload` says of each field what it is."""

    cards: Sequence[Mapping[str, Any]]
    label: str


def show_cards(cards: Sequence[Mapping[str, Any]], *, image: str) -> None:
    """Show the cards on an image of this name; they wrap where the window is narrow."""
    label = "; ".join(f"{card['title']}: {card['guesses'][0]['name']}" for card in cards)
    _compare.show(Payload(cards=cards, label=f"{image}: {label}."), key="compare.cards")

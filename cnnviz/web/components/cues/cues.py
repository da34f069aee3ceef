"""The component that shows images side by side, and a card for each network below them."""

from collections.abc import Sequence
from dataclasses import dataclass

from cnnviz.figures.texture import Card
from cnnviz.web.components.bundle import create_component

_cues = create_component("cues")


@dataclass(frozen=True, slots=True, eq=False)
class Payload:
    """What the script reads; its type `Payload` says of each field what it is."""

    images: Sequence[dict[str, str]]
    cards: Sequence[Card]


def show_cues(images: Sequence[dict[str, str]], cards: Sequence[Card], *, key: str) -> None:
    """Show images that figures.texture packed, and cards, which wrap where there is no room."""
    _cues.show(Payload(images=images, cards=cards), key=key)

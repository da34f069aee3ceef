"""The wall of a class: its drawings with LeNet-5's guesses, and what they say of the network."""

from collections.abc import Sequence
from dataclasses import dataclass

from cnnviz.web.components.bundle import create_component

_wall = create_component("wall")


@dataclass(frozen=True, slots=True)
class Way:
    """A page that a drawing can be opened in.

    Attributes:
        title: Of the page.
        address: Of the page, to which a packed drawing is added.
    """

    title: str
    address: str


@dataclass(frozen=True, slots=True)
class Payload:
    """What the script reads; its type `Payload` says of each field what it is."""

    code: str
    secret: str
    entrance: str
    qr: str
    asked: int | None
    guess: int | None
    mistakes: bool
    drawn: int | None
    all_changes: bool
    ways: Sequence[Way]


def show_wall(payload: Payload, *, key: str) -> None:
    """Show the drawings of a class as they come; see `Payload`.

    Where the page draws something else instead, it is run again for newer drawings, or for any
    change.
    """
    _wall.show(payload, key=key, grown=None)

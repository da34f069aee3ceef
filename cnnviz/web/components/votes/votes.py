"""What a class votes, live, for its teacher: on the wall, and beside the navigation of a page."""

from dataclasses import dataclass

from cnnviz.web.components.bundle import Take, create_component

_votes = create_component("votes")


@dataclass(frozen=True, slots=True)
class Payload:
    """What the script reads; its type `Payload` says of each field what it is."""

    code: str
    secret: str
    is_wall: bool


def show_votes(payload: Payload, *, key: str, on_reveal: Take | None = None) -> None:
    """Show the votes of a class as they come.

    Args:
        payload: See `Payload`.
        key: Of the component.
        on_reveal: Gets the number of a question whose answer was shown here.
    """
    _votes.show(payload, key=key, revealed=on_reveal)

"""The whole network at once: its parts with their strongest maps."""

from cnnviz.figures.network_view import NetworkView as Payload
from cnnviz.web.components.bundle import Take, create_component

_network_view = create_component("network_view")


def show_network_view(
    payload: Payload, *, key: str, on_pick: Take, on_open: Take, on_draw: Take, on_enter: Take
) -> None:
    """Draw a network with its maps.

    Args:
        payload: Of figures.network_view.pack_network.
        key: Key of the component.
        on_pick: A part was chosen: {"part", "channel"}.
        on_open: A part was opened or closed: the names of those that are open.
        on_draw: A stroke is done: the drawing.
        on_enter: A layer was entered: {"part", "channel"}.
    """
    _network_view.show(
        payload, key=key, picked=on_pick, opened=on_open, strokes=on_draw, entered=on_enter
    )

"""The component that shows what a network makes of a camera's frames, or of one image."""

from dataclasses import dataclass
from typing import Any

from cnnviz.figures.colors import Colored
from cnnviz.web.components.bundle import Take, create_component

_camera = create_component("camera")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Payload(Colored):
    """What the script reads; its type `Payload` says of each field what it is."""

    network: str
    layer: str
    title: str
    side: int
    rows: int
    columns: int
    mirror: bool
    image: dict[str, Any] | None
    sight: dict[str, Any] | None


def show_camera(payload: Payload, *, key: str, on_send: Take) -> None:
    """Show the camera's figure.

    Args:
        payload: The network, what it is to be sent, and what it makes of the workbench's image.
        key: Key of the component.
        on_send: Called with a frozen frame that the visitor sends on: a file's base64.
    """
    _camera.show(payload, key=key, sent=on_send)

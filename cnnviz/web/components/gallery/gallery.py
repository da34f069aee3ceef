"""Thumbnails to choose a sample from."""

from collections.abc import Sequence
from dataclasses import dataclass

from cnnviz.web.components.bundle import Take, create_component

_gallery = create_component("gallery")


@dataclass(frozen=True, slots=True)
class Thumbnail:
    """A sample to choose.

    Attributes:
        key: What is reported when it is picked.
        title: Its name.
        group: The heading that it stands under.
        label: What ImageNet calls it, where that is known.
        image: Base64 of an upload's PNG; the browser asks for a sample's when it is seen.
    """

    key: str
    title: str
    group: str
    label: str = ""
    image: str | None = None


@dataclass(frozen=True, slots=True)
class Payload:
    """What the script reads; its type `Payload` says of each field what it is."""

    samples: Sequence[Thumbnail]
    follows: str


def show_gallery(samples: Sequence[Thumbnail], *, key: str, on_pick: Take) -> None:
    """Show samples to choose from; `on_pick` is called with the key of the chosen one."""
    _gallery.show(Payload(samples=samples, follows=key), key=key, picked=on_pick)

"""Thumbnails to choose a sample from."""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass

from cnnviz.web.components.bundle import create_component

_gallery = create_component("gallery")


@dataclass(frozen=True, slots=True)
class Thumbnail:
    """A sample to choose.

    Attributes:
        key: What is reported when it is picked.
        title: Its name.
        picture: Base64 of a PNG.
    """

    key: str
    title: str
    picture: str


@dataclass(frozen=True, slots=True)
class Payload:
    """What the script reads.

    Attributes:
        samples: To choose from.
        follows: Under which name the chosen title is told by choices.tell_choices.
    """

    samples: tuple[Thumbnail, ...]
    follows: str


def show_gallery(samples: Sequence[Thumbnail], *, key: str, on_pick: Callable[[], None]) -> None:
    """Show samples to choose from.

    Args:
        samples: To choose from.
        key: Key of the component, whose trigger `picked` holds a sample's key in `on_pick`.
        on_pick: Called before the rerun that follows a choice.
    """
    payload = Payload(samples=tuple(samples), follows=key)
    _gallery(key=key, data=asdict(payload), on_picked_change=on_pick)

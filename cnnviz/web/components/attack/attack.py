"""Image, change and result, with a slider through all results that asks no server."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from cnnviz.figures.attack import Frame
from cnnviz.images.image import Pixels
from cnnviz.web.components.bundle import create_component, take_index

_attack = create_component("attack")


@dataclass(frozen=True, slots=True, eq=False)
class Payload:
    """What the script reads; its type `Payload` says of each field what it is."""

    original: Pixels
    height: int
    width: int
    top: tuple[tuple[str, float], ...]
    titles: tuple[str, str, str]
    image_note: str
    result_note: str
    slider: str
    follows: str
    start: int
    frames: Sequence[Frame]


def show_sweep(
    original: Pixels,
    frames: Sequence[Frame],
    *,
    top: tuple[tuple[str, float], ...],
    titles: tuple[str, str, str],
    notes: tuple[str, str],
    slider: str,
    start: int,
    key: str,
    on_move: Callable[[int], object],
) -> None:
    """Show the lecture's figure, see `Payload`; the page's mark of this key tells the chosen frame.

    `start` must not follow the slider: the frames are large, and would be sent again. `on_move` is
    called with the frame on which the slider came to rest.
    """
    height, width = original.shape[:2]
    payload = Payload(
        original=original,
        height=height,
        width=width,
        top=top,
        titles=titles,
        image_note=notes[0],
        result_note=notes[1],
        slider=slider,
        follows=key,
        start=start,
        frames=frames,
    )
    _attack.show(payload, key=key, moved=take_index(on_move, count=len(frames)))

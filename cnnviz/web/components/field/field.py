"""Stacks of layers over one input, and what their cells see."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from cnnviz.figures.colors import Colored
from cnnviz.figures.receptive_field import DrawnStack, pack_stack
from cnnviz.images.image import Pixels
from cnnviz.web.components.bundle import Take, create_component

_field = create_component("field")


@dataclass(frozen=True, slots=True, eq=False)
class Payload(Colored):
    """What the script reads; its type `Payload` says of each field what it is."""

    size: int
    stacks: list[dict[str, Any]]
    image: Pixels | None


def show_fields(
    stacks: Sequence[DrawnStack],
    *,
    size: int,
    channels: int,
    image: Pixels | None,
    on_edit: Take,
    key: str,
) -> None:
    """Draw one or two stacks over the same input, and let their layers be edited.

    Args:
        stacks: The stacks; those without rows show their controls only.
        size: Side of the input, in pixels.
        channels: Channels of every layer.
        image: What lies on the input, uint8 (size, size, 3), or None for bare pixels.
        on_edit: Called with {"stack": key, "text": notation}.
        key: Key of the component.
    """
    packed = [pack_stack(stack, size=size, channels=channels) for stack in stacks]
    _field.show(Payload(size=size, stacks=packed, image=image), key=key, edited=on_edit)

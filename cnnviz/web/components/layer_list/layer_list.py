"""The layers of a small network as rows of controls, with what each gives and costs."""

from collections.abc import Sequence
from dataclasses import dataclass

from cnnviz.web.components.bundle import Take, create_component

_layer_list = create_component("layer_list")


@dataclass(frozen=True, slots=True)
class Row:
    """A layer; its numbers are those of `network_builder.BuilderLayer`, its costs are written.

    Attributes:
        output: Shape of what it gives; empty where it or a layer below does not fit.
    """

    block: str
    size: int
    kernel: int
    stride: int
    padding: int
    output: str = ""
    parameters: str = ""
    multiply_adds: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Payload:
    """What the script reads; its type `Payload` says of each field what it is."""

    rows: Sequence[Row]
    most: int
    input: str


def show_layer_list(rows: Sequence[Row], *, most: int, shape: str, on_edit: Take, key: str) -> None:
    """Show the list, and let it be edited.

    Args:
        rows: The layer next to the image first.
        most: Rows at most.
        shape: Of the image.
        on_edit: Called with the notation of the edited list.
        key: Key of the component.
    """
    _layer_list.show(Payload(rows=rows, most=most, input=shape), key=key, edited=on_edit)

"""The arithmetic of one number by itself."""

from dataclasses import dataclass
from typing import Any

from cnnviz.web.components.bundle import create_component
from cnnviz.web.components.shared.packing import color_tables, pack

_sum = create_component("sum")


@dataclass(frozen=True, slots=True, eq=False)
class Payload:
    """What the script reads.

    Attributes:
        sum: What figures.sums.pack_sum packed.
        colors: Colour scales.
    """

    sum: dict[str, Any]
    colors: dict[str, dict[str, str]]


def show_sum(arithmetic: dict[str, Any], *, key: str) -> None:
    """Mount the arithmetic of one cell by itself.

    Args:
        arithmetic: What figures.sums.pack_sum packed.
        key: Key of the component.
    """
    _sum(key=key, data=pack(Payload(sum=arithmetic, colors=color_tables())))

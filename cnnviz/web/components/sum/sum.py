"""The arithmetic of one number by itself."""

from dataclasses import dataclass
from typing import Any

from cnnviz.figures.colors import Colored
from cnnviz.web.components.bundle import create_component

_sum = create_component("sum")


@dataclass(frozen=True, slots=True, eq=False)
class Payload(Colored):
    """What the script reads: what figures.sums.pack_sum packed."""

    sum: dict[str, Any]


def show_sum(arithmetic: dict[str, Any], *, key: str) -> None:
    """Mount the arithmetic of one cell, which figures.sums.pack_sum packed."""
    _sum.show(Payload(sum=arithmetic), key=key)

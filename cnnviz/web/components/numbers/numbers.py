"""Kernels as tables of coloured numbers."""

from dataclasses import dataclass
from typing import Any

from cnnviz.maps import Values
from cnnviz.web.components.bundle import create_component
from cnnviz.web.components.shared.packing import color_tables, pack

_numbers = create_component("numbers")


@dataclass(frozen=True, slots=True, eq=False)
class Payload:
    """What the script reads.

    Attributes:
        grids: Names and rows of the kernels.
        limit: The magnitude that gets the end of the colour scale.
        colors: Colour scales.
    """

    grids: list[dict[str, Any]]
    limit: float
    colors: dict[str, dict[str, str]]


def show_numbers(kernels: Values, *, names: list[str], limit: float, key: str) -> None:
    """Show kernels as tables of coloured numbers.

    Args:
        kernels: (n, K, K).
        names: One a kernel.
        limit: The magnitude that gets the end of the colour scale.
        key: Key of the component.
    """
    grids = [
        {"name": name, "rows": kernel.tolist()} for name, kernel in zip(names, kernels, strict=True)
    ]
    _numbers(key=key, data=pack(Payload(grids=grids, limit=limit, colors=color_tables())))

"""Kernels as tables of coloured numbers."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from cnnviz.activations.maps import Values
from cnnviz.figures.colors import Colored
from cnnviz.web.components.bundle import create_component

_numbers = create_component("numbers")


@dataclass(frozen=True, slots=True, eq=False)
class Payload(Colored):
    """What the script reads; its type `Payload` says of each field what it is."""

    grids: list[dict[str, Any]]
    limit: float


def show_numbers(kernels: Values, *, names: Sequence[str], limit: float, key: str) -> None:
    """Show kernels, (n, K, K), as tables of coloured numbers, each with its name."""
    pairs = zip(names, kernels, strict=True)
    grids = [{"name": name, "rows": kernel.tolist()} for name, kernel in pairs]
    _numbers.show(Payload(grids=grids, limit=limit), key=key)

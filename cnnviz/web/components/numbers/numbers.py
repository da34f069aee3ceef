"""Kernels as tables of coloured numbers."""

from cnnviz.maps import Values
from cnnviz.web.components.bundle import create_component
from cnnviz.web.components.shared.packing import color_tables

_numbers = create_component("numbers")


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
    _numbers(key=key, data={"grids": grids, "limit": limit, "colors": color_tables()})

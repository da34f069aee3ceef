"""The arithmetic of one number by itself."""

from typing import Any

from cnnviz.web.components.bundle import create_component
from cnnviz.web.components.shared.packing import color_tables

_sum = create_component("sum")


def show_sum(arithmetic: dict[str, Any], *, key: str) -> None:
    """Mount the arithmetic of one cell by itself.

    Args:
        arithmetic: What figures.sums.pack_sum packed.
        key: Key of the component.
    """
    _sum(key=key, data={"sum": arithmetic, "colors": color_tables()})

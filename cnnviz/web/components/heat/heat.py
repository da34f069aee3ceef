"""Effective fields as heat maps."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from cnnviz.figures.colors import Colored
from cnnviz.figures.receptive_field import pack_effective
from cnnviz.receptive_fields.effective import EffectiveField
from cnnviz.web.components.bundle import create_component

_heat = create_component("heat")


@dataclass(frozen=True, slots=True, eq=False)
class Payload(Colored):
    """What the script reads; its type `Payload` says of each field what it is."""

    panels: list[dict[str, Any]]
    label: str


def show_heat(fields: Sequence[tuple[str, EffectiveField]], *, label: str, key: str) -> None:
    """Show effective fields side by side, each with its title and what it says."""
    panels = [pack_effective(title, field) for title, field in fields]
    _heat.show(Payload(panels=panels, label=label), key=key)

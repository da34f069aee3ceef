"""Controls that say how strongly an image is corrupted, one a corruption."""

from collections.abc import Iterable, Mapping
from typing import Any

from cnnviz.images.corruptions import STRENGTHS, Corruption
from cnnviz.web.controls.kinds import number

Fields = Mapping[str, Corruption]


def corruption(kind: Corruption) -> Any:
    """Declare the strength of a corruption; at first it changes nothing."""
    its = STRENGTHS[kind]
    note = f"Measured in {its.unit}."
    return number(str(kind), its.least, its.most, step=its.step, help=note)


def name_fields(kinds: Iterable[Corruption]) -> dict[str, Corruption]:
    """Return corruptions by the fields of their strengths."""
    return {kind.name.lower(): kind for kind in kinds}


def read_strengths(values: Any, fields: Fields) -> dict[Corruption, float]:
    """Return the strengths that change anything."""
    found = {kind: getattr(values, name) for name, kind in fields.items()}
    return {kind: value for kind, value in found.items() if value > STRENGTHS[kind].least}


def list_weakest(fields: Fields) -> dict[str, int]:
    """Return the strengths that change nothing, by field."""
    return {name: STRENGTHS[kind].least for name, kind in fields.items()}

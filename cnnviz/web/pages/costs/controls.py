"""What a visitor chooses on the cost page, and the tables that follow from it."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from cnnviz.cached import get_architecture_costs
from cnnviz.costs.rows import Convention, CostRow, Fold, fold_rows
from cnnviz.errors import CNNVizError
from cnnviz.networks.zoo.architecture import Architecture
from cnnviz.networks.zoo.architectures import get_architecture, list_titles
from cnnviz.web.controls.kinds import choice, number, several
from cnnviz.web.state import PageState

_LARGEST_INPUT = 2048
_NONE = "none"


class Unit(StrEnum):
    """As how many operations a multiply-add counts."""

    ONE = "as one"
    TWO = "as two"


EXTRAS = {
    "biases": "biases",
    "normalization": "normalization",
    "elementwise": "activations, sums",
    "pooling": "pooling",
}


def make_convention(at: Any) -> Convention:
    """Return what counts as an operation."""
    return Convention(twice=at.unit is Unit.TWO, **dict.fromkeys(at.also, True))


def list_rows(at: Any) -> tuple[CostRow, ...]:
    """Return the first network's layers; none where it does not take the input."""
    try:
        table = get_architecture_costs(at.architecture, find_size(at, at.architecture))
    except CNNVizError:
        return ()
    return fold_rows(table, fold=Fold.LAYERS, convention=make_convention(at))


def find_size(at: Any, name: str) -> int:
    """Return the input size of a network: the visitor's, or its own."""
    return int(at.size or get_architecture(name).input_size)


def _find_largest(at: Any) -> str:
    rows = list_rows(at)
    return max(rows, key=lambda row: row.operations).title if rows else ""


@dataclass(frozen=True)
class CostControls:
    """One or two architectures, their input, what counts, and the layer that is worked out."""

    architecture: str = choice(
        lambda _at: list_titles(), "Architecture", default="alexnet_2012", look="list"
    )
    beside: str = choice(
        lambda _at: {_NONE: "Nothing", **list_titles()}, "Compare with", look="list"
    )
    size: int = number("Input size", 0, _LARGEST_INPUT, default=0, look="box")
    unit: Unit = choice(Unit, "Multiply-adds count")
    also: tuple[str, ...] = several(list(EXTRAS), "Also count", titles=EXTRAS, most=4, default=())
    layer: str = choice(
        lambda at: [row.title for row in list_rows(at)] or [""],
        "Layer",
        default=_find_largest,
        look="list",
        follows=("architecture",),
    )
    fold: Fold = choice(Fold, "Rows", default=Fold.LAYERS)


def list_networks(at: Any) -> list[Architecture]:
    """Return the architectures that are shown."""
    names = [at.architecture, *([] if at.beside == _NONE else [at.beside])]
    return [get_architecture(name) for name in names]


Page = PageState[CostControls]

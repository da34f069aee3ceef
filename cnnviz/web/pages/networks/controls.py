"""What a visitor chooses on the page of networks."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from cnnviz.networks.weights.files import read_cards
from cnnviz.networks.zoo import get_network, list_names
from cnnviz.training.history import find_histories
from cnnviz.web.controls.kinds import choice, several
from cnnviz.web.state import PageState

_MAX_CURVES = 12
RESIDUAL, PLAIN = "resnet64", "plain64"
_USUAL = ("alexnet64", "vgg64", "googlenet64", RESIDUAL, PLAIN)


class Shown(StrEnum):
    """Which networks the table has."""

    HERE = "with weights"
    ALL = "all"


def _list_trained(at: Any) -> dict[str, str]:  # noqa: ARG001  (of every page state alike)
    return {name: get_network(name).title for name in find_histories(read_cards()[0])}


def _choose_trained(at: Any) -> tuple[str, ...]:
    trained = tuple(_list_trained(at))
    return tuple(name for name in trained if name in _USUAL) or trained[:_MAX_CURVES]


def _list_titles(at: Any) -> dict[str, str]:  # noqa: ARG001
    return {one.name: one.title for one in list_names()}


@dataclass(frozen=True)
class NetworkControls:
    """The networks of the table, the one that is opened, and the training curves."""

    show: Shown = choice(Shown, "Networks")
    network: str = choice(_list_titles, "Network", default=lambda at: at.bench.network, look="list")
    trained: tuple[str, ...] = several(
        _list_trained, "Training curves", most=_MAX_CURVES, default=_choose_trained
    )


Page = PageState[NetworkControls]

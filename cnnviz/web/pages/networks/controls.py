"""What a visitor chooses on the page of networks."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from cnnviz.errors import CNNVizError
from cnnviz.training.history import History, read_history
from cnnviz.web.controls.kinds import choice, several
from cnnviz.weights import list_weights, read_card
from cnnviz.zoo import get_network, list_names

_MAX_CURVES = 12
RESIDUAL, PLAIN = "resnet64", "plain64"
_USUAL = ("alexnet64", "vgg64", "googlenet64", RESIDUAL, PLAIN)


class Shown(StrEnum):
    """Which networks the table has."""

    HERE = "with weights"
    ALL = "all"


def read_cards() -> tuple[dict[str, dict[str, Any]], list[CNNVizError]]:
    """Return what the model cards on this machine say, by network, and what is wrong with them."""
    cards: dict[str, dict[str, Any]] = {}
    problems: list[CNNVizError] = []
    for name, file in list_weights().items():
        if file.path.with_suffix(".json").is_file():
            try:
                cards[name] = read_card(name, folder=file.path.parent).facts
            except CNNVizError as error:
                problems.append(error)
    return cards, problems


def find_histories(cards: Mapping[str, Mapping[str, Any]]) -> dict[str, History]:
    """Return the trainings that the model cards tell of, by network."""
    told = {name: read_history(facts) for name, facts in cards.items()}
    return {name: history for name, history in told.items() if history is not None}


def _list_trained(at: Any) -> list[str]:  # noqa: ARG001  (of every page state alike)
    return list(find_histories(read_cards()[0]))


def _choose_trained(at: Any) -> tuple[str, ...]:
    trained = _list_trained(at)
    usual = tuple(name for name in trained if name in _USUAL)
    return usual or tuple(trained[:_MAX_CURVES])


@dataclass(frozen=True)
class NetworkControls:
    """The networks of the table, the one that is opened, and the training curves."""

    show: Shown = choice(Shown, "Networks")
    network: str = choice(
        lambda at: [listing.name for listing in list_names()],  # noqa: ARG005
        "Network",
        titles=lambda at: {one.name: one.title for one in list_names()},  # noqa: ARG005
        default=lambda at: at.bench.network,
        look="list",
        help="Or click a row.",
    )
    trained: tuple[str, ...] = several(
        _list_trained,
        "Training curves",
        titles=lambda at: {name: get_network(name).title for name in _list_trained(at)},
        most=_MAX_CURVES,
        default=_choose_trained,
    )

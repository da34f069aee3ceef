"""Controls whose options come from the network on the workbench: layer, channel, cell, class."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from cnnviz.images.image import clean_name
from cnnviz.networks.class_names import title_classes
from cnnviz.networks.graph.layer_names import title_layers
from cnnviz.networks.graph.layers import Layer, LayerKind
from cnnviz.networks.zoo import get_network
from cnnviz.web.controls.kinds import AddressError, Choice, choice, coded, declare, number

Cell = tuple[int, int]
GUESS = -1


def find_first_convolution(at: Any) -> str:
    """Return the name of the network's first convolution, or of its first layer."""
    layers = at.bench.model.graph.layers
    convolutions = (each for each in layers if each.kind is LayerKind.CONVOLUTION)
    return str(next(convolutions, layers[0]).name)


def layer(
    label: str = "Layer",
    *,
    default: Callable[[Any], str] = find_first_convolution,
    where: Callable[[Layer], bool] = lambda layer: True,  # noqa: ARG005
    **rest: Any,
) -> Any:
    """Declare a layer of the workbench's network, by its name.

    Args:
        label: What stands on the widget.
        default: Gives the first layer's name from `at`.
        where: Which layers are offered.
        rest: See `Choice`.
    """

    def list_layers(at: Any) -> dict[str, str]:
        return title_layers([one for one in at.bench.model.graph.layers if where(one)])

    follows = ("network",)
    return choice(list_layers, label, default=default, look="list", follows=follows, **rest)


def channel(
    label: str = "Channel",
    *,
    default: Callable[[Any], int] | int = 0,
    follows: tuple[str, ...] = (),
    **rest: Any,
) -> Any:
    """Declare a channel of the layer in the field `layer`."""

    def find_last(at: Any) -> int:
        return int(at.bench.model.graph.find(at.layer).shape[0]) - 1

    follows = ("network", "layer", *follows)
    return number(label, 0, find_last, default=default, look="box", follows=follows, **rest)


def write_cell(value: Cell | None) -> str:
    """Write a cell for an address: row and column."""
    return "none" if value is None else f"{value[0]}.{value[1]}"


def read_cell(text: str) -> Cell | None:
    """Read a cell from an address.

    Raises:
        ValueError: It is none.
    """
    if text == "none":
        return None
    row, column = (int(part) for part in text[:20].split("."))
    return row, column


def cell(
    label: str = "Cell",
    *,
    size: Callable[[Any], tuple[int, int]],
    follows: tuple[str, ...] = (),
) -> Any:
    """Declare a cell (row, column) that a figure sets, None where nothing is pinned.

    Args:
        label: For the sentence about a wrong address.
        size: Gives the rows and columns that there are from `at`.
        follows: Fields at whose change nothing is pinned any more.
    """

    def is_inside(value: Cell | None, at: Any) -> bool:
        rows, columns = size(at)
        return value is None or (0 <= value[0] < rows and 0 <= value[1] < columns)

    follows = ("network", *follows)
    return coded(label, decode=read_cell, encode=write_cell, is_valid=is_inside, follows=follows)


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassChoice(Choice):
    """A class of the workbench's network by its index, or its top-1 class (`GUESS`)."""

    guess_title: str | None = None
    guess_text: str = "guess"

    # Of the registry, not the model: a network whose weights are broken has classes too.
    def _names(self, at: Any) -> tuple[str, ...]:
        return title_classes(get_network(at.bench.network).classes)

    def list_titles(self, at: Any) -> dict[Any, str]:
        titles = dict(enumerate(self._names(at)))
        return titles if self.guess_title is None else {GUESS: self.guess_title} | titles

    def parse(self, text: str, at: Any) -> int:
        if text.lower() == self.guess_text and self.guess_title is not None:
            return GUESS
        names = [name.lower() for name in self._names(at)]
        if text.lower() in names:
            return names.index(text.lower())
        if text.isascii() and text.isdigit() and int(text[:9]) < len(names):
            return int(text)
        raise AddressError(f"There is no class “{clean_name(text)}” in this network")

    def write(self, value: Any) -> str:
        return self.guess_text if value == GUESS else str(value)


def target_class(
    label: str = "Class",
    *,
    guess: str | None = None,
    follows: tuple[str, ...] = (),
    **rest: Any,
) -> Any:
    """Declare a class of the workbench's network, by its index.

    Args:
        label: What stands on the widget.
        guess: Title of the option "whatever the network guesses"; None for no such option.
        follows: Further fields at whose change the default returns.
        rest: See `ClassChoice`.
    """
    follows = ("network", *follows)
    return declare(
        ClassChoice(label=label, guess_title=guess, look="list", follows=follows, **rest)
    )

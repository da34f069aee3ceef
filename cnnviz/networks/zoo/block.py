"""What is known of a block: how it is built, of which network it is, what to look at."""

from collections.abc import Callable
from dataclasses import dataclass

from torch import nn

from cnnviz.networks.zoo.architecture import Architecture
from cnnviz.networks.zoo.architectures import get_architecture
from cnnviz.networks.zoo.stacks import named_stack

# Input channels that keep the proportions of most blocks whole.
EIGHTHS = (16, 32, 64, 96, 128, 192, 256, 384, 512)
QUARTERS = (32, 64, 128, 256, 512, 1024)


@dataclass(frozen=True, slots=True, eq=False)
class Block:
    """What an architecture is known for.

    Attributes:
        name: Key in URLs.
        title: What the literature calls it.
        label: The architecture, shortly.
        architecture: Its name in the list of architectures.
        place: Module of the network that this block is; several names of a chain as "first:last".
        look: What to look at in the drawing, in one or two sentences.
        build: From the number of input channels to the module.
        channels: Of the input, as published.
        size: Height and width of the input, as published.
        pair: The comparison that goes with it.
        choices: Input channels that keep its proportions whole; the published one alone where the
            module is taken out of the network as it is.
    """

    name: str
    title: str
    label: str
    architecture: str
    place: str
    look: str
    build: Callable[[int], nn.Module]
    channels: int
    size: int
    pair: str
    choices: tuple[int, ...] = ()

    @property
    def network(self) -> Architecture:
        """The architecture that it is of."""
        return get_architecture(self.architecture)


def take_part(architecture: str, place: str) -> nn.Module:
    """Build an architecture and return a part of it.

    Args:
        architecture: Name in the list.
        place: Path of a module, or "first:last" of a chain's or module's own layers.
    """
    entry = get_architecture(architecture)
    module = entry.build(entry.input_size)
    first, colon, last = place.partition(":")
    if not colon:
        return module.get_submodule(place)
    path, _, first = first.rpartition(".")
    layers = list(module.get_submodule(path).named_children())
    names = [name for name, _ in layers]
    return named_stack(layers[names.index(first) : names.index(last) + 1])

"""Every architecture whose cost can be shown, with or without weights.

This is a second list beside the registry of runnable networks: an entry here can be measured and
drawn, and holds no weights.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache

from torch import nn

from cnnviz.errors import NetworkError


@dataclass(frozen=True, slots=True, eq=False)
class Architecture:
    """A network's plan.

    Attributes:
        name: Key in the list and in URLs.
        title: Name as the field writes it.
        family: Name of the line of networks that it belongs to.
        year: Year of publication.
        paper: Authors, title and venue.
        idea: What was new, in one sentence.
        build: From the input's height and width to the module.
        input_size: Height and width that it was published for.
        channels: Of its input.
        notes: How this definition relates to the paper's and to other software's.
        slips: Where a lecture prints something else than the calculation, and why; true at
            `input_size` only.
        torchvision_name: Its name there; None where the definition is our own.
    """

    name: str
    title: str
    family: str
    year: int
    paper: str
    idea: str
    build: Callable[[int], nn.Module]
    input_size: int
    channels: int = 3
    notes: tuple[str, ...] = field(default=())
    slips: tuple[str, ...] = field(default=())
    torchvision_name: str | None = None


@cache
def list_architectures() -> tuple[Architecture, ...]:
    """Return all architectures, oldest first, those of one paper in the paper's order."""
    # Both lists are made of this module's class, so they are imported when it exists.
    from cnnviz.zoo.published import PUBLISHED
    from cnnviz.zoo.torchvision_list import list_torchvision

    return tuple(sorted((*PUBLISHED, *list_torchvision()), key=lambda entry: entry.year))


def get_architecture(name: str) -> Architecture:
    """Return an architecture by name.

    Raises:
        NetworkError: There is none of this name.
    """
    for entry in list_architectures():
        if entry.name == name:
            return entry
    known = ", ".join(entry.name for entry in list_architectures())
    raise NetworkError(f"There is no architecture “{name}”; choose one of: {known}.")

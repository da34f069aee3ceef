"""What is known of an architecture: its plan, where it comes from, how it relates to others."""

from collections.abc import Callable
from dataclasses import dataclass, field

from torch import nn


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

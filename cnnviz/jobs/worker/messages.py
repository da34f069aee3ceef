"""What the server and its worker say to each other."""

from dataclasses import dataclass
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class Order:
    """What the worker is to compute.

    Attributes:
        run: Of a heavy result, packed.
        prepare: What is called before it, packed.
    """

    run: bytes
    prepare: bytes


@dataclass(frozen=True, slots=True)
class Stop:
    """The wish that the run ends."""


@dataclass(frozen=True, slots=True)
class Forget:
    """The wish that nothing is kept whose key names this.

    Attributes:
        part: Of keys, such as an image's digest.
    """

    part: str


Request = Order | Stop | Forget


@dataclass(frozen=True, slots=True)
class Part:
    """How far a run is.

    Attributes:
        share: Share done, 0 to 1.
        step: What is being done.
        result: The newest result, packed; None where there is no newer one.
        shared: Values for the server's caches, each packed.
    """

    share: float
    step: str
    result: bytes | None
    shared: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class Ready:
    """The process has begun and waits for its first order."""


class Outcome(StrEnum):
    """How a run ended."""

    DONE = "done"
    STOPPED = "stopped"
    REFUSED = "refused"
    BROKEN = "broken"


@dataclass(frozen=True, slots=True)
class End:
    """The end of a run; the worker waits for the next order.

    Attributes:
        outcome: How it ended.
        text: Why it was refused, in a sentence, or where it broke; empty otherwise.
    """

    outcome: Outcome
    text: str = ""


Answer = Part | End

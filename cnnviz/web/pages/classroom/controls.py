"""The class that is shown, its teacher's key, what is shown of it, and how it is learned from."""

from dataclasses import dataclass
from enum import StrEnum

from cnnviz.classroom.store import CODE_LENGTH
from cnnviz.web.controls.kinds import choice, flag, number, text
from cnnviz.web.state import PageState

ALL = "all"
_DIGITS = {ALL: "All"} | {str(digit): str(digit) for digit in range(10)}
_LONGEST_KEY = 40
_RATES = ("0.0001", "0.0003", "0.001", "0.003")


class View(StrEnum):
    """What the page shows of a class."""

    WALL = "Wall"
    MAPS = "Averaged maps"
    DATA = "Data set"
    RESULTS = "Results"
    CONTEST = "Contest"


@dataclass(frozen=True)
class ClassroomControls:
    """The class, the key, the view, the filters, and how LeNet-5 is fine-tuned."""

    code: str = text("Code", longest=CODE_LENGTH)
    key: str = text("Key", longest=_LONGEST_KEY)
    show: View = choice(View, "View")
    asked: str = choice(_DIGITS, "Requested digit", default=ALL, look="list")
    guess: str = choice(_DIGITS, "Predicted digit", default=ALL, look="list")
    mistakes: bool = flag("Mistakes only")
    epochs: int = number("Epochs", 1, 30, default=10, look="box")
    rate: str = choice(_RATES, "Learning rate", default="0.0003", look="list")
    seed: int = number("Seed", 0, 999, default=0, look="box")


Page = PageState[ClassroomControls]


def read_digit(choice: str) -> int | None:
    """Return the digit of a filter, None for all."""
    return None if choice == ALL else int(choice)

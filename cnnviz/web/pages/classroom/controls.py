"""The class that is shown, its teacher's key, and which of its drawings are on the wall."""

from dataclasses import dataclass

from cnnviz.classroom.store import CODE_LENGTH
from cnnviz.web.controls.kinds import choice, flag, text
from cnnviz.web.state import PageState, find_store

ALL = "all"
_DIGITS = {ALL: "All"} | {str(digit): str(digit) for digit in range(10)}
_LONGEST_KEY = 40


@dataclass(frozen=True)
class ClassroomControls:
    """The class, the key, and the filters."""

    code: str = text("Code", longest=CODE_LENGTH)
    key: str = text("Key", longest=_LONGEST_KEY)
    asked: str = choice(_DIGITS, "Requested digit", default=ALL, look="list")
    guess: str = choice(_DIGITS, "Predicted digit", default=ALL, look="list")
    mistakes: bool = flag("Mistakes only")


Page = PageState[ClassroomControls]


def find_own_class() -> tuple[str, str] | None:
    """Return the code and key of the class that this visitor teaches, None where it is none."""
    store = find_store("classroom")
    code, key = store.get("code"), store.get("key")
    if isinstance(code, str) and isinstance(key, str) and code and key:
        return code, key
    return None

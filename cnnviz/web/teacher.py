"""The class that a visitor teaches: the browser's tab holds it, so that any page may be reloaded.

Its key is in the address of the class's own page alone, because teachers pass on the others.
"""

from cnnviz.classroom.store import check_teacher
from cnnviz.errors import ClassroomError
from cnnviz.web.state import find_store, keep

_PAGE = "classroom"
_UNKNOWN = (403, 404)  # another key, or no such class any more


def find_own_class() -> tuple[str, str] | None:
    """Return the code and key of the class that this visitor teaches, None where it is none."""
    store = find_store(_PAGE)
    code, key = store.get("code"), store.get("key")
    if isinstance(code, str) and isinstance(key, str) and code and key:
        return code, key
    return None


def write_own_class() -> str | None:
    """Return what the tab is to hold: code and key, nothing, or None for what it holds now."""
    own = find_own_class()
    if own is not None:
        return " ".join(own)
    return "" if "code" in find_store(_PAGE) else None


def take_own_class(held: object) -> None:
    """Take the class that the tab holds after a reload, where it is still there."""
    if not isinstance(held, str) or write_own_class() is not None:
        return
    code, _, key = held.partition(" ")
    try:
        check_teacher(code, key)
    except ClassroomError as error:
        if error.status not in _UNKNOWN:
            return
        code = key = ""
    keep(_PAGE, code=code, key=key)

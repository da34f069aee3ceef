"""A shelf for large things that many threads share: loaded once, the least recently used leaves."""

import gc
import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Generic, TypeVar

T = TypeVar("T")


@dataclass(slots=True)
class _Place(Generic[T]):
    """A name's place; whoever comes second waits for its lock while the first loads."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    value: T | None = None
    size: int = 0


class Shelf(Generic[T]):
    """Keeps values by name, together at most a number of bytes."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        # The least recently used first.
        self._places: OrderedDict[str, _Place[T]] = OrderedDict()

    def take(self, name: str, load: Callable[[], T]) -> T:
        """Return the value of a name; the first call loads it, others wait for that.

        Args:
            name: Key.
            load: Makes the value; it calls `make_room` before it fills memory.
        """
        with self._lock:
            place = self._places.setdefault(name, _Place())
            self._places.move_to_end(name)
        # Another name's loading holds another lock: only visitors of this name wait.
        with place.lock:
            if place.value is None:
                try:
                    place.value = load()
                finally:
                    if place.value is None:
                        place.size = 0  # what failed takes no room
            return place.value

    def make_room(self, name: str, *, size: int, limit: int) -> None:
        """Let the least recently used go until a value of `size` bytes fits into `limit`.

        Args:
            name: Key of the value that is being loaded.
            size: Its bytes.
            limit: Most bytes that may be kept, `size` among them.
        """
        with self._lock:
            kept = sum(place.size for place in self._places.values())
            leaving = []
            for other, place in self._places.items():
                if kept + size <= limit:
                    break
                if other != name and place.value is not None:
                    leaving.append(other)
                    kept -= place.size
            for other in leaving:
                del self._places[other]
            self._places[name].size = size
        if leaving:
            _collect()

    def list_kept(self) -> dict[str, int]:
        """Return the bytes of what is kept, by name, the least recently used first."""
        with self._lock:
            return {
                name: place.size for name, place in self._places.items() if place.value is not None
            }


def _collect() -> None:
    """Set the memory of what has left free: a traced network holds itself in a circle."""
    frozen = gc.get_freeze_count() > 0
    gc.unfreeze()  # the server freezes what it has loaded
    gc.collect()
    if frozen:
        gc.freeze()

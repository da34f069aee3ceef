"""What counts its changes, and tells them to those who look at it."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager


class Observable:
    """Something that changes while others look at it.

    Attributes:
        version: Counts every change.
    """

    def __init__(self) -> None:
        self.version = 0
        self._listeners: list[Callable[[], None]] = []
        self._lock = threading.RLock()

    @contextmanager
    def listen(self, on_change: Callable[[], None]) -> Iterator[None]:
        """Be called, in any thread, after each change for as long as this is open."""
        with self._lock:
            self._listeners.append(on_change)
        try:
            yield
        finally:
            with self._lock:
                self._listeners.remove(on_change)

    def announce(self) -> None:
        """Tell those who look at it that something about it has changed."""
        with self._lock:
            self.version += 1
            listeners = tuple(self._listeners)
        for listener in listeners:
            listener()

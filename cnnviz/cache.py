"""One cache for everything that many visitors share: bounded, locked, least recently used first.

Networks, finished heavy results and readings are kept in it. A key holds all that its value
depends on; of an image it holds the digest.
"""

import gc
import threading
import weakref
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, fields, is_dataclass
from typing import Any, Generic, TypeVar

import numpy as np
from torch import Tensor

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")

_OVERHEAD_BYTES = 64
_CACHES: "weakref.WeakSet[SizedLRUCache[Any, Any]]" = weakref.WeakSet()
_SHARED: "weakref.WeakValueDictionary[str, SizedLRUCache[Any, Any]]" = weakref.WeakValueDictionary()
_ELSEWHERE: list[Callable[[str], None]] = []

# A value that a job made or used, as it goes from the worker to the server: the name of its cache,
# its key, the value, and its bytes.
Shared = tuple[str, Hashable, Any, int]


@dataclass(slots=True)
class _Entry(Generic[V]):
    """A key's place; whoever comes second waits for its lock while the first loads."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    value: V | None = None
    size: int = 0


class SizedLRUCache(Generic[K, V]):
    """Keeps values by key, bounded in bytes and in entries; safe to use from many threads.

    Args:
        max_bytes: Most bytes of all values together; None where `make_room` bounds them.
        max_entries: Most values.
        shared: The name under which the worker sends the values of its jobs to the server's cache;
            empty for values that stay in the process that made them.
    """

    def __init__(
        self,
        *,
        max_bytes: int | None = None,
        max_entries: int | None = None,
        shared: str = "",
    ) -> None:
        self._max_bytes, self._max_entries = max_bytes, max_entries
        self._lock = threading.Lock()
        self._used: dict[K, None] | None = None  # since the last look; None where nobody looks
        # The least recently used first.
        self._entries: OrderedDict[K, _Entry[V]] = OrderedDict()
        _CACHES.add(self)
        if shared:
            _SHARED[shared] = self

    def get(self, key: K) -> V | None:
        """Return the value of a key; None where there is none."""
        with self._lock:
            entry = self._entries.get(key)
            if entry is None:
                return None
            self._entries.move_to_end(key)
            self._note(key)
            return entry.value

    def put(self, key: K, value: V, *, size: int) -> None:
        """Keep a value of this many bytes; one over the bound is not kept, and nothing leaves."""
        with self._lock:
            if self._is_too_large(size):
                self._entries.pop(key, None)
                return
            self._entries[key] = _Entry(value=value, size=size)
            self._entries.move_to_end(key)
            self._note(key)
            self._evict()

    def get_or_load(
        self, key: K, load: Callable[[], V], *, size: Callable[[V], int] | None = None
    ) -> V:
        """Return the value of a key; the first call loads it, others wait for that.

        Args:
            key: All that the value depends on.
            load: Makes the value.
            size: Bytes of a value; None where `load` calls `make_room` before it fills memory.
        """
        with self._lock:
            entry = self._entries.setdefault(key, _Entry())
            self._entries.move_to_end(key)
            self._note(key)
        # Another key's loading holds another lock: only visitors of this key wait.
        with entry.lock:
            if entry.value is None:
                self._load(key, entry, load, size)
            value: V = entry.value  # type: ignore[assignment]  # loaded, or an error was raised
            return value

    def _load(
        self,
        key: K,
        entry: _Entry[V],
        load: Callable[[], V],
        size: Callable[[V], int] | None,
    ) -> None:
        with self._lock:
            self._entries[key] = entry  # a failed load before this one has taken it out
        try:
            value = load()
            taken = entry.size if size is None else size(value)
        except BaseException:
            with self._lock:
                entry.size = 0  # what failed takes no room
                if self._entries.get(key) is entry:
                    del self._entries[key]
            raise
        with self._lock:
            entry.value, entry.size = value, taken
            if self._is_too_large(taken) and self._entries.get(key) is entry:
                del self._entries[key]  # this visitor has it; the others' values stay
            self._evict()

    def make_room(self, key: K, *, size: int, limit: int) -> None:
        """Let the least recently used go until a value of `size` bytes fits into `limit`.

        Args:
            key: Of the value that is being loaded.
            size: Its bytes.
            limit: Most bytes that may be kept, `size` among them.
        """
        with self._lock:
            kept = sum(entry.size for entry in self._entries.values())
            leaving = []
            for other, entry in self._entries.items():
                if kept + size <= limit:
                    break
                if other != key and entry.value is not None:
                    leaving.append(other)
                    kept -= entry.size
            for other in leaving:
                del self._entries[other]
            self._entries.setdefault(key, _Entry()).size = size
        if leaving:
            _collect()

    def list_kept(self) -> dict[K, int]:
        """Return the bytes of what is kept, by key, the least recently used first."""
        with self._lock:
            return {
                key: entry.size for key, entry in self._entries.items() if entry.value is not None
            }

    def take_used(self) -> list[tuple[K, V, int]]:
        """Return what was put or asked for since the last call, and note it from now on."""
        with self._lock:
            used, self._used = self._used or {}, {}
            entries = [(key, self._entries[key]) for key in used if key in self._entries]
            return [(key, one.value, one.size) for key, one in entries if one.value is not None]

    def _note(self, key: K) -> None:
        if self._used is not None:
            self._used[key] = None

    def forget(self, part: str) -> None:
        """Keep nothing whose key names this, such as an image's digest."""
        with self._lock:
            for key in [key for key in self._entries if part in str(key)]:
                del self._entries[key]

    def clear(self) -> None:
        """Keep nothing."""
        with self._lock:
            self._entries.clear()

    def _is_too_large(self, size: int) -> bool:
        return self._max_bytes is not None and size > self._max_bytes

    def _evict(self) -> None:
        """Let the least recently used go until the bounds hold; the lock is held."""
        kept = {key: entry.size for key, entry in self._entries.items() if entry.value is not None}
        total, count = sum(kept.values()), len(kept)
        for key, size in kept.items():
            over_bytes = self._max_bytes is not None and total > self._max_bytes
            over_entries = self._max_entries is not None and count > self._max_entries
            if not (over_bytes or over_entries):
                return
            del self._entries[key]
            total, count = total - size, count - 1


def forget_everywhere(part: str) -> None:
    """Let no cache keep anything whose key names this, such as an image's digest."""
    for cache in tuple(_CACHES):
        cache.forget(part)
    for forget in tuple(_ELSEWHERE):
        forget(part)


@contextmanager
def forget_elsewhere_with(forget: Callable[[str], None]) -> Iterator[None]:
    """Have another process forget what this one's caches are told to, as long as it is there."""
    _ELSEWHERE.append(forget)
    try:
        yield
    finally:
        _ELSEWHERE.remove(forget)


def take_shared() -> list[Shared]:
    """Return what the shared caches put or were asked for since the last call."""
    caches = list(_SHARED.items())
    return [(name, *used) for name, cache in caches for used in cache.take_used()]


def put_shared(values: Iterable[Shared]) -> None:
    """Keep what another process's shared caches had."""
    for name, key, value, size in values:
        if name in _SHARED:
            _SHARED[name].put(key, value, size=size)


def estimate_bytes(value: Any) -> int:
    """Estimate the bytes of the arrays, tensors and texts in a result, a little for the rest."""
    if isinstance(value, Tensor | np.ndarray):
        return value.nbytes + _OVERHEAD_BYTES
    if isinstance(value, str | bytes):
        return len(value) + _OVERHEAD_BYTES
    if is_dataclass(value) and not isinstance(value, type):
        return sum(estimate_bytes(getattr(value, part.name)) for part in fields(value))
    if isinstance(value, Mapping):
        return sum(estimate_bytes(key) + estimate_bytes(part) for key, part in value.items())
    if isinstance(value, Sequence):
        return sum(map(estimate_bytes, value)) + _OVERHEAD_BYTES
    return _OVERHEAD_BYTES


def _collect() -> None:
    """Set the memory of what has left free: a traced network holds itself in a circle."""
    frozen = gc.get_freeze_count() > 0
    gc.unfreeze()  # the server freezes what it has loaded
    gc.collect()
    if frozen:
        gc.freeze()

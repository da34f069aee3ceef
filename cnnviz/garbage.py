"""Memory of a server that runs long: garbage collections that stay short, and few heaps.

Streamlit collects all garbage after every rerun and so walks every object in memory, 230 ms with
torch loaded, during which the interpreter does nothing else. What is frozen is not walked.
"""

import ctypes
import gc
import threading
import time
from contextlib import suppress

# Not at every rerun: what other visitors' pages have in hand would be frozen with the rest.
_FREEZE_SECONDS = 2.0
_LOOK_SECONDS = 5.0
# A thorough collection walks everything, half a second; it waits for a quiet moment, not for ever.
_QUIET_SECONDS, _BUSY_SECONDS = 60.0, 240.0
_OLDEST = 2
# glibc's number for the most heaps, and how many: each of twenty threads would have its own, which
# keeps what was free in it.
_ARENA_MAX, _HEAPS = -8, 2


def share_heaps() -> None:
    """Have all threads allocate from few heaps; called before there are threads."""
    with suppress(AttributeError, OSError, TypeError):  # another C library has no such call
        ctypes.CDLL(None).mallopt(_ARENA_MAX, _HEAPS)


def shorten_collections() -> None:
    """Freeze what there is, and from now on what survives the full collections.

    Objects that die in a circle after they were frozen are found by a thorough collection in the
    background, at most once a minute and only when pages have run. It also returns free memory.
    """
    gc.collect()
    gc.freeze()
    gc.callbacks.append(_Freezer().note)
    threading.Thread(target=_collect_thoroughly, name="garbage", daemon=True).start()


class _Freezer:
    """Freezes what has survived a full collection, if it is some time since it last did."""

    def __init__(self) -> None:
        self._frozen_at = -_FREEZE_SECONDS

    def note(self, phase: str, info: dict[str, int]) -> None:
        """Be told of a collection's start or stop."""
        now = time.monotonic()
        is_over = phase == "stop" and info["generation"] == _OLDEST
        if is_over and now - self._frozen_at >= _FREEZE_SECONDS:
            gc.freeze()
            self._frozen_at = now


def _collect_thoroughly() -> None:
    seen = before = _count_collections()
    collected_at = time.monotonic()
    while True:
        time.sleep(_LOOK_SECONDS)
        count, since = _count_collections(), time.monotonic() - collected_at
        patience = _QUIET_SECONDS if count == before else _BUSY_SECONDS
        before = count
        if count != seen and since >= patience:
            gc.unfreeze()
            gc.collect()
            gc.freeze()
            _return_free_memory()
            seen = before = _count_collections()
            collected_at = time.monotonic()


def _return_free_memory() -> None:
    """Give the system what is free within the heaps of glibc's threads; it keeps it otherwise."""
    with suppress(AttributeError, OSError, TypeError):  # another C library has no such call
        ctypes.CDLL(None).malloc_trim(0)


def _count_collections() -> int:
    return int(gc.get_stats()[_OLDEST]["collections"])

"""Garbage collection that stays short however long the server runs.

Streamlit collects all garbage after every rerun and so walks every object in memory, 230 ms with
torch loaded, during which the interpreter does nothing else. What is frozen is not walked.
"""

import gc
import threading
import time

_THOROUGH_SECONDS = 30.0
_OLDEST = 2


def shorten_collections() -> None:
    """Freeze what there is, and from now on what survives each full collection.

    Objects that die in a circle after they were frozen are found by a thorough collection in the
    background, at most twice a minute and only when pages have run.
    """
    gc.callbacks.append(_freeze_survivors)
    gc.collect()
    threading.Thread(target=_collect_thoroughly, name="garbage", daemon=True).start()


def _freeze_survivors(phase: str, info: dict[str, int]) -> None:
    if phase == "stop" and info["generation"] == _OLDEST:
        gc.freeze()


def _collect_thoroughly() -> None:
    seen = _count_collections()
    while True:
        time.sleep(_THOROUGH_SECONDS)
        if _count_collections() != seen:
            gc.unfreeze()
            gc.collect()
            seen = _count_collections()


def _count_collections() -> int:
    return int(gc.get_stats()[_OLDEST]["collections"])

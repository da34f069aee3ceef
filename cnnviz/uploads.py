"""Images that visitors upload: no cache keeps them longer than a visit that has them."""

import threading
import weakref
from collections import Counter

from cnnviz.cache import forget_everywhere
from cnnviz.images.image import CheckedImage

DIGEST = 12  # characters of an upload's digest that tell it from others


class Uploads(dict[str, CheckedImage]):
    """A visit's uploads by value; when the last visit with one ends, no cache keeps it."""

    def __init__(self) -> None:
        super().__init__()
        self._held: set[str] = set()
        weakref.finalize(self, _release, self._held)

    def keep(self, value: str, image: CheckedImage) -> None:
        """Keep an upload as the newest."""
        digest = image.digest[:DIGEST]
        if digest not in self._held:
            self._held.add(digest)
            with _HOLDING:
                _VISITS[digest] += 1
        self.pop(value, None)
        self[value] = image


_VISITS: Counter[str] = Counter()
# Reentrant: a visit may end, for the garbage collector, while another one's upload is counted.
_HOLDING = threading.RLock()


def _release(digests: set[str]) -> None:
    for digest in digests:
        with _HOLDING:
            _VISITS[digest] -= 1
            is_last = _VISITS[digest] <= 0
            if is_last:
                del _VISITS[digest]
        if is_last:
            # Not in this thread: it may hold a cache's lock when the collector comes by.
            threading.Thread(target=forget_everywhere, args=(digest,), daemon=True).start()

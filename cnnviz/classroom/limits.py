"""How much a class, a phone and a server may hold, and how often something may be tried."""

import threading
import time
from collections import deque

MAX_CLASSES = 200
MAX_PHONES = 100
MAX_DRAWINGS = 5000
MAX_ROUNDS = 2000
MAX_RUNS = 500  # submitted results of training
MAX_ATTACKS = 200  # submitted adversarial examples
MAX_SHEET_BYTES = 2 * 2**20  # of the image of one
MAX_LAYERS_TEXT = 1000  # characters of a network's notation
MAX_STROKES_TEXT = 8000  # characters of a packed drawing: 2,000 points
MAX_ADDRESS_TEXT = 16_000
MAX_NAME = 40
MAX_QUESTION_TEXT = 4000  # characters, each of the question, its choices together and its solution
MAX_CHOICES = 12
MAX_IMAGES_BYTES = 4 * 2**20  # of a question's images together
MAX_SECONDS = 3600


class RateLimit:
    """At most `count` times in `seconds` for each key; kept in memory only."""

    def __init__(self, count: int, seconds: float) -> None:
        self.count = count
        self._seconds = seconds
        self._times: dict[str, deque[float]] = {}
        self._lock = threading.Lock()

    def is_reached(self, key: str) -> bool:
        """Whether a further time would be one too many."""
        with self._lock:
            return len(self._find(key)) >= self.count

    def add(self, key: str) -> None:
        """Count one time."""
        with self._lock:
            self._times.setdefault(key, self._find(key)).append(time.monotonic())

    def _find(self, key: str) -> deque[float]:
        """The times of a key within the last seconds; keys without any are forgotten."""
        begin = time.monotonic() - self._seconds
        for other in [name for name, times in self._times.items() if times[-1] < begin]:
            del self._times[other]
        times = self._times.get(key, deque())
        while times and times[0] < begin:
            times.popleft()
        return times


drawing_rate = RateLimit(20, 60)  # of a phone
vote_rate = RateLimit(30, 60)  # of a phone
run_rate = RateLimit(10, 60)  # of a visitor
# Of a network address in a class. A school's phones may all have one, and come at the same time;
# fewer than a class takes, so that one device cannot fill it.
join_rate = RateLimit(80, 600)
wrong_keys = RateLimit(20, 60)  # of a class

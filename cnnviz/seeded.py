"""Random numbers for libraries that know only the process's generators."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import torch

_DRAWING = threading.Lock()


@contextmanager
def draw_seeded(seed: int) -> Iterator[None]:
    """Let a library draw from the process's generators as if they began at a seed.

    One thread at a time. Afterwards the process's are as they were. What takes long does not
    belong inside.
    """
    with _DRAWING:
        states = torch.get_rng_state(), np.random.get_state()
        torch.default_generator.manual_seed(seed)
        np.random.seed(seed % 2**32)
        try:
            yield
        finally:
            torch.set_rng_state(states[0])
            np.random.set_state(states[1])

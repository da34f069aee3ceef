"""How captum is called here: imported late, and its random numbers seeded without a trace."""

import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import torch

_DRAWING = threading.Lock()


def import_captum() -> Any:
    """Import captum's attribution methods, which takes two seconds the first time.

    Its warnings say of every network that it hangs hooks on it; ours is a private copy.
    """
    from captum import attr

    warnings.filterwarnings("ignore", module=r"captum\.")
    return attr


@contextmanager
def draw_seeded(seed: int) -> Iterator[None]:
    """Let captum draw from the process's generators as if they began at a seed.

    One thread at a time: captum knows no generators of its own. Afterwards the process's are as
    they were. What takes long does not belong inside.
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

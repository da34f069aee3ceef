"""How captum is called here: imported late, and its random numbers seeded without a trace."""

import threading
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import torch
from torch import Tensor

_DRAWING = threading.Lock()


def import_captum() -> Any:
    """Import captum's attribution methods, which takes two seconds the first time.

    Its warnings say of every network that it hangs hooks on it; ours is a private copy.
    """
    from captum import attr

    warnings.filterwarnings("ignore", module=r"captum\.")
    return attr


def explain_sets(name: str, ask: Callable[[Tensor], Tensor], count: int, **options: Any) -> Tensor:
    """Let one of captum's methods explain a logit by which of `count` parts are shown, (n,).

    Args:
        name: Of captum's class.
        ask: The logit for sets of parts, 0 or 1, (N, n) to (N,).
        count: How many parts.
        options: Of the class's `attribute`.
    """
    explainer = getattr(import_captum(), name)(ask)
    values: Tensor = explainer.attribute(torch.ones(1, count), baselines=0.0, **options)
    return values[0]


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
